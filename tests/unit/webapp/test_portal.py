"""The portal's pages: search, guides, tracking, and that nothing odd in an address is a fault of ours."""
from __future__ import annotations

import re

import pytest

from engine.api import unit_of_work
from parallel.cases.forms import Field, Option
from parallel.items.actions import suspend_item
from parallel.items.queries import search_items
from tests.builders import build_account
from tests.builders_cases import ZHANG, Hall, shipped
from webapp.portal.life_events import COMPANIES, PEOPLE
from webapp.portal.schemas import load_group, shown_value

pytestmark = pytest.mark.template("shipped", shipped)


def codes(page: str) -> list[str]:
    return re.findall(r'<tr id="row-(\w+)"', page)


# --- finding ----------------------------------------------------------------------------------------------

def test_six_themes_each_and_every_one_leads_to_items(app):
    assert len(PEOPLE) == len(COMPANIES) == 6
    for theme in PEOPLE + COMPANIES:
        if theme.search is not None:
            found = search_items(theme.search.get("q", ""), department=theme.search.get("department"),
                                 item_type=theme.search.get("type"), status="published")
            assert found.total, str(theme.label)


@pytest.mark.parametrize("words", ["施工许可", "shigongxuke", "sgxk", "B16", "Construction permit"])
def test_a_search_finds_by_name_pinyin_initials_code_and_english(client, words):
    assert "/items/B16" in client.get("/search", query_string={"q": words}).text


def test_a_case_number_in_the_search_leads_to_its_progress(client, hall):
    number = hall.file(hall.project(), "X00").number
    assert client.get("/search", query_string={"q": f" {number.lower()} "}).headers["Location"] == f"/track/{number}"


def test_projects_are_found_by_their_owner_only(app, login, client, hall):
    project = hall.project()
    build_account("zhang")
    assert f"/projects/{project.id}" in login(app.test_client(), ZHANG).get("/search?q=dyzx").text
    assert f"/projects/{project.id}" not in client.get("/search?q=dyzx").text


@pytest.mark.req("ITEM-9")
def test_region_department_type_and_status_together(client):
    listed = codes(client.get("/items?division=130200&department=zrzy&type=行政许可&status=published").text)
    expected = search_items(division="130200", department="zrzy", item_type="行政许可", status="published", per_page=100)
    assert sorted(listed) == sorted(item.code for item in expected.rows)
    by = "staff:qingdan"
    unit_of_work(lambda: suspend_item("L06", by=by, at=Hall().at))
    assert "L06" not in codes(client.get("/items?department=zrzy&type=行政许可").text)
    assert codes(client.get("/items?division=130200&department=zrzy&type=行政许可&status=suspended").text) == ["L06"]
    assert codes(client.get("/items?division=130200&department=zrzy&type=备案&status=suspended").text) == []


def test_the_list_has_pages(client):
    first, second = (codes(client.get(f"/items?page={page}").text) for page in (1, 2))
    assert len(first) == 20 and not set(first) & set(second)


# --- guides ------------------------------------------------------------------------------------------------

def test_a_guide_says_promise_conditions_materials_steps_fee_and_law(client):
    page = client.get("/items/B16").text
    for said in ("3 个工作日", "0 次跑动", "不收费", "工程投资≥30", "中标通知书", "建设工程规划许可证", "/items/B16/process.bpmn", "法律依据"):
        assert said in page, said
    drawing = client.get("/items/B16/process.bpmn")
    assert drawing.status_code == 200 and b"BPMNDiagram" in drawing.data


def test_a_guide_in_english(client):
    client.set_cookie("language", "en")
    page = client.get("/items/B16").text
    assert "Construction permit" in page and "Housing and Urban-Rural Development Bureau" in page


def test_an_item_that_is_suspended_cannot_be_applied_for(app, login, client, hall):
    unit_of_work(lambda: suspend_item("X00", by="staff:qingdan", at=hall.at))
    assert "现在不能申请" in client.get("/items/X00").text
    build_account("zhang")
    assert login(app.test_client(), ZHANG).post("/items/X00/apply").status_code == 409


def test_starting_an_item_of_a_project_leads_to_the_project(app, login, hall):
    project = hall.project()
    build_account("zhang")
    page = login(app.test_client(), ZHANG).get("/items/L01").text
    assert f"/projects/{project.id}/apply/1" in page


# --- tracking -----------------------------------------------------------------------------------------------

def test_wrong_numbers_are_all_answered_alike_and_not_often(client, hall):
    draft = hall.draft(hall.project(), "X00")
    pages = {re.sub(r"value=\"[^\"]*\"|next=[^\"]*|nonce[^\"]*|content=\"[^\"]*\"|href=\"/language[^\"]*\"", "", client.get(f"/track/{number}").text)
             for number in ("130200ZHCK20260302999999", str(draft.id), "%25")}
    assert len(pages) == 1
    assert client.get("/track/x").status_code == 404
    assert [client.get("/track/x").status_code for _ in range(20)][-1] == 429


def test_progress_by_number_shows_no_name(client, hall):
    application = hall.accepted(hall.project(), "L02")
    page = client.get(f"/track/{application.number}").text
    assert application.cases[0].number in page and "审查" in page
    for personal in (application.applicant_name, application.applicant_id_number, "第一中学新校区"):
        assert personal not in page


# --- who may -------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("path", [
    "/applications", "/projects", "/projects/new", "/notifications", "/applications/1", "/applications/1/form",
    "/cases/1/deadline", "/materials/1/download", "/documents/1.pdf", "/licences/1.pdf",
])
def test_what_is_personal_asks_to_sign_in(client, path):
    answer = client.get(path)
    assert answer.status_code == 302 and answer.headers["Location"].startswith("/login?next=")


def test_another_applicants_things_are_not_found(app, login, hall):
    case = hall.accepted(hall.project(), "L02").cases[0]
    draft = hall.draft(hall.project(), "X00")
    build_account("li")
    stranger = login(app.test_client(), "public:li")
    for path in (
        f"/applications/{case.application_id}", f"/applications/{draft.id}/form", f"/applications/{draft.id}/materials",
        f"/applications/{draft.id}/review", f"/applications/{draft.id}/correct", f"/applications/{case.application_id}/receipt",
        f"/cases/{case.id}/deadline", "/materials/1/download",
    ):
        assert stranger.get(path).status_code == 404, path
    for path in ("form?group=contact", "form/save", "materials?key=x", "materials/remove", "review", "withdraw"):
        assert stranger.post(f"/applications/{draft.id}/{path}").status_code == 404, path


@pytest.mark.parametrize("path", [
    "/items?page=-1", "/items?page=99999", "/items?page=x", "/items?status=draft", "/items?q=%25_%5C", "/items/NONE",
    "/items/NONE/process.bpmn", "/search?q=%00", "/search?q=" + "长" * 500, "/track?number=%20", "/track/" + "9" * 200,
    "/plan/none", "/plan/result", "/plan/notice", "/language/xx", "/verify/%F0%9F%8E%89",
])
def test_odd_addresses_are_answered(client, path):
    assert client.get(path).status_code in (200, 302, 404)


def test_odd_addresses_are_answered_to_who_is_signed_in(app, login, hall):
    build_account("zhang")
    browser = login(app.test_client(), ZHANG)
    application = hall.draft(hall.project(), "X00")
    for path in (
        "/applications?page=x&tab=none&q=%25", "/applications?q=" + "a" * 300, "/projects?page=-3&q=%25", "/applications/99999",
        f"/applications/{application.id}/form?group=none", f"/applications/{application.id}/receipt",
        f"/applications/{application.id}/correct", f"/projects/{application.project_id}/apply/9", "/cases/99999/deadline",
    ):
        assert browser.get(path).status_code in (200, 302, 404), path
    assert browser.post(f"/applications/{application.id}/materials?key=none", data={}).status_code in (302, 404, 422)
    assert browser.post("/notifications/read", data={"id": ["x", "99999999"]}).status_code == 302


# --- one form ------------------------------------------------------------------------------------------------

def test_every_fault_of_a_form_is_a_sentence_and_what_was_typed_stays(app):
    asked = [
        Field("contact_phone", "手机号", "Phone"), Field("area", "面积", "Area", "number"), Field("note", "备注", "Note", required=False),
        Field("delivery", "领取", "Delivery", "select", options=(Option("hall", "大厅", "Hall"),)), Field("code", "代码", "Code", read_only=True),
    ]
    with app.test_request_context("/"):
        typed, errors = load_group(asked, {"contact_phone": "12", "area": "1，200", "delivery": "moon", "code": "forged"})
        assert typed == {"contact_phone": "12", "area": "1200", "note": "", "delivery": "moon"}
        assert set(errors) == {"contact_phone", "delivery"}
        assert set(load_group(asked, {})[1]) == {"contact_phone", "area", "delivery"}
        assert shown_value(asked[3], {"delivery": "hall"}) == "大厅"


"""Registering a project in the portal, and applying for its stage, through the pages alone."""
from __future__ import annotations

import io
import re

import pypdf
import pytest

from engine.api import db
from parallel.cases import actions
from parallel.cases.actions.save_draft import fields_of
from parallel.cases.forms import PROMISE
from parallel.cases.models import Application
from parallel.materials.models import Material, StoredFile
from parallel.materials.queries import asked_materials
from parallel.projects.models import Project
from tests.builders import build_account
from tests.builders_cases import CLERK, ORGANISATION_CODE, ZHANG, case_of, filled, shipped

pytestmark = pytest.mark.template("shipped", shipped)

DETAILS = {
    "name": "第十二中学新建工程", "organisation": "市教育局", "organisation_code": ORGANISATION_CODE, "division_code": "130200",
}


@pytest.fixture
def now(clock, hall):
    """`now()` brings the pages' clock to the hall's, which every act moves on."""
    return lambda: clock.set(hall.later(minutes=1))


@pytest.fixture
def applicant(app, login, hall):
    build_account("zhang", name="张三", id_number="130202199001010010", phone="13900000000")
    return login(app.test_client(), ZHANG)


def fresh(thing):
    db.session.rollback()
    return db.session.get(type(thing), thing.id, populate_existing=True)


def sheet() -> tuple[io.BytesIO, str]:
    writer, content = pypdf.PdfWriter(), io.BytesIO()
    writer.add_blank_page(595, 842)
    writer.write(content)
    content.seek(0)
    return content, "材料.pdf"


# --- registering ----------------------------------------------------------------------------------------

def test_a_registered_project_has_a_code_a_plan_and_stages(applicant):
    answer = applicant.post("/projects/new", data=DETAILS)
    project = db.session.query(Project).one()
    assert answer.headers["Location"] == f"/projects/{project.id}"
    assert re.fullmatch(r"\d{4}-130200-\d{2}-\d{2}-\w{6}", project.code)
    page = applicant.get(f"/projects/{project.id}").text
    assert project.code in page and "立项用地规划许可" in page and "可以申报" in page


def test_a_code_that_was_given_elsewhere_is_kept(applicant):
    applicant.post("/projects/new", data=DETAILS | {"code": "2304-130200-04-01-135254"})
    assert db.session.query(Project).one().code == "2304-130200-04-01-135254"
    again = applicant.post("/projects/new", data=DETAILS | {"code": "2304-130200-04-01-135254"})
    assert again.status_code == 422 and "#f-code" in again.text


@pytest.mark.parametrize(("field", "value", "says"), [
    ("name", "", "项目名称"), ("organisation", "", "建设单位"), ("organisation_code", "91130202MAAY4CL12X", "校验位"),
    ("organisation_code", "911", "现为 3 位"), ("division_code", "999999", "项目所在地"), ("code", "2304-1", "24 位"),
])
def test_what_is_wrong_is_named_at_its_field_and_nothing_typed_is_lost(applicant, field, value, says):
    page = applicant.post("/projects/new", data=DETAILS | {field: value})
    assert page.status_code == 422
    assert f'href="#f-{field}"' in page.text and says in page.text
    for kept, typed in (DETAILS | {field: value}).items():
        assert typed in page.text or kept == "division_code"  # a choice, and this one is none
    assert db.session.query(Project).count() == 0


def test_the_answers_of_the_trial_become_the_projects_facts(applicant):
    applicant.post("/plan/building", data={"civil_building": "1"})
    applicant.post("/projects/new", data=DETAILS)
    assert db.session.query(Project).one().attributes["civil_building"] is True
    assert not re.search(r'name="civil_building"[^>]* checked', applicant.get("/plan/building").text)


# --- applying -------------------------------------------------------------------------------------------

def fill_in(applicant, application):
    """Every page of the form, as the applicant would."""
    values = filled(fields_of(application)) | {"contact_email": "wang@example.com"}
    for group in ("contact", "item", "delivery"):
        answer = applicant.post(f"/applications/{application.id}/form?group={group}", data=values)
        assert answer.status_code == 302, re.findall(r'class="bl-error"[^>]*>(.*?)</p>', answer.text)


def hand_in_all(applicant, application):
    for entry in asked_materials(application):
        if entry.is_missing:
            answer = applicant.post(
                f"/applications/{application.id}/materials", query_string={"key": entry.key}, data={"file": sheet()},
                headers={"X-Fragment": "1"},
            )
            assert answer.status_code == 200 and "已提交" in answer.text


def test_an_open_stage_is_applied_for_in_one_go(hall, applicant):
    project = hall.project()
    page = applicant.get(f"/projects/{project.id}/apply/1").text
    offered = re.findall(r'name="items" value="(\w+)"[^>]* checked', page)
    assert {"X00", "X01", "L01"} <= set(offered)  # all that apply are ticked
    assert "等待：" in page and "受理后立即开始审查" in page

    answer = applicant.post(f"/projects/{project.id}/apply/1", data={"items": ["X00", "X01", "L01"]})
    application = db.session.query(Application).one()
    assert answer.headers["Location"].startswith(f"/applications/{application.id}/form")
    fill_in(applicant, application)
    hand_in_all(applicant, application)
    review = applicant.get(f"/applications/{application.id}/review").text
    assert project.code in review and "施工" not in review

    refused = applicant.post(f"/applications/{application.id}/review")
    assert refused.status_code == 422 and f"#f-{PROMISE}" in refused.text
    answer = applicant.post(f"/applications/{application.id}/review", data={PROMISE: "1"})
    assert answer.headers["Location"] == f"/applications/{application.id}/receipt"
    application = fresh(application)
    receipt = applicant.get(answer.headers["Location"]).text
    assert application.number in receipt
    assert all(case.number in receipt for case in application.cases)
    assert db.session.query(StoredFile).count() == 1 < db.session.query(Material).count()


def test_a_later_stage_waits_for_the_one_before(hall, applicant):
    project = hall.project()
    page = applicant.get(f"/projects/{project.id}/apply/2").text
    assert "现在不能申报" in page and 'name="items"' not in page


def test_a_draft_goes_on_where_it_was_left(hall, applicant):
    project = hall.project()
    applicant.post(f"/projects/{project.id}/apply/1", data={"items": ["X00"]})
    application = db.session.query(Application).one()
    url = f"/applications/{application.id}/form"
    assert applicant.post(f"{url}/save?group=contact", data={"contact_name": "王工", "contact_phone": "1"}).status_code == 204
    assert 'value="王工"' in applicant.get(url).text
    assert f"/applications/{application.id}/form" in applicant.get("/").text
    applicant.post(f"/projects/{project.id}/apply/1", data={"items": ["X00", "X01"]})
    assert db.session.query(Application).count() == 1


@pytest.mark.parametrize(("content", "name", "says"), [
    (b"MZ\x90\x00", "setup.exe", "可执行"), (b"", "empty.pdf", "空的"), (b"hello", "note.pdf", "不是"),
])
def test_a_file_that_may_not_be_handed_in_is_refused_with_a_sentence(hall, applicant, content, name, says):
    application = hall.draft(hall.project(), "X01")
    key = next(entry.key for entry in asked_materials(application) if entry.is_uploaded)
    answer = applicant.post(
        f"/applications/{application.id}/materials", query_string={"key": key}, data={"file": (io.BytesIO(content), name)},
        headers={"X-Fragment": "1", "Accept": "application/json"},
    )
    assert answer.status_code == 422 and says in answer.json["detail"]
    plain = applicant.post(
        f"/applications/{application.id}/materials", query_string={"key": key}, data={"file": (io.BytesIO(content), name)},
        follow_redirects=True,
    )
    assert plain.status_code == 200 and says in plain.text


def test_a_single_item_needs_no_project_when_its_result_is_the_code(hall, applicant):
    answer = applicant.post("/items/X00/apply")
    application = db.session.query(Application).one()
    assert answer.headers["Location"].startswith(f"/applications/{application.id}/form")
    applicant.post("/items/X00/apply")
    assert db.session.query(Application).count() == 1  # the draft goes on


# --- afterwards -----------------------------------------------------------------------------------------

def test_only_what_was_pointed_out_can_be_corrected(hall, applicant, now):
    application = hall.file(hall.project(), "X01", "L01")
    uploaded = [entry for entry in asked_materials(application) if entry.is_uploaded]
    hall.do(actions.request_correction, application, [
        {"material_key": uploaded[0].key, "reason": "缺公章"}, {"field": "contact_name", "reason": "与授权书不符"},
    ], by=CLERK, clerk_name="李窗口")
    now()
    page = applicant.get(f"/applications/{application.id}/correct").text
    assert page.count("data-upload-url") == 1 and page.count('name="contact_') == 1
    assert "缺公章" in page and "与授权书不符" in page
    url = f"/applications/{application.id}"
    assert applicant.post(f"{url}/materials", query_string={"key": uploaded[1].key}, data={"file": sheet()},
                          headers={"X-Fragment": "1"}).status_code == 409

    early = applicant.post(f"{url}/correct", data={"contact_name": "赵六"})
    assert early.status_code == 422 and uploaded[0].name in early.text
    assert applicant.post(f"{url}/materials", query_string={"key": uploaded[0].key}, data={"file": sheet()},
                          headers={"X-Fragment": "1"}).status_code == 200
    assert "以前的版本" in applicant.get(f"{url}/correct").text
    number = application.number
    assert applicant.post(f"{url}/correct", data={"contact_name": "赵六", "contact_phone": "1"}).status_code == 302
    application = fresh(application)
    assert (application.state, application.number) == ("submitted", number)
    assert application.form["contact_name"] == "赵六" and application.form["contact_phone"] != "1"


def test_an_application_is_withdrawn_by_its_applicant(app, login, hall, applicant):
    application = hall.file(hall.project(), "X01")
    build_account("li")
    stranger = login(app.test_client(), "public:li")
    assert stranger.post(f"/applications/{application.id}/withdraw").status_code == 404
    assert applicant.post(f"/applications/{application.id}/withdraw", data={"reason": "项目取消"}).status_code == 302
    application = fresh(application)
    assert (application.state, application.decision_reason) == ("withdrawn", "项目取消")


@pytest.mark.req("TRACK-1")
def test_an_applicant_sees_its_own_cases_with_every_branch(app, login, hall, applicant, now):
    """办理信息、过程信息、结果信息; 登录后只看到自己的办件; 并联件展示各部门分支状态图."""
    project = hall.project()
    hall.approve(hall.accepted(project, "X00").cases[0])
    application = hall.accepted(project, "X01", "L02")
    hall.approve(case_of(application, "L02"))
    now()
    build_account("li")
    stranger = login(app.test_client(), "public:li")

    listed = applicant.get("/applications").text
    assert listed.count("<tr id=") == 2 and application.number in listed
    assert "<tr id=" not in stranger.get("/applications").text
    assert stranger.get(f"/applications/{application.id}").status_code == 404

    page = applicant.get(f"/applications/{application.id}").text
    for said in (application.number, "张三", "审查中", "办结（准予许可）", "发展和改革委员会", "自然资源和规划局", "同意。", "受理通知书"):
        assert said in page
    assert re.search(r'href="/licences/\d+\.pdf"', page)
    assert f'data-state-url="/diagrams/{application.instance_id}.json"' in page
    elements = applicant.get(f"/diagrams/{application.instance_id}.json").json["elements"]
    states = {element["state"] for element in elements.values()}
    assert "running" in states and states & {"agreed", "done"}
    assert stranger.get(f"/diagrams/{application.instance_id}.json").status_code == 404


def test_a_project_page_tells_what_waits_and_what_is_under_way(hall, applicant):
    project = hall.project()
    hall.approve(hall.accepted(project, "X00").cases[0])
    application = hall.accepted(project, "X01")
    page = applicant.get(f"/projects/{project.id}").text
    case = application.cases[0]
    assert f"/cases/{case.id}/deadline" in page and "剩 3 个工作日" in page
    assert f'data-live-topic="project:{project.id}"' in page
    why = applicant.get(f"/cases/{case.id}/deadline").text
    assert "第 3 日" in why and "民法典第二百零一条" in why


def test_messages_are_counted_until_they_are_read(hall, applicant):
    hall.accepted(hall.project(), "X00")
    assert re.search(r"消息<span class=\"bl-count\">1<", applicant.get("/").text)
    page = applicant.get("/notifications").text
    assert "已受理" in page and "未读" in page
    applicant.post("/notifications/read")
    assert "未读" not in applicant.get("/notifications").text

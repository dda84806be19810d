"""The plan before anything is filed, and the one-form notice, as their pages show them."""
from __future__ import annotations

import re

import pytest

from engine.api import db
from parallel.items.queries import current_items
from parallel.projects.applicability import applicable_items
from parallel.projects.attributes import attribute_groups, default_attributes
from parallel.projects.models import Project
from parallel.projects.notice import project_notice
from parallel.projects.plan import make_plan
from tests.builders import build_account
from tests.builders_cases import ZHANG, shipped

pytestmark = pytest.mark.template("shipped", shipped)


def answer(browser, **facts):
    """Go through every page of questions, as somebody would who says no wherever nothing is said."""
    values = {**default_attributes(), **facts}
    for group in attribute_groups():
        form = {row.name: str(values[row.name]) for row in group.attributes if row.kind != "bool"}
        form |= {row.name: "1" for row in group.attributes if row.kind == "bool" and values[row.name]}
        assert browser.post(f"/plan/{group.name}", data=form).status_code == 302
    return values


def test_a_plan_can_be_tried_by_anybody_and_nothing_is_stored(client, hall):
    values = answer(client, civil_building=True, invest_wan=12000)
    page = client.get("/plan/result").text
    plan = make_plan(current_items(), values)
    for code, planned in plan.items.items():
        assert f"/items/{code}" in page, code
        assert planned.item.name in page
    assert f"{plan.critical_path_days}" in page
    assert page.count("data-critical") >= len(plan.critical_path)
    assert page.count('<details class="bl-why">') == len(plan.items)  # a reason for each
    others = len(current_items()) - len(plan.items)
    assert f"不用办的事项（{others} 个）" in page
    assert db.session.query(Project).count() == 0


def test_the_reasons_on_the_page_are_the_projects_own_facts(client, hall):
    answer(client, invest_wan=12000, floor_area_or_eq=35000)
    page = client.get("/plan/result").text
    assert re.search(r"工程投资额\s*12,000 万元", page)


def test_a_wrong_answer_is_named_and_nothing_typed_is_lost(client, hall):
    page = client.post("/plan/basics", data={
        "invest_type": "social", "approve_mode": "审批", "project_class": "房建", "invest_wan": "很多", "floor_area_or_eq": "1,200.5",
    })
    assert page.status_code == 422
    assert 'href="#f-invest_wan"' in page.text and 'value="很多"' in page.text
    assert 'value="1200.5"' in page.text  # what was right is kept, in its plain form

    page = client.post("/plan/basics", data={
        "invest_type": "social", "approve_mode": "审批", "project_class": "房建", "invest_wan": "5000", "floor_area_or_eq": "1000",
    })
    assert page.status_code == 422 and "企业投资项目实行核准或备案" in page.text


def test_answers_are_kept_as_one_types(client, hall):
    assert client.post("/plan/land/save", data={"land_mode": "出让", "land_ha": "zwei", "farmland": "1"}).status_code == 204
    page = client.get("/plan/land").text
    assert re.search(r'value="出让"[^>]* checked', page)
    assert re.search(r'name="farmland"[^>]* checked', page)
    client.post("/plan/clear")
    assert not re.search(r'name="farmland"[^>]* checked', client.get("/plan/land").text)


def test_a_draft_that_was_tampered_with_is_none(client, hall):
    client.set_cookie("project-draft", "eyJ.forged")
    assert client.get("/plan/result").status_code == 200


def test_the_one_form_notice_names_every_material_once(app, login, client, hall):
    project = hall.project()
    build_account("zhang")
    page = login(client, ZHANG).get(f"/projects/{project.id}/notice").text
    notice = project_notice(current_items(), project.attributes)
    assert f"要求材料 {notice.asked} 份，合并后 {notice.once} 份" in page
    cells = [cell.strip() for cell in re.findall(r"<tr><td>([^<]+)", page)]
    assert sorted(cells) == sorted(material.name for material in notice.materials)
    assert "来自前序结果" in page
    for item in applicable_items(current_items(), project.attributes):
        assert item.name in page


def test_a_plan_belongs_to_its_project(app, login, client, hall):
    project = hall.project()
    build_account("li")
    stranger = login(client, "public:li")
    for path in ("", "/plan", "/notice", "/notice.pdf", "/apply/1"):
        assert stranger.get(f"/projects/{project.id}{path}").status_code == 404, path

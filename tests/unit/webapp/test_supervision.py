"""The monitor's lists and numbers: filters, lights told in SQL as the law tells them, and who may look."""
from __future__ import annotations

import re
from datetime import timedelta

import pytest

from engine.api import db
from parallel.cases import actions
from parallel.cases.models import Case
from parallel.time_limits.queries import china_date, light_of
from tests.builders import build_account, build_staff, principal
from tests.builders_cases import case_of, shipped
from webapp.supervision.lists import CaseFilter, ProjectFilter, case_rows, overview, project_rows

pytestmark = pytest.mark.template("shipped", shipped)


@pytest.fixture
def site(hall):
    """Two projects: the first with cases of every kind, the second just registered."""
    project = hall.project()
    application = hall.accepted(project, "X00", "X01", "X02", "L01", "L02", "E01")
    hall.later(hours=2)
    hall.approve(case_of(application, "X00"))
    db.session.expire_all()
    hall.later(hours=1)
    hall.do(actions.start_special_procedure, hall.task(case_of(application, "L02"), "review").id, "公示", "需要公示。",
            by=hall.officer(case_of(application, "L02")))
    hall.project()
    return application


@pytest.fixture
def monitor(app, login, clock, hall):
    build_staff("monitor", "monitor")

    def look(address, **query):
        clock.set(hall.at)
        return login(app.test_client(), "staff:monitor").get(address, query_string=query)

    return look


@pytest.mark.parametrize("days", [0, 1, 2, 3, 4, 7, 30])
def test_lights_in_sql_are_those_of_the_law(hall, site, days):
    build_staff("monitor", "monitor")
    today = china_date(hall.at + timedelta(days=days))
    rows = case_rows(principal("staff:monitor"), CaseFilter(state="open"), today, 1, 100).rows
    assert rows
    for row in rows:
        light = light_of(row.case, today)
        expected = "none" if light is None else "suspended" if light.paused else light.colour
        assert row.light == expected, (row.case.item_code, days)


def test_projects_are_filtered_by_everything_together(hall, site, monitor):
    build_staff("chief", "monitor")
    seen, today = principal("staff:chief"), china_date(hall.at + timedelta(days=14))

    def found(**wanted):
        return [row.project.id for row in project_rows(seen, ProjectFilter(**wanted), today, 1, 10).rows]

    first = site.project_id
    assert found() == [first, first + 1]
    assert found(q="diyizhongxue") == [first, first + 1] and found(q="dyzx", light="red") == [first] and found(q="没有") == []
    assert found(state="running") == [first] and found(state="quiet") == [first + 1] and found(state="done") == []
    assert found(department="zrzy") == [first] and found(department="gdb") == []
    assert found(division="130200", stage=1, light="red", department="fgw", q="第一中学", state="running") == [first]
    assert found(division="130300") == [] and found(stage=3) == []
    assert found(sort="-code") == [first + 1, first] and found(sort="name") == [first, first + 1] and found(sort="nonsense") == [first, first + 1]


def test_a_monitor_sees_its_own_region_only(hall, site):
    build_staff("other", "monitor", division="110000")
    other, today = principal("staff:other"), china_date(hall.at)
    assert project_rows(other, ProjectFilter(), today, 1, 10).total == 0
    assert case_rows(other, CaseFilter(), today, 1, 10).total == 0


def test_counts_add_up_and_lead_to_the_list(hall, site, monitor):
    build_staff("chief", "monitor")
    counted = overview(principal("staff:chief"), china_date(hall.at), {1: "一"}, {})
    assert counted.open_cases == sum(bar.total for bar in counted.by_department) == sum(bar.total for bar in counted.by_stage) == 5
    assert counted.totals["suspended"] == 1 and counted.running_projects == 1 and counted.projects == 2
    page = monitor("/supervision/overview").text
    department = re.search(r'href="/supervision/cases\?light=suspended&amp;department=(\w+)"', page).group(1)
    assert "规划条件核定" in monitor("/supervision/cases", light="suspended", department=department).text


@pytest.mark.parametrize("address", ["/supervision/overview", "/supervision/projects", "/supervision/cases"])
def test_pages_open_in_both_languages_whatever_is_asked(hall, site, monitor, address):
    assert monitor(address).status_code == 200 and monitor(address, wall=1).status_code == 200
    assert monitor(address, q="%_'\"<b>", stage="x", light="pink", page="-3", sort="--", division="00", state="?").status_code == 200


def test_a_project_page_has_every_view(hall, site, monitor):
    here = f"/supervision/projects/{site.project_id}"
    for query in ({}, {"view": "table"}, {"view": "facts"}, {"view": "?"}, {"wall": 1}, {"application": site.id}, {"application": 999}):
        assert monitor(here, **query).status_code == 200
    assert "还没有提交申请" in monitor(f"/supervision/projects/{site.project_id + 1}").text
    assert "bl-side" not in monitor(here, wall=1).text and "bl-side" in monitor(here).text
    wrong = re.findall(r'data-choose=(\w+)', monitor(here).text)
    assert "item_L02" in wrong and "item_X02" in wrong  # stopped; waits for results
    laws = monitor(here, view="facts", kind="law").text
    assert "启动特别程序" in laws and "进入环节" not in laws
    assert "起草申请" not in monitor(here, view="facts", department="zrzy").text


def test_a_case_page_has_every_view(hall, site, monitor):
    case = case_of(site, "L02")
    for view in ("diagram", "table", "facts"):
        answer = monitor(f"/supervision/cases/{case.id}", view=view)
        assert answer.status_code == 200 and case.number in answer.text if view == "diagram" else answer.status_code == 200
    ended = case_of(site, "X00")
    assert "办结" in monitor(f"/supervision/cases/{ended.id}").text
    assert monitor("/supervision/cases/9999").status_code == 404


def test_only_monitors_enter(app, hall, site, login, clock):
    clock.set(hall.at)
    build_staff("officer", "officer", department="zrzy")
    build_account("zhang")
    officer, owner = login(app.test_client(), "staff:officer"), login(app.test_client(), "public:zhang")
    for browser in (officer, owner):
        for address in ("/supervision/overview", "/supervision/projects", f"/supervision/projects/{site.project_id}", f"/supervision/cases/{site.cases[0].id}"):
            assert browser.get(address).status_code == 403
    assert db.session.get(Case, site.cases[0].id) is not None

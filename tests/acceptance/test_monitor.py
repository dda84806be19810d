"""监察 through its pages: a project on its flow chart, what is late in red with who and how long, the handling told again."""
from __future__ import annotations

import re
from datetime import timedelta

import pytest

from engine.api import claim_task, db, unit_of_work
from tests.builders import build_account, build_staff
from tests.builders_cases import case_of, shipped

pytestmark = pytest.mark.template("shipped", shipped)


@pytest.fixture
def watch(app, login, clock, hall):
    """`watch(address)` is what a monitor sees there now."""
    build_staff("monitor", "monitor")
    build_account("officer_fgw", realm="staff", roles=("officer",), name="王海", department="fgw", division="130200")

    def look(address: str, **query):
        clock.set(hall.at)
        return login(app.test_client(), "staff:monitor").get(address, query_string=query)

    return look


@pytest.fixture
def running(hall, watch):
    """Stage 1 of a school under way: X00 approved, X01 claimed by 王海 and never reviewed, L02 and E01 begun, the rest waits."""
    project = hall.project()
    application = hall.accepted(project, "X00", "X01", "X02", "L01", "L02", "L06", "E01")
    hall.later(hours=2)
    hall.approve(case_of(application, "X00"))
    db.session.expire_all()
    hall.later(hours=2)
    unit_of_work(lambda: claim_task(hall.task(case_of(application, "X01"), "review").id, by="staff:officer_fgw", at=hall.at))
    hall.later(minutes=5)
    return application


def elements(watch, application, **query):
    return watch(f"/diagrams/{application.instance_id}.json", **query).json["elements"]


@pytest.mark.req("SUPERV-RUN-1")
def test_any_running_case_shows_what_is_done_what_is_current_and_what_is_not_reached(hall, watch, running):
    page = watch(f"/supervision/projects/{running.project_id}").text
    assert f'data-xml-url="/diagrams/{running.instance_id}.xml"' in page and 'data-live-topic="process:' in page
    shown = elements(watch, running)
    assert {shown[each]["state"] for each in ("submitted", "accept")} == {"done"} and shown["item_X00"]["state"] == "agreed"
    assert shown["item_X01"]["state"] in ("running", "due_soon")
    assert {shown[each]["state"] for each in ("item_X02", "item_L01", "item_L06")} == {"not_started"}

    case = watch(shown["item_X01"]["href"]).text
    own = re.search(r'data-state-url="(/diagrams/\w+\.json)"', case).group(1)
    inside = watch(own).json["elements"]
    assert (inside["start_clock"]["state"], inside["decide"]["state"]) == ("done", "not_started")
    assert inside["review"]["state"] in ("running", "due_soon")

    facts = watch(f"/supervision/projects/{running.project_id}", view="facts").text
    told = [re.sub(r"<[^>]+>| {2,}|\n", "", line) for line in re.findall(r'timeline-what">(.*?)</p>', facts, re.S)]
    for fact in ("提交申请", "受理", "颁发证照 · 项目赋码", "签收：审查 · 政府投资项目建议书审批"):
        assert any(line.startswith(fact) for line in told), fact
    assert told.index("登记项目") > next(n for n, line in enumerate(told) if line.startswith("颁发证照"))  # newest first
    assert "王海" in facts and "发展和改革委员会" in facts

    before = elements(watch, running, at=(running.accepted_at - timedelta(milliseconds=500)).isoformat())
    assert before["accept"]["state"] == "running" and before["item_X00"]["state"] == "not_started"


@pytest.mark.req("PARALLEL-INV-7")
def test_what_is_late_is_red_and_says_who_and_how_long(hall, watch, running):
    hall.later(days=14)
    shown = elements(watch, running)["item_X01"]
    assert (shown["state"], shown["light"]) == ("overdue", "red")
    assert shown["who"] == "王海（发展和改革委员会）" and shown["department"] == "发展和改革委员会"
    assert (shown["elapsed"], shown["limit"], shown["days_left"]) == (10, 3, -7) and shown["note"].startswith("已用 10 个工作日")
    page = watch(f"/supervision/projects/{running.project_id}").text
    late = re.search(r'data-choose=item_X01>(.*?)</button>', page, re.S).group(1)
    assert 'data-state="overdue"' in late and "王海" in late and "超期 7 个工作日" in late
    table = watch(f"/supervision/projects/{running.project_id}", view="table").text
    row = re.search(r'id="step-item_X01".*?</tr>', table, re.S).group()
    assert 'data-state="overdue"' in row and "王海" in row and "10 / 3" in row
    listed = watch("/supervision/projects", light="red").text
    assert "第一中学新校区" in listed and "红灯 · 超期" in listed
    assert "第一中学新校区" not in watch("/supervision/projects", light="green").text
    strip = watch(f"/supervision/projects/{running.project_id}").text
    assert "立项用地规划许可" in strip and "施工许可" in strip

"""Diagrams: which drawing a viewer gets, how its elements stand, how many statements that takes, and who may look."""
from __future__ import annotations

from datetime import timedelta

import pytest
from lxml import etree
from sqlalchemy import event

from bpmn.namespaces import BPMNDI
from engine.api import ProcessInstance, claim_task, db, deploy, start_process, unit_of_work
from parallel.cases import actions
from parallel.materials.queries import asked_materials
from tests.builders import build_account, build_staff
from tests.builders_cases import case_of, shipped
from webapp.diagrams.planes import drawing_of, renamed

PLANE = f"{{{BPMNDI}}}BPMNDiagram/{{{BPMNDI}}}BPMNPlane"
SIMPLE = """<startEvent id="s{n}"/><userTask id="t{n}" name="审查"/><endEvent id="e{n}"/>
<sequenceFlow id="f{n}" sourceRef="s{n}" targetRef="t{n}"/><sequenceFlow id="g{n}" sourceRef="t{n}" targetRef="e{n}"/>"""


def file_of(*numbers: int, tail: str = "") -> bytes:
    drawn = "".join(f'<process id="p{n}" name="流程{n}" isExecutable="true">{SIMPLE.format(n=n)}</process>' for n in numbers)
    return (f'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="x">{drawn}{tail}'
            "</definitions>").encode()


def first_plane(drawing: bytes) -> str:
    return etree.fromstring(drawing).find(PLANE).get("bpmnElement")


def test_a_file_without_a_diagram_is_laid_out_and_the_process_asked_for_comes_first():
    source = file_of(1, 2)
    assert first_plane(drawing_of(source, "p1")) == "p1" and first_plane(drawing_of(source, "p2")) == "p2"
    assert b"BPMNShape" in drawing_of(source, None)


def test_a_diagram_of_another_process_only_is_not_shown_for_this_one():
    drawn = drawing_of(file_of(1), "p1")
    both = drawn.replace(b"</definitions>", b"").replace(
        b"<process id=\"p1\"", b'<process id="p2" isExecutable="true">' + SIMPLE.format(n=2).encode() + b'</process><process id="p1"', 1
    ) + b"</definitions>"
    assert first_plane(drawing_of(both, "p2")) == "p2"


def test_elements_and_flows_are_renamed_for_readers_of_another_language():
    told = renamed(drawing_of(file_of(1), "p1"), lambda element_id, name: {"t1": "Review"}.get(element_id, name))
    assert b'name="Review"' in told and "流程1".encode() in told


pytestmark = pytest.mark.template("shipped", shipped)


class Watcher:
    """A monitor who signs in anew for every look: the clock moves by days between them."""

    def __init__(self, app, login) -> None:
        self.app, self.login, self.language = app, login, "zh"

    def get(self, address, **options):
        browser = self.login(self.app.test_client(), "staff:monitor")
        browser.set_cookie("language", self.language)
        return browser.get(address, **options)


@pytest.fixture
def monitor(app, login):
    build_staff("monitor", "monitor")
    return Watcher(app, login)


@pytest.fixture
def stage(hall, clock):
    """Stage 1 of a school, accepted: X00 approved, X01 and E01 begun, the rest waits."""
    project = hall.project()
    application = hall.accepted(project, "X00", "X01", "X02", "L01", "L02", "L06", "E01")
    build_staff("officer_fgw", "officer", department="fgw")
    hall.later(hours=2)
    hall.approve(case_of(application, "X00"))
    db.session.expire_all()
    clock.set(hall.later(hours=1))
    return application


def instance_of(case):
    return db.session.scalar(db.select(ProcessInstance).where(ProcessInstance.business_key == f"case:{case.id}"))


def elements(browser, application, **query):
    answer = browser.get(f"/diagrams/{application.instance_id}.json", query_string=query)
    assert answer.status_code == 200
    return answer.json["elements"]


def test_branches_are_coloured_by_their_cases(hall, stage, monitor, clock):
    shown = elements(monitor, stage)
    assert (shown["accept"]["state"], shown["item_X00"]["state"]) == ("done", "agreed")
    assert shown["item_X01"]["state"] in ("running", "due_soon") and shown["item_X01"]["department"] == "发展和改革委员会"
    assert shown["item_X01"]["note"].endswith("尚无人签收") and shown["item_X01"]["limit"] == 3
    assert shown["item_L06"]["state"] == "not_started" and "规划条件核定" in shown["item_L06"]["note"]
    assert shown["other_items"]["state"] == "skipped"
    case = case_of(stage, "L02")
    hall.do(actions.start_special_procedure, hall.task(case, "review").id, "公示", "需要公示。", by=hall.officer(case))
    clock.set(hall.later(days=14))
    shown = elements(monitor, stage)
    assert shown["item_L02"]["state"] == "suspended" and shown["item_L02"]["note"].startswith("公示")
    assert (shown["item_X01"]["state"], shown["item_X01"]["light"]) == ("overdue", "red") and shown["item_X01"]["days_left"] < 0


def test_correction_waits_for_the_applicant_and_colours_the_window_step(hall, monitor, clock):
    application = hall.file(hall.project(), "X00", "X01")
    key = next(entry.key for entry in asked_materials(application) if entry.is_uploaded)
    hall.do(actions.request_correction, application, [{"material_key": key, "reason": "缺少公章。"}], by="staff:clerk")
    clock.set(hall.later(hours=1))
    shown = elements(monitor, application)
    assert shown["accept"]["state"] == "returned"
    assert (shown["correct"]["state"], shown["correct"]["who"]) == ("waiting", "申请人") and shown["correct"]["due"]


def test_a_refused_case_is_refused_on_the_stage_and_in_its_own_process(hall, stage, monitor, clock):
    case = case_of(stage, "X01")
    hall.refuse(case, "建设内容与规划不符。")
    clock.set(hall.later(hours=1))
    shown = elements(monitor, stage)["item_X01"]
    assert shown["state"] == "refused" and "建设内容与规划不符" in shown["note"]
    own = monitor.get(f"/diagrams/{instance_of(case).id}.json").json["elements"]
    assert (own["review"]["state"], own["decide"]["state"], own["refused"]["state"]) == ("agreed", "refused", "refused")


def test_replay_shows_a_past_moment(hall, stage, monitor):
    before = stage.accepted_at - timedelta(milliseconds=500)
    shown = elements(monitor, stage, at=before.isoformat())
    assert shown["accept"]["state"] == "running" and shown["item_X00"]["state"] == "not_started"
    shown = elements(monitor, stage, at=(stage.accepted_at + timedelta(minutes=30)).isoformat())
    assert shown["accept"]["state"] == "done" and shown["item_X00"]["state"] in ("running", "due_soon")
    assert elements(monitor, stage, at="yesterday")["item_X00"]["state"] == "agreed"


def test_the_number_of_statements_does_not_grow_with_the_diagram(hall, stage, monitor, clock):
    def statements(instance_id: str) -> int:
        counted = []
        event.listen(db.engine, "before_cursor_execute", count := lambda *seen: counted.append(seen[2]))
        assert monitor.get(f"/diagrams/{instance_id}.json").status_code == 200
        event.remove(db.engine, "before_cursor_execute", count)
        return len(counted)

    small = hall.accepted(hall.project(), "X00", "X01", "L01")
    hall.approve(case_of(small, "X00"))
    clock.set(hall.later(minutes=1))
    ids = small.instance_id, stage.instance_id
    statements(ids[0])  # definitions and the calendar are read once a process
    few, many = map(statements, ids)
    assert many == few and many < 40


def test_officers_have_names_for_staff_and_departments_for_the_applicant(app, hall, stage, monitor, login, clock):
    case = case_of(stage, "X01")
    unit_of_work(lambda: claim_task(hall.task(case, "review").id, by="staff:officer_fgw", at=hall.at))
    build_account("zhang")
    owner = login(app.test_client(), "public:zhang")
    assert elements(monitor, stage)["item_X01"]["who"] == "officer_fgw（发展和改革委员会）"
    shown = elements(owner, stage)["item_X01"]
    assert shown["who"] == "发展和改革委员会" and "签收" not in (shown["note"] or "") and shown["href"].startswith("/diagrams/")
    assert "officer_fgw" not in owner.get(f"/diagrams/{stage.instance_id}.json").text
    assert owner.get(shown["href"]).status_code == 200


def test_a_stranger_finds_nothing(app, stage, login):
    build_account("li")
    stranger = login(app.test_client(), "public:li")
    for address in (f"/diagrams/{stage.instance_id}.json", f"/diagrams/{stage.instance_id}.xml", f"/diagrams/{stage.instance_id}", "/diagrams/nothing.json"):
        assert stranger.get(address).status_code == 404
    assert stranger.get("/diagrams/definitions/1.xml").status_code == 403
    assert app.test_client().get(f"/diagrams/{stage.instance_id}.json", headers={"Accept": "application/json"}).status_code == 401


def test_drawings_read_in_english(stage, monitor):
    assert "项目赋码".encode() in monitor.get(f"/diagrams/{stage.instance_id}.xml").data
    monitor.language = "en"
    assert b"unified code" in monitor.get(f"/diagrams/{stage.instance_id}.xml").data


def test_a_process_of_a_designers_own_has_a_diagram_too(app, monitor, clock):
    source = file_of(7)
    unit_of_work(lambda: deploy(source, file_name="x.bpmn", by="staff:designer", at=clock.now()))
    instance = unit_of_work(lambda: start_process("p7", business_key="own:1", variables={}, by="staff:designer", at=clock.now()))
    shown = monitor.get(f"/diagrams/{instance.id}.json").json["elements"]
    assert shown["t7"]["state"] == "running" and monitor.get(f"/diagrams/{instance.id}").status_code == 200

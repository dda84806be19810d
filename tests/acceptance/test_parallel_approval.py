"""并联审批: departments at the same time, results that flow, drawings of a department's own."""
from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest

from engine.api import ProcessInstance, Task, TaskNotOpen, db, deploy, unit_of_work
from parallel.cases import actions
from parallel.cases.errors import (
    LicenceNumberTaken,
    OutcomeUnknown,
    PrerequisiteMissing,
    ProcedureUnknown,
    ReasonMissing,
    ResultMissing,
    TextTooLong,
    WrongStep,
)
from parallel.cases.models import Case, Licence
from parallel.items.actions import bind_process, revise_item
from parallel.items.queries import current_item
from parallel.materials.models import Material, MaterialUse, StoredFile
from parallel.materials.queries import asked_materials, materials_of_case
from parallel.notifications.models import Notification
from parallel.time_limits.queries import light_of
from tests.bpmn_builder import Drawing, bpmn_file
from tests.builders_cases import CLERK, ZHANG, Hall, case_of, shipped

pytestmark = pytest.mark.template("shipped", shipped)


@pytest.mark.req("PARALLEL-1")
def test_three_inboxes_get_their_tasks_at_once_and_all_must_finish(hall, coded):
    application = hall.accepted(coded, "X01", "L02", "E03")
    cases = [case_of(application, code) for code in ("X01", "L02", "E03")]
    tasks = hall.open_tasks(step="review")
    assert {group.group_name for task in tasks for group in task.candidates} == {
        "officer@fgw", "officer@zrzy", "officer@sthj"}
    assert len(tasks) == 3 and len({task.created_at for task in tasks}) == 1
    assert len({task.instance_id for task in tasks}) == 3  # a row of its own for each department

    for n, case in enumerate(cases, 1):
        hall.approve(case)
        assert application.state == ("closed" if n == len(cases) else "accepted")
    instance = db.session.get(ProcessInstance, application.instance_id, populate_existing=True)
    assert instance.status == "completed" and hall.open_tasks() == []


@pytest.mark.req("PARALLEL-INV-5")
def test_a_suspended_branch_does_not_hold_up_the_others(hall, coded):
    application = hall.accepted(coded, "X01", "L02")
    first, second = case_of(application, "X01"), case_of(application, "L02")
    hall.do(actions.start_special_procedure, hall.task(first, "review").id, "听证", "利害关系人申请", by=hall.officer(first))
    hall.approve(second)
    assert (first.state, second.state) == ("suspended", "approved")
    assert light_of(first, hall.at.date()).paused and not light_of(second, hall.at.date()).paused
    hall.do(actions.end_special_procedure, hall.task(first, "special").id, "听证无异议", by=hall.officer(first))
    hall.approve(first)
    assert application.state == "closed"


@pytest.mark.req("PARALLEL-INV-6")
def test_an_earlier_result_satisfies_the_material_and_starts_what_waited_for_it(hall, coded):
    application = hall.accepted(coded, "X01", "L01")
    first, second = case_of(application, "X01"), case_of(application, "L01")
    assert (first.state, second.state) == ("in_review", "waiting") and hall.open_tasks(second) == []
    assert second.accepted_at is None

    hall.later(days=2)
    licence = hall.approve(first)
    assert second.state == "in_review" and second.accepted_at == hall.at
    [review] = hall.open_tasks(second)
    assert review.step == "review"
    [use] = [use for use in materials_of_case(second) if use.requirement.from_item == "X01"]
    assert (use.material.licence_id, use.material.trust_level, use.material.source) == (licence.id, "A", "result")
    assert use.material.verify_required is False


def test_a_result_serves_later_applications_and_what_waits_in_others(hall, coded):
    waiting = case_of(hall.accepted(coded, "L01"), "L01")
    assert waiting.state == "waiting"
    licence = hall.approve(hall.accepted(coded, "X01").cases[0])
    assert waiting.state == "in_review"
    assert licence.id in {use.material.licence_id for use in materials_of_case(waiting)}
    draft = hall.draft(coded, "X02")
    standings = {entry.key: entry.standing for entry in asked_materials(draft)}
    assert standings["result:X01"] == "result" and standings["result:L01"] == "awaited"


@pytest.mark.req("PARALLEL-INV-4")
def test_one_drawing_serves_three_departments_and_is_stored_once(hall, coded):
    drawing = {"name": "用地红线图", "original": 0, "copy": 0, "electronic": 1, "source": "applicant", "required": True}
    for code in ("X01", "L02", "E03"):
        papers = [*current_item(code).body["materials"], drawing]
        hall.do(revise_item, code, {"materials": papers}, by="staff:manager")
    application = hall.accepted(coded, "X01", "L02", "E03")
    [material] = db.session.scalars(db.select(Material).filter_by(application_id=application.id, key="用地红线图"))
    uses = list(db.session.scalars(db.select(MaterialUse).filter_by(material_id=material.id)))
    assert {db.session.get(Case, use.case_id).department_code for use in uses} == {"fgw", "zrzy", "sthj"}
    files = db.select(db.func.count()).select_from(StoredFile).where(StoredFile.id == material.file_id)
    assert len(uses) == 3 and db.session.scalar(files) == 1


def test_a_refused_case_stops_no_other(hall, coded):
    application = hall.accepted(coded, "X01", "L02")
    refused = case_of(application, "X01")
    hall.refuse(refused, "资金未落实。")
    assert refused.state == "refused" and application.state == "accepted"
    hall.approve(case_of(application, "L02"))
    assert application.state == "closed"
    assert db.session.scalar(db.select(Licence).filter_by(case_id=refused.id)) is None
    told = db.session.scalars(db.select(Notification).filter_by(node="closed", case_id=refused.id)).one()
    assert "不予许可" in told.text


@pytest.mark.req("DEPT-2")
def test_an_officer_reviews_decides_and_issues_in_the_inbox(hall):
    case = hall.accepted(hall.project(), "L02").cases[0]
    review = hall.task(case, "review")
    assert [group.group_name for group in review.candidates] == ["officer@zrzy"]
    assert review.name == f"审查 · {case.item.name}" and review.due_on == case.promised_on == date(2026, 3, 16)
    hall.review(case, "符合规划。")
    with pytest.raises(OutcomeUnknown):
        hall.decide(case, "maybe")
    with pytest.raises(ReasonMissing):
        hall.decide(case, "refuse")
    with pytest.raises(WrongStep):
        hall.do(actions.issue_result, hall.task(case, "decide").id, by=hall.officer(case))
    hall.decide(case)
    assert (case.state, case.decision) == ("decided", "approve")
    licence = hall.issue(case)
    assert (case.state, case.ended_at) == ("approved", hall.at)
    assert licence.name == case.item.result_name and licence.holder == "张三"
    assert light_of(case, date(2026, 12, 31)).missed == ()


@pytest.mark.req("SPECIAL-2")
def test_resuming_needs_a_result_and_the_step_returns_to_who_had_it(hall):
    case = hall.accepted(hall.project(), "L02").cases[0]
    review = hall.task(case, "review")
    with pytest.raises(ReasonMissing):
        hall.do(actions.start_special_procedure, review.id, "听证", " ", by="staff:wang")
    with pytest.raises(ProcedureUnknown):
        hall.do(actions.start_special_procedure, review.id, "喝茶", "无", by="staff:wang")
    hall.do(actions.start_special_procedure, review.id, "听证", "利害关系人申请", by="staff:wang")
    special = hall.task(case, "special")
    with pytest.raises(ResultMissing):
        hall.do(actions.end_special_procedure, special.id, "", by="staff:wang")
    hall.do(actions.end_special_procedure, special.id, "无异议", by="staff:wang")
    again = hall.task(case, "review")
    assert again.assignee == "staff:wang" and case.state == "in_review"


@pytest.mark.req("SPECIAL-1")
def test_the_clock_stands_while_a_case_is_suspended(hall):
    """Promised 10 working days, suspended on the fourth, for five: 4 used and 6 left on resuming."""
    case = hall.accepted(hall.project(), "L02").cases[0]  # Monday 2 March
    hall.later(days=4)  # Friday: four used
    hall.do(actions.start_special_procedure, hall.task(case, "review").id, "专家评审", "方案复杂", by=hall.officer(case))
    told = db.session.scalars(db.select(Notification).filter_by(node="suspended")).one()
    assert told.account == ZHANG and "专家评审" in told.text
    hall.later(days=7)  # the next Friday: five working days later
    hall.do(actions.end_special_procedure, hall.task(case, "special").id, "评审通过", by=hall.officer(case))
    light = light_of(case, hall.at.date())
    assert (light.used, light.remaining, case.promised_on) == (4, 6, date(2026, 3, 23))
    assert hall.task(case, "review").due_on == date(2026, 3, 23)


# --- drawings of a department's own ---------------------------------------------------------------------

def own_drawing(*steps: str) -> bytes:
    """As Camunda Modeler writes it: user tasks with candidate groups between parallel gateways."""
    drawing = Drawing("fgw-review", "发改委会审").start()
    drawing.node("parallelGateway", "fork").node("parallelGateway", "join").flow("start", "fork")
    for step in steps:
        drawing.user(step, camunda_candidateGroups="officer@fgw").chain("fork", step, "join")
    drawing.user("conclude", name="汇总", camunda_candidateGroups="officer@fgw").end().chain("join", "conclude", "end")
    return bpmn_file(drawing)


@pytest.mark.req("DEPT-3")
def test_new_cases_run_the_uploaded_drawing_and_running_ones_keep_theirs(hall, coded):
    running = hall.accepted(coded, "X01").cases[0]
    other = hall.project()
    hall.approve(hall.accepted(other, "X00").cases[0])

    hall.do(deploy, own_drawing("economy", "industry"), by="staff:designer", file_name="fgw.bpmn")
    hall.do(bind_process, "X01", "fgw-review", by="staff:manager")
    case = hall.accepted(other, "X01").cases[0]
    assert {task.element_id for task in hall.open_tasks(case)} == {"economy", "industry"}
    assert case.state == "in_review" and case.promised_on is not None
    assert {task.due_on for task in hall.open_tasks(case)} == {case.promised_on}
    assert hall.task(running, "review").element_id == "review"

    hall.do(deploy, own_drawing("economy", "industry", "energy"), by="staff:designer", file_name="fgw2.bpmn")
    for element in ("economy", "industry"):
        hall.do(actions.review_case, one(hall, case, element).id, "同意。", by="staff:fgw1")
    assert [task.element_id for task in hall.open_tasks(case)] == ["conclude"]
    hall.do(actions.decide_case, one(hall, case, "conclude").id, "approve", "同意。", by="staff:fgw1")
    assert case.state == "approved" and case.application.state == "closed"
    assert db.session.scalar(db.select(Licence).filter_by(case_id=case.id)) is not None
    hall.approve(running)
    assert running.state == "approved"


def one(hall, case, element_id):
    [task] = hall.open_tasks(case, element_id=element_id)
    return task


def test_one_refusal_in_a_drawing_of_ones_own_refuses_the_case(hall, coded):
    hall.do(deploy, own_drawing("economy", "industry"), by="staff:designer", file_name="fgw.bpmn")
    hall.do(bind_process, "X01", "fgw-review", by="staff:manager")
    application = hall.accepted(coded, "X01", "L02")
    case = case_of(application, "X01")
    hall.do(actions.decide_case, one(hall, case, "economy").id, "refuse", "不同意", by="staff:fgw1", reason="不符合产业政策")
    for element in ("industry", "conclude"):
        hall.do(actions.review_case, one(hall, case, element).id, "", by="staff:fgw1")
    assert (case.state, case.decision_reason) == ("refused", "不符合产业政策")
    assert application.state == "accepted"


def test_a_drawing_that_cannot_wait_is_not_filed_before_its_prerequisites_hold(hall, coded):
    hall.do(deploy, own_drawing("economy"), by="staff:designer", file_name="fgw.bpmn")
    hall.do(bind_process, "L01", "fgw-review", by="staff:manager")
    draft = hall.draft(coded, "L01")
    hall.hand_in_all(draft)
    with pytest.raises(PrerequisiteMissing):
        hall.submit(draft)
    hall.approve(hall.accepted(coded, "X01").cases[0])
    assert hall.submit(draft).state == "submitted"


def test_a_task_done_once_is_done(hall):
    case = hall.accepted(hall.project(), "L02").cases[0]
    task_id = hall.task(case, "review").id
    hall.review(case)
    with pytest.raises(TaskNotOpen):
        hall.do(actions.review_case, task_id, "再来", by=hall.officer(case))
    accept = db.session.scalars(db.select(Task).filter_by(step="accept")).first()
    with pytest.raises(TaskNotOpen):
        hall.do(actions.review_case, accept.id, "窗口的", by=CLERK)


def test_a_part_of_a_cases_drawing_ends_nothing_but_itself(hall, coded):
    part = Drawing("survey").start().user("measure", camunda_candidateGroups="officer@fgw").end()
    whole = Drawing("with-part").start().node("callActivity", "call", calledElement="survey")
    whole.user("conclude", camunda_candidateGroups="officer@fgw").end()
    source = bpmn_file(whole.chain("start", "call", "conclude", "end"), part.chain("start", "measure", "end"))
    hall.do(deploy, source, by="staff:designer", file_name="parts.bpmn")
    hall.do(bind_process, "X01", "with-part", by="staff:manager")
    case = hall.accepted(coded, "X01").cases[0]
    hall.do(actions.review_case, one(hall, case, "measure").id, "已测量", by="staff:fgw1")
    assert case.state == "in_review"
    hall.do(actions.review_case, one(hall, case, "conclude").id, "同意", by="staff:fgw1")
    assert case.state == "approved"


def test_two_results_at_the_same_moment_wake_what_waits_for_both(bare_app):
    with bare_app.app_context():
        hall = Hall()
        project = hall.project()
        hall.approve(hall.accepted(project, "X00").cases[0])
        application = hall.accepted(project, "X01", "L01", "E01", "X02", "L02", "L06")
        for code in ("X01", "L01", "E01"):
            hall.approve(case_of(application, code))
        first, second = case_of(application, "X02"), case_of(application, "L02")
        for case in (first, second):
            hall.review(case)
            hall.decide(case)
        tasks = [(hall.task(case, "issue").id, hall.officer(case)) for case in (first, second)]
        waiting_id, at = case_of(application, "L06").id, hall.later(seconds=1)
        db.session.remove()
    barrier = Barrier(len(tasks))

    def issue(task_id, officer):
        with bare_app.app_context():
            barrier.wait()
            unit_of_work(lambda: actions.issue_result(task_id, by=officer, at=at))

    with ThreadPoolExecutor() as pool:
        for done in [pool.submit(issue, *task) for task in tasks]:
            done.result()
    with bare_app.app_context():
        assert db.session.get(Case, waiting_id).state == "in_review"


def test_texts_have_a_length_and_licence_numbers_are_used_once(hall, coded):
    application = hall.accepted(coded, "X01", "L02")
    first, second = case_of(application, "X01"), case_of(application, "L02")
    with pytest.raises(TextTooLong):
        hall.review(first, "长" * 4001)
    for case in (first, second):
        hall.review(case)
        hall.decide(case)
    hall.do(actions.issue_result, hall.task(first, "issue").id, by=hall.officer(first), number="发改〔2026〕1号")
    with pytest.raises(LicenceNumberTaken):
        hall.do(actions.issue_result, hall.task(second, "issue").id, by=hall.officer(second), number="发改〔2026〕1号")
    assert second.state == "decided"

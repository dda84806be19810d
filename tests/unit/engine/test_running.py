"""From a drawing to rows: start, complete, branch, join, call, wait, and what stands in the tables after each."""
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from engine.api import (
    CHINA, AuditEntry, NotYourTask, OutboxEvent, ProcessInstance, ProcessNotFound, Task, TaskCandidate, TaskNotOpen, Timer,
    broken_links, cancel_process, claim_task, claimable, complete_task, db, due_instances, fire_due_timers, inbox, mine,
    picture, release_task, resume_process, send_message, suspend_process, unit_of_work,
)
from tests.bpmn_builder import Drawing, linear, parallel_calls, timer
from tests.unit.engine.conftest import AT


def count(model):
    return db.session.scalar(select(func.count()).select_from(model))


def test_a_linear_process_offers_one_task_after_another(desk):
    desk.deploy(linear(3))
    instance = desk.start("linear")
    for step in ("step_0", "step_1", "step_2"):
        assert desk.open_names() == [step]
        desk.complete(step)
    assert db.session.get(ProcessInstance, instance.id).status == "completed"
    assert desk.open() == []
    assert not list(broken_links())


def test_departments_work_at_the_same_time_and_join_once(desk):
    desk.deploy(*parallel_calls(3, 2))
    root = desk.start("parallel")
    desk.complete("accept")
    assert desk.open_names() == ["step_0"] * 3
    children = set(db.session.scalars(select(ProcessInstance.id).where(ProcessInstance.parent_id == root.id)))
    assert len(children) == 3
    for child in children:
        assert desk.open_names(root_id=root.id).count("close") == 0
        desk.complete("step_0", instance_id=child)
        desk.complete("step_1", instance_id=child)
    assert desk.open_names() == ["close"]
    desk.complete("close")
    assert db.session.get(ProcessInstance, root.id).status == "completed"


def test_a_task_is_done_once(desk):
    desk.deploy(linear(2))
    desk.start("linear")
    task_id = desk.task("step_0").id
    desk.complete("step_0")
    with pytest.raises(TaskNotOpen):
        unit_of_work(lambda: complete_task(task_id, by="staff:officer", at=AT))


def test_what_a_verb_writes_is_written_together_or_not_at_all(desk):
    desk.deploy(linear(2))
    desk.start("linear")
    before = [count(model) for model in (Task, AuditEntry, OutboxEvent)]
    task_id = desk.task("step_0").id

    def fails_late():
        complete_task(task_id, by="staff:officer", at=AT)
        raise RuntimeError("the power goes")

    with pytest.raises(RuntimeError):
        unit_of_work(fails_late)
    assert [count(model) for model in (Task, AuditEntry, OutboxEvent)] == before
    assert desk.open_names() == ["step_0"]


def test_one_of_two_claims_wins(desk):
    desk.deploy(linear(1))
    desk.start("linear")
    task_id = desk.task("step_0").id
    unit_of_work(lambda: claim_task(task_id, by="staff:a", at=AT))
    with pytest.raises(NotYourTask):
        unit_of_work(lambda: claim_task(task_id, by="staff:b", at=AT))
    with pytest.raises(NotYourTask):
        unit_of_work(lambda: complete_task(task_id, by="staff:b", at=AT))
    unit_of_work(lambda: release_task(task_id, by="staff:a", at=AT))
    unit_of_work(lambda: claim_task(task_id, by="staff:b", at=AT))
    unit_of_work(lambda: complete_task(task_id, by="staff:b", at=AT))


def test_inboxes_show_what_one_has_and_what_one_may_claim(desk):
    desk.deploy(linear(1))
    for n in range(3):
        desk.start("linear", business_key=f"case:{n}")
    first, *_ = desk.open()
    unit_of_work(lambda: claim_task(first.id, by="staff:a", at=AT))
    ids = lambda query: {task.id for task in db.session.scalars(query)}  # noqa: E731
    assert ids(mine("staff:a")) == {first.id}
    assert len(ids(claimable(["officers"]))) == 2
    assert len(ids(inbox(account="staff:a", groups=["officers"]))) == 3
    assert len(ids(inbox(account="staff:b", groups=["officers"]))) == 2
    assert ids(inbox(account="staff:c", groups=["others"])) == set()


def test_a_done_task_leaves_no_candidate_behind(desk):
    desk.deploy(linear(1))
    desk.start("linear")
    assert count(TaskCandidate) == 1
    desk.complete("step_0")
    assert count(TaskCandidate) == 0


def test_conditions_choose_by_variables_and_the_default(desk):
    drawing = (
        Drawing("choice").start().user("decide")
        .node("exclusiveGateway", "which", default="other").user("issue").user("explain").end()
        .chain("start", "decide", "which").flow("which", "issue", "decision == 'approve'")
        .flow("which", "explain", id="other").chain("issue", "end").chain("explain", "end")
    )
    desk.deploy(drawing)
    desk.start("choice")
    desk.complete("decide", {"decision": "approve"})
    desk.start("choice", business_key="case:2")
    desk.complete("decide", {"decision": "refuse"})
    assert desk.open_names() == ["explain", "issue"]


def test_working_days_of_a_boundary_timer(desk, calendar):
    drawing = (
        Drawing("correction").start().user("correct")
        .node("boundaryEvent", "too_late", timer("P5WD"), attachedToRef="correct")
        .end("corrected").end("returned").chain("start", "correct", "corrected").chain("too_late", "returned")
    )
    desk.deploy(drawing)
    instance = desk.start("correction")
    [row] = db.session.scalars(select(Timer))
    assert row.due_at.astimezone(CHINA).isoformat() == "2026-03-09T23:59:59+08:00"  # Tuesday to Monday
    assert due_instances(AT + timedelta(days=6)) == []
    late = AT + timedelta(days=8)
    assert due_instances(late) == [instance.id]
    assert unit_of_work(lambda: fire_due_timers(instance.id, late))
    assert not unit_of_work(lambda: fire_due_timers(instance.id, late))
    assert db.session.get(ProcessInstance, instance.id, populate_existing=True).status == "completed"
    assert desk.open() == [] and count(Timer) == 0
    assert picture(instance.id).elements["correct"].state == "cancelled"


def test_a_suspended_process_keeps_what_was_left_of_its_timers(desk, calendar):
    drawing = (
        Drawing("wait").start().node("intermediateCatchEvent", "publicity", timer("P10WD")).user("go_on").end()
        .chain("start", "publicity", "go_on", "end")
    )
    desk.deploy(drawing)
    instance = desk.start("wait")  # Monday 2 March; due Monday 16 March
    fourth_day = AT + timedelta(days=4)  # Friday: 4 used, 6 left
    unit_of_work(lambda: suspend_process(instance.id, reason="听证", by="staff:officer", at=fourth_day))
    assert due_instances(AT + timedelta(days=60)) == []
    resumed = AT + timedelta(days=14)  # Monday 16 March
    unit_of_work(lambda: resume_process(instance.id, by="staff:officer", at=resumed))
    [row] = db.session.scalars(select(Timer).execution_options(populate_existing=True))
    assert row.due_at.astimezone(CHINA).date().isoformat() == "2026-03-24"
    unit_of_work(lambda: fire_due_timers(instance.id, row.due_at))
    assert desk.open_names() == ["go_on"]


def test_a_message_reaches_what_waits_for_it_and_nothing_else(desk):
    message = '<bpmn:message id="m" name="前置结果齐备" />'
    drawing = (
        Drawing("wait").start()
        .node("intermediateCatchEvent", "earlier_result", '<bpmn:messageEventDefinition messageRef="m" />')
        .user("review").end().chain("start", "earlier_result", "review", "end")
    )
    desk.deploy(drawing, extra=message)
    desk.start("wait", business_key="case:1")
    desk.start("wait", business_key="case:2")
    send = lambda key: unit_of_work(  # noqa: E731
        lambda: send_message("前置结果齐备", business_key=key, variables={"from": "X01"}, by="staff:x", at=AT)
    )
    assert send("case:9") == 0
    assert send("case:2") == 1
    assert send("case:2") == 0
    assert [task.business_key for task in desk.open()] == ["case:2"]


def answer_or_timeout():
    return (
        Drawing("either").start().node("eventBasedGateway", "first_of")
        .node("intermediateCatchEvent", "answer", '<bpmn:messageEventDefinition messageRef="m" />')
        .node("intermediateCatchEvent", "silence", timer("P3WD")).user("read").user("remind").end()
        .chain("start", "first_of", "answer", "read", "end").chain("first_of", "silence", "remind", "end")
    )


def test_behind_an_event_gateway_the_first_event_wins(desk):
    desk.deploy(answer_or_timeout(), extra='<bpmn:message id="m" name="答复" />')
    answered, silent = desk.start("either", "case:1"), desk.start("either", "case:2")
    assert count(Timer) == 2
    assert unit_of_work(lambda: send_message("答复", business_key="case:1", by="staff:x", at=AT)) == 1
    assert count(Timer) == 1
    late = AT + timedelta(days=4)
    assert due_instances(late) == [silent.id]
    unit_of_work(lambda: fire_due_timers(silent.id, late))
    assert {task.instance_id: task.element_id for task in desk.open()} == {answered.id: "read", silent.id: "remind"}
    assert count(Timer) == 0


def test_cancelling_ends_children_tasks_and_timers(desk):
    desk.deploy(*parallel_calls(2, 1))
    root = desk.start("parallel")
    desk.complete("accept")
    unit_of_work(lambda: cancel_process(root.id, reason="申请人撤回", by="public:zhang", at=AT))
    states = set(db.session.scalars(select(ProcessInstance.status)))
    assert states == {"cancelled"} and desk.open() == []
    assert count(TaskCandidate) == 0


def test_the_picture_tells_done_running_and_not_reached(desk):
    desk.deploy(*parallel_calls(2, 1))
    root = desk.start("parallel")
    desk.complete("accept")
    shown = picture(root.id)
    assert shown.elements["accept"].state == "done"
    assert shown.elements["department_0"].state == "running"
    assert len(shown.elements["department_0"].children) == 1
    assert "join" not in shown.elements and "close" not in shown.elements
    assert ("fork", "department_1") in shown.flows
    assert shown.elements["accept"].tasks[0].completed_by == "staff:officer"


def test_running_instances_keep_their_version(desk):
    desk.deploy(linear(2))
    old = desk.start("linear")
    [newer] = desk.deploy(linear(1))
    assert newer.version == 2
    new = desk.start("linear", business_key="case:2")
    desk.complete("step_0", instance_id=new.id)
    desk.complete("step_0", instance_id=old.id)
    assert desk.open_names() == ["step_1"]


def test_the_same_file_again_makes_no_new_version(desk):
    [first] = desk.deploy(linear(2))
    [again] = desk.deploy(linear(2))
    assert first.id == again.id


def test_an_unknown_process_is_said_to_be_unknown(desk):
    with pytest.raises(ProcessNotFound):
        desk.start("nothing")


def test_a_changed_record_is_found(desk):
    desk.deploy(linear(2))
    desk.start("linear")
    desk.complete("step_0")

    def forge():
        entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "completed")).one()
        entry.body = entry.body.replace(b"staff:officer", b"staff:nobody!")

    unit_of_work(forge)
    assert [link.reason for link in broken_links()] == ["hash does not fit"]

"""Call activities, operations and the hooks by which the law takes part."""
import pytest
from sqlalchemy import select

from engine import hooks
from engine.api import ProcessInstance, Task, db, operation, picture, send_message
from engine.codec import read
from tests.bpmn_builder import Drawing, linear
from tests.unit.engine.conftest import AT


@pytest.fixture(autouse=True)
def hooks_of_this_test_only(monkeypatch):
    monkeypatch.setattr(hooks, "_operations", {})
    monkeypatch.setattr(hooks, "_child_hooks", [])
    monkeypatch.setattr(hooks, "_task_hooks", [])
    monkeypatch.setattr(hooks, "_change_hooks", {"started": [], "ended": []})


def stage(*codes):
    """A stage that calls one item process a code, and one a further item that the drawing does not know."""
    drawing = Drawing("stage").start().node("parallelGateway", "fork").node("parallelGateway", "join").end()
    for code in codes:
        drawing.node(
            "callActivity", f"item_{code}", calledElement="item", binglian_item=code,
            binglian_skip=f"not ('{code}' in items)", binglian_businessKey=f"case_of.{code}",
        ).chain("fork", f"item_{code}", "join")
    loop = (
        '<bpmn:multiInstanceLoopCharacteristics><bpmn:loopDataInputRef>other_items</bpmn:loopDataInputRef>'
        '<bpmn:inputDataItem id="code" /></bpmn:multiInstanceLoopCharacteristics>'
    )
    drawing.node(
        "callActivity", "others", loop, calledElement="item", binglian_businessKey="case_of[code]",
    )
    return drawing.chain("start", "fork", "others", "join", "end")


def test_a_stage_calls_the_items_it_needs(desk):
    desk.deploy(stage("X01", "X02"), linear(1, "item"))
    cases = {"X01": "case:1", "E01": "case:2", "E02": "case:3"}
    root = desk.start("stage", "application:1", items=list(cases), other_items=["E01", "E02"], case_of=cases)
    keys = select(ProcessInstance.business_key).where(ProcessInstance.parent_id == root.id)
    assert sorted(db.session.scalars(keys)) == ["case:1", "case:2", "case:3"]
    shown = picture(root.id).elements
    assert shown["item_X01"].state == "running" and shown["item_X02"].state == "skipped"
    assert len(shown["others"].children) == 2
    for key in cases.values():
        desk.complete("step_0", business_key=key)
    assert db.session.get(ProcessInstance, root.id).status == "completed"


def test_no_further_items_means_no_further_branches(desk):
    desk.deploy(stage("X01"), linear(1, "item"))
    root = desk.start("stage", "application:1", items=["X01"], other_items=[], case_of={"X01": "case:1"})
    desk.complete("step_0")
    assert db.session.get(ProcessInstance, root.id).status == "completed"


def test_an_operation_answers_in_the_same_transaction(desk):
    asked = []

    @operation("start_clock")
    def start_clock(call):
        asked.append((call.business_key, call.variables["days"], call.by))
        return {"clock": "running"}

    drawing = (
        Drawing("clock").start().node("serviceTask", "begin", binglian_operation="start_clock")
        .node("exclusiveGateway", "which", default="no").user("review").user("never").end()
        .chain("start", "begin", "which").flow("which", "review", "clock == 'running'")
        .flow("which", "never", id="no").chain("review", "end").chain("never", "end")
    )
    desk.deploy(drawing)
    desk.start("clock", days=5)
    assert asked == [("case:1", 5, "staff:clerk")]
    assert desk.open_names() == ["review"]


def test_hooks_prepare_children_and_tasks_and_hear_ends(desk):
    heard = []

    @hooks.prepares_child
    def give_department(start):
        start.variables = {"department": f"department of {start.item}"}

    @hooks.prepares_tasks
    def give_due(tasks):
        for task in tasks:
            task.due_at = AT

    @hooks.hears("ended")
    def hear(change):
        heard.append((change.business_key, change.ended_in))

    item = Drawing("item").start().user("review", binglian_candidateGroups="officer@${department}").end()
    desk.deploy(stage("X01"), item.chain("start", "review", "end"))
    desk.start("stage", "application:1", items=["X01"], other_items=[], case_of={"X01": "case:1"})
    task = desk.task("review")
    assert [c.group_name for c in task.candidates] == ["officer@department of X01"]
    assert task.due_at == AT
    desk.complete("review")
    assert heard == [("case:1", "item_end"), ("application:1", "stage_end")]


def test_parallel_branches_cannot_overwrite_one_another(desk):
    main = (
        Drawing("main").start().node("parallelGateway", "fork").node("parallelGateway", "join").user("sum_up").end()
        .node("callActivity", "a", calledElement="item", binglian_outputs="decision")
        .node("callActivity", "b", calledElement="item")
        .chain("start", "fork", "a", "join", "sum_up", "end").chain("fork", "b", "join")
    )
    desk.deploy(main, linear(1, "item"))
    root = desk.start("main", "case:1")
    children = {c.parent_element_id: c.id for c in db.session.scalars(select(ProcessInstance).filter_by(parent_id=root.id))}
    desk.complete("step_0", {"decision": "approve"}, instance_id=children["a"])
    desk.complete("step_0", {"decision": "refuse"}, instance_id=children["b"])
    desk.complete("sum_up")
    assert {"decision": "approve"} in read(db.session.get(ProcessInstance, root.id).state)["p"]


def test_an_operation_may_wake_another_instance(desk):
    @operation("wake_next")
    def wake_next(call):
        send_message("go", business_key="case:2", by=call.by, at=call.at)

    first = Drawing("first").start().user("issue").node("serviceTask", "wake", binglian_operation="wake_next").end()
    second = (
        Drawing("second").start()
        .node("intermediateCatchEvent", "wait", '<bpmn:messageEventDefinition messageRef="m" />').user("review").end()
    )
    desk.deploy(
        first.chain("start", "issue", "wake", "end"), second.chain("start", "wait", "review", "end"),
        extra='<bpmn:message id="m" name="go" />',
    )
    desk.start("first", "case:1")
    desk.start("second", "case:2")
    assert desk.open_names() == ["issue"]
    desk.complete("issue")
    assert desk.open_names() == ["review"]
    assert db.session.scalar(select(Task.business_key).where(Task.status == "open")) == "case:2"

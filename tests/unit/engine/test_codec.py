"""Reading and writing the state before every step must change nothing.

One drawing with everything that holds state (loops, parallel and inclusive joins, embedded sub-process, sequential
and parallel multi-instance, boundary timer and signal, event gateway) is walked at random, twice with the same
choices: once never leaving memory, once through bytes before each step.
"""
import random

import orjson
import pytest
from SpiffWorkflow.bpmn import BpmnEvent
from SpiffWorkflow.bpmn.specs.event_definitions import SignalEventDefinition

from bpmn.parser import parse
from engine import codec
from engine.calendar import Calendar
from engine.runtime import Runtime, ScriptEngine
from tests.bpmn_builder import Drawing, bpmn_file, timer
from tests.unit.engine.conftest import AT

INNER = (
    '<bpmn:startEvent id="in_start" /><bpmn:userTask id="in_task" /><bpmn:userTask id="in_task_2" />'
    '<bpmn:endEvent id="in_end" /><bpmn:sequenceFlow id="q1" sourceRef="in_start" targetRef="in_task" />'
    '<bpmn:sequenceFlow id="q2" sourceRef="in_task" targetRef="in_task_2" />'
    '<bpmn:sequenceFlow id="q3" sourceRef="in_task_2" targetRef="in_end" />'
)
VOTE = (
    "<bpmn:multiInstanceLoopCharacteristics><bpmn:loopDataInputRef>voters</bpmn:loopDataInputRef>"
    "<bpmn:loopDataOutputRef>votes</bpmn:loopDataOutputRef>"
    '<bpmn:inputDataItem id="voter" /><bpmn:outputDataItem id="vote" /></bpmn:multiInstanceLoopCharacteristics>'
)
TWICE = (
    '<bpmn:multiInstanceLoopCharacteristics isSequential="true"><bpmn:loopCardinality>2</bpmn:loopCardinality>'
    "</bpmn:multiInstanceLoopCharacteristics>"
)


def rich() -> bytes:
    d = Drawing("rich").start().user("apply").node("exclusiveGateway", "again", default="go")
    d.node("parallelGateway", "fork").node("parallelGateway", "join").node("exclusiveGateway", "either")
    d.node("subProcess", "inside", INNER).user("consult").node("userTask", "voting", VOTE).node("userTask", "twice", TWICE)
    d.node("boundaryEvent", "late", timer("PT1H"), attachedToRef="apply", cancelActivity="false")
    d.user("escalated").end("escalation_end").chain("late", "escalated", "escalation_end")
    d.node("boundaryEvent", "recalled", '<bpmn:signalEventDefinition signalRef="S" />', attachedToRef="inside")
    d.user("recall").chain("recalled", "recall", "either").chain("inside", "either", "join")
    d.node("inclusiveGateway", "some", default="z_default").node("inclusiveGateway", "merged")
    d.node("eventBasedGateway", "first_of")
    d.node("intermediateCatchEvent", "answer", '<bpmn:signalEventDefinition signalRef="S2" />')
    d.node("intermediateCatchEvent", "timeout", timer("PT1H")).end("answered").end("timed_out")
    d.chain("start", "apply", "again").flow("again", "apply", "back").flow("again", "fork", id="go")
    for branch in ("consult", "voting", "twice"):
        d.chain("fork", branch, "join")
    d.flow("fork", "inside").flow("join", "some")
    d.user("x").user("y").user("z")
    d.flow("some", "x", "k >= 1").flow("some", "y", "k >= 2").flow("some", "z", id="z_default")
    for branch in "xyz":
        d.flow(branch, "merged")
    d.flow("merged", "first_of").chain("first_of", "answer", "answered").chain("first_of", "timeout", "timed_out")
    return bpmn_file(d, extra='<bpmn:signal id="S" name="recall" /><bpmn:signal id="S2" name="answer" />')


@pytest.fixture(scope="module")
def model():
    return parse(rich()).processes["rich"]


def snapshot(runtime):
    def of(workflow):
        return sorted(
            (t.task_spec.name, t.state, orjson.dumps(t.data, option=orjson.OPT_SORT_KEYS), len(t.children))
            for t in workflow.tasks.values()
        )

    running = [s for s in runtime.workflow.subprocesses.values() if not s.completed]
    return of(runtime.workflow), sorted((s.spec.name, of(s)) for s in running), runtime.completed


def send(runtime, name):
    runtime.workflow.catch(BpmnEvent(SignalEventDefinition(name)))
    runtime.workflow.get_events()
    runtime.advance()


def walk(model, seed, through_bytes):
    choose = random.Random(seed)
    engine = ScriptEngine(AT, Calendar({}))
    start = {"back": False, "k": choose.choice([0, 1, 2]), "voters": ["a", "b", "c"]}
    runtime = Runtime.start(model, start, engine)
    runtime.advance()
    seen = []
    for step in range(80):
        if runtime.completed:
            break
        if through_bytes:
            runtime = Runtime.read(model, runtime.write(AT), engine)
        ready = sorted(runtime.open_tasks(), key=lambda t: (t.task_spec.name, str(t.internal_data)))
        if choose.random() < 0.08:
            send(runtime, "recall")
        elif not ready:
            send(runtime, "answer")
        else:
            task = choose.choice(ready)
            values = {f"n{step % 7}": step, "back": choose.random() < 0.4}
            if task.task_spec.name.startswith("voting"):
                values["vote"] = step
            runtime.complete(str(task.id), values)
            runtime.advance()
        seen.append(snapshot(runtime))
    return seen


@pytest.mark.parametrize("seed", range(40))
def test_a_walk_through_bytes_is_the_same_walk(model, seed):
    in_memory = walk(model, seed, through_bytes=False)
    assert walk(model, seed, through_bytes=True) == in_memory
    assert in_memory[-1][-1], "the walk must reach an end"


def test_form_data_cannot_break_an_instance(model):
    engine = ScriptEngine(AT, Calendar({}))
    runtime = Runtime.start(model, {"back": False, "k": 0, "voters": []}, engine)
    runtime.advance()
    [task] = runtime.open_tasks()
    hostile = {"typename": "datetime", "value": "x"}
    runtime.complete(str(task.id), {"form": hostile, **hostile})
    runtime.advance()
    again = Runtime.read(model, runtime.write(AT), engine)
    assert any(t.data.get("form") == hostile for t in again.tasks())


def test_a_state_of_another_format_is_refused():
    state = codec._compress(orjson.dumps({"v": 99}))
    with pytest.raises(codec.UnknownFormat):
        codec.read(state)


def test_since_is_the_callers_clock(model):
    engine = ScriptEngine(AT, Calendar({}))
    runtime = Runtime.start(model, {"back": False, "k": 0, "voters": []}, engine)
    runtime.advance()
    stored = codec.read(runtime.write(AT))
    assert {row[codec.SINCE] for row in stored["t"][1]} == {AT.timestamp()}

"""From a file to a model: what the engine gets, and files as other modelers write them."""

import random
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec

import bpmn.parser
from bpmn import ProcessRefused, check_file, parse
from bpmn.catalogue import shipped_definitions
from bpmn.layout import add_layout
from tests.unit.bpmn.drawing import chain, draw, end, file, flow, instances, line, node, process, start, user
from tests.unit.bpmn.running import Play

PROCESSES = Path(__file__).parents[2] / "processes"
CAMUNDA = sorted(PROCESSES.glob("camunda_*.bpmn"))  # written by us in the form Camunda Modeler exports
OPERATIONS = frozenset({"send_notice", "seal_drawings"})


class TestModel:
    SOURCE = file(
        process(
            '<bpmn:laneSet><bpmn:lane id="l" name="window_clerk"><bpmn:flowNodeRef>sub</bpmn:flowNodeRef></bpmn:lane>'
            '<bpmn:lane id="l2"><bpmn:flowNodeRef>c</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>',
            start(),
            node(
                "subProcess", "sub", start("s1") + user("u", name="受理") + end("e1") + "".join(chain("s1", "u", "e1"))
            ),
            node("callActivity", "c", calledElement="other", binglian_businessKey="${case}"),
            end(),
            *chain("s", "sub", "c", "e"),
        ),
        process(start("x"), end("y"), *chain("x", "y"), key="q"),
    )

    def test_every_executable_process_is_there(self):
        parsed = parse(self.SOURCE)
        assert list(parsed.processes) == ["p", "q"]
        model = parsed.processes["p"]
        assert (model.key, model.name, model.called) == ("p", "流程", {"other"})
        assert isinstance(model.spec, BpmnProcessSpec)
        assert list(model.subprocess_specs) == ["sub"]

    def test_elements_are_those_of_the_drawing(self):
        elements = parse(self.SOURCE).processes["p"].elements
        assert list(elements) == ["s", "sub", "s1", "u", "e1", "c", "e"]
        task = elements["u"]
        assert (task.id, task.name, task.type, task.line, task.lane) == ("u", "受理", "userTask", 5, "window_clerk")
        assert elements["c"].attributes == {"businessKey": "${case}"}
        assert elements["c"].lane is None

    def test_processes_that_are_not_executable_are_left_out(self):
        source = self.SOURCE.replace(b'id="q" name="\xe6\xb5\x81\xe7\xa8\x8b" isExecutable="true"', b'id="q"')
        assert list(parse(source).processes) == ["p"]

    def test_specs_know_their_extensions(self):
        model = parse(line(user("a", instances("", camunda_collection="x"), binglian_limit="P5WD"))).processes["p"]
        assert model.spec.task_specs["a"].extensions.limit == "P5WD"
        assert model.spec.task_specs["a [child]"].extensions.limit == "P5WD"

    def test_a_file_that_was_checked_is_not_judged_again(self):
        source = line(user("End"))
        with pytest.raises(ProcessRefused):
            parse(source)
        assert parse(source, checked=True).processes

    def test_whatever_the_library_trips_over_is_a_finding(self, monkeypatch):
        monkeypatch.setattr(bpmn.parser, "_models", lambda *_: 1 / 0)
        (finding,) = check_file(line(user("a", binglian_assignee="x")))
        assert (finding.severity, finding.code) == ("error", "not_runnable")

    def test_too_deep_a_path_is_a_finding_even_unchecked(self):
        with pytest.raises(ProcessRefused, match="engine cannot read"):
            parse(line(*(user(f"t{n}") for n in range(900))), checked=True)


class TestTolerance:
    """What other tools write and SpiffWorkflow alone does not read."""

    def test_data_objects_and_stores_are_only_drawn(self):
        task = user(
            "a",
            "<bpmn:ioSpecification><bpmn:inputSet/><bpmn:outputSet/></bpmn:ioSpecification>"
            "<bpmn:dataInputAssociation><bpmn:sourceRef>r</bpmn:sourceRef><bpmn:targetRef>r</bpmn:targetRef>"
            "</bpmn:dataInputAssociation>",
            binglian_assignee="x",
        )
        store = node("dataStoreReference", "ds", dataStoreRef="db")
        parts = [start(), task, end(), *chain("s", "a", "e"), node("dataObject", "o")]
        reference = node("dataObjectReference", "r", dataObjectRef="o")
        source = file(process(*parts, reference, store), before='<bpmn:dataStore id="db" name="库" />')
        assert check_file(source) == []
        assert Play(source, r=1).do("a").workflow.completed

    def test_ids_inside_foreign_extensions_do_not_count(self):
        form = (
            "<bpmn:extensionElements><camunda:formData>"
            '<camunda:formField id="a"/></camunda:formData></bpmn:extensionElements>'
        )
        assert Play(line(user("a", form), user("b"))).do("a").waiting_for() == ["b"]

    def test_a_send_task_may_be_an_operation(self):
        source = line(node("sendTask", "x", camunda_type="external", camunda_topic="send_notice"), user("b"))
        play = Play(source)
        assert play.waiting_for() == ["x"]
        assert parse(source).processes["p"].elements["x"].type == "sendTask"

    def test_incoming_and_outgoing_may_be_missing_or_written(self):
        written = line(user("a")).replace(
            b'<bpmn:userTask id="a">', b'<bpmn:userTask id="a"><bpmn:incoming>s_a</bpmn:incoming>'
        )
        assert Play(written).waiting_for() == Play(line(user("a"))).waiting_for() == ["a"]


class TestCamundaFiles:
    @pytest.mark.parametrize("path", CAMUNDA, ids=lambda path: path.stem)
    def test_they_parse_unchanged(self, path):
        found = check_file(path.read_bytes(), operations=OPERATIONS)
        assert not [finding for finding in found if finding.is_error]
        assert add_layout(path.read_bytes()) == path.read_bytes()

    def test_there_are_some(self):
        assert len(CAMUNDA) == 5

    def play(self, name, **variables):
        return Play((PROCESSES / f"camunda_{name}.bpmn").read_bytes(), **variables)

    def test_correction_and_then_approval(self):
        play = self.play("correction_loop")
        play.do("Activity_shouli", materialsComplete=False, missing=["图纸"], acceptedBy="staff:a")
        assert play.do("Activity_gaozhi").waiting_for() == []
        assert play.timer("Gateway_dengdai")["due"] == "2026-04-01T09:00:00+08:00"
        assert play.wait_until("2026-04-01T09:00").workflow.completed

    def test_complete_from_the_beginning(self):
        play = self.play("correction_loop").do("Activity_shouli", materialsComplete=True, missing=[])
        play.do("Activity_shencha", decision="conditional", conditions=["限高"])
        assert play.waiting_for() == ["Activity_fazheng"]

    def test_review_in_parallel(self):
        play = self.play("joint_review", area=800, hearingWaived=False, risk="low").do("Activity_fenfa")
        assert sorted(play.waiting_for()) == ["Activity_sthj", "Activity_zjj", "Activity_zrzy"]
        assert play.timer("Event_tixing")["left"] == 3
        play.wait_until("2026-03-07T10:00")  # 120 hours: the environment bureau is late, and two reminders are due
        assert sorted(play.waiting_for()) == ["Activity_cuiban", "Activity_zjj", "Activity_zrzy"]
        play.do("Activity_cuiban").do("Activity_zrzy").do("Activity_zjj")
        assert play.waiting_for() == ["Activity_tingzheng"]
        assert play.do("Activity_tingzheng").do("Activity_jueding").workflow.completed

    def test_countersigning_until_three_quarters(self):
        play = self.play("countersign", signers=["建筑", "结构", "给排水", "电气"])
        for _ in range(3):
            play.do("Activity_huiqian", rejected=False)
        assert play.do("Activity_gaizhang").workflow.completed

    def test_one_rejection_leads_to_changes(self):
        play = self.play("countersign", signers=["建筑", "结构"], applicant="public:zhang")
        play.do("Activity_huiqian", rejected=True)
        assert play.waiting_for() == ["Activity_shangchuan"]
        play.do("Activity_shangchuan").do("Activity_fuhe")
        assert play.waiting_for() == ["Activity_huiqian", "Activity_huiqian"]

    def test_a_collaboration_has_the_executable_pool(self):
        parsed = parse((PROCESSES / "camunda_collaboration.bpmn").read_bytes())
        assert list(parsed.processes) == ["Process_yijianshi"]
        assert parsed.processes["Process_yijianshi"].elements["Activity_dengji"].lane == "市场监管局"


def test_shipped_definitions_have_paths_and_bytes():
    for path, source in shipped_definitions():
        assert path.suffix == ".bpmn" and not path.is_absolute()
        assert not [finding for finding in check_file(source) if finding.is_error], path


# --- time and hostility -------------------------------------------------------------------------------------------


def fastest(act, rounds=5):
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        act()
        times.append(time.perf_counter() - began)
    return min(times)


def test_a_file_of_fifty_elements_is_checked_in_50_ms():
    source = line(*(user(f"t{n}", binglian_candidateGroups="a,b", binglian_limit="P5WD") for n in range(50)))
    assert fastest(lambda: check_file(source)) < 0.05


@pytest.mark.parametrize(
    "source",
    [
        draw(start(), end(), *chain("s", "e"), *(user(f"t{n}") for n in range(20_000))),
        draw(start(), end(), *chain("s", "e"), *(flow(f"x{n}", f"y{n}") for n in range(10_000))),
        draw(
            start(), end(), *(node("exclusiveGateway", f"g{n}") for n in range(1_900)),
            *(flow(f"g{n}", f"g{(n * 7 + k) % 1_900}", "x", f"f{n}_{k}") for n in range(1_900) for k in range(3)),
        ),
        line(user("a", "<bpmn:documentation>" + "字" * 600_000 + "</bpmn:documentation>")),
        line(user("a", "<bpmn:documentation/>" * 80_000)),
    ],
    ids=["nodes", "flows", "rings", "text", "children"],
)  # fmt: skip
def test_large_files_are_answered_in_bounded_time(source):
    began = time.perf_counter()
    check_file(source)
    assert time.perf_counter() - began < 5


def mutated(source, seed):
    """A file in which lines are dropped, doubled, moved, or have words from elsewhere in the file."""
    chance = random.Random(seed)
    lines = source.decode().split("\n")
    words = [word for text in lines for word in text.split('"')]
    for _ in range(chance.randint(1, 6)):
        at, other = chance.randrange(len(lines)), chance.randrange(len(lines))
        kind = chance.randrange(4)
        if kind == 0:
            del lines[at]
        elif kind == 1:
            lines.insert(at, lines[other])
        elif kind == 2:
            lines[at], lines[other] = lines[other], lines[at]
        else:
            parts = lines[at].split('"')
            parts[chance.randrange(len(parts))] = chance.choice(words)
            lines[at] = '"'.join(parts)
    return "\n".join(lines).encode()


@settings(max_examples=400, deadline=5000)
@given(st.sampled_from(CAMUNDA), st.integers(0, 2**32))
def test_mutated_files_are_read_or_refused(path, seed):
    source = mutated(path.read_bytes(), seed)
    for finding in check_file(source):
        assert finding.message_zh and finding.message_en
    for act in (parse, add_layout):
        try:
            act(source)
        except ProcessRefused as refused:
            assert refused.findings

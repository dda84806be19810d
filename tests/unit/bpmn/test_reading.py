"""The small readers: extension attributes, durations, layout."""

from datetime import UTC, datetime, timedelta

import pytest
from lxml import etree

from bpmn import ProcessRefused, check_file
from bpmn.durations import CHINA, Cycle, Duration, due_moment, read_cycle, read_duration, read_moment
from bpmn.expressions import ExpressionError, evaluate
from bpmn.extensions import ElementExtensions, read_extensions
from bpmn.layout import add_layout
from tests.unit.bpmn.drawing import (
    NAMESPACES,
    chain,
    draw,
    end,
    file,
    flow,
    instances,
    line,
    node,
    process,
    start,
    user,
)
from tests.unit.bpmn.running import Weekdays


def extensions(text):
    return read_extensions(etree.fromstring(f"<x {NAMESPACES} xmlns:acme='http://acme'>{text}</x>")[0])


class TestExtensions:
    def test_ours(self):
        read = extensions(
            user(
                "a",
                binglian_candidateGroups="window_clerk, officer@${部门}",
                binglian_candidateUsers="staff:a",
                binglian_assignee="staff:b",
                binglian_limit="5个工作日",
                binglian_step="accept",
                binglian_formKey="accept",
                binglian_businessKey="${key}",
                binglian_skip="${x}",
                binglian_item="SX-1",
                binglian_operation="send_notice",
                binglian_clock="promised",
            )
        )
        assert read.candidate_groups == ["window_clerk", "officer@${部门}"]
        assert read.candidate_users == ["staff:a"]
        assert (read.assignee, read.limit, read.step, read.form_key) == ("staff:b", "5个工作日", "accept", "accept")
        assert (read.business_key, read.skip, read.item, read.operation) == ("${key}", "${x}", "SX-1", "send_notice")
        assert read.attributes["clock"] == "promised"
        assert read.unknown == []

    def test_camundas(self):
        read = extensions(
            user("a", camunda_candidateGroups="a", camunda_dueDate="P3D", camunda_formKey="f", camunda_assignee="${x}")
        )
        assert (read.candidate_groups, read.limit, read.form_key, read.assignee) == (["a"], "P3D", "f", "${x}")
        assert read.attributes["limit"] == "P3D"

    def test_ours_win(self):
        read = extensions(user("a", camunda_dueDate="P3D", binglian_limit="P5WD"))
        assert (read.limit, read.attributes) == ("P5WD", {"limit": "P5WD"})

    def test_instances(self):
        read = extensions(user("a", instances("", camunda_collection="voters", camunda_elementVariable="voter")))
        assert (read.collection, read.element_variable) == ("voters", "voter")

    def test_what_is_unknown_is_listed(self):
        inner = "<bpmn:extensionElements><camunda:executionListener/><acme:x/></bpmn:extensionElements>"
        text = user("a", inner, camunda_asyncBefore="true").replace("<bpmn:userTask", "<bpmn:userTask acme:y='1'")
        assert extensions(text).unknown == ["acme:y", "camunda:asyncBefore", "camunda:executionListener", "acme:x"]

    def test_marks_of_topics_and_tools_are_not(self):
        text = node("serviceTask", "a", camunda_type="external", camunda_topic="t")
        assert extensions(text) == ElementExtensions(operation="t", attributes={"operation": "t"})

    def test_nothing(self):
        assert extensions(user("a")) == ElementExtensions()


class TestDurations:
    @pytest.mark.parametrize(
        "text, duration",
        [
            ("P20WD", Duration(working_days=20)),
            ("20wd", Duration(working_days=20)),
            ("20个工作日", Duration(working_days=20)),
            (" 20 工作日 ", Duration(working_days=20)),
            ("P1Y2M", Duration(months=14)),
            ("P1W", Duration(span=timedelta(days=7))),
            ('"P3DT2H30M10S"', Duration(span=timedelta(days=3, hours=2, minutes=30, seconds=10))),
            ("PT0S", Duration()),
            *(
                (bad, None)
                for bad in ("", "P", "PT", "P3X", "3D", "三个工作日", "P-1D", "P99999D", "P1.5D", "1WD1", "P3DT")
            ),
        ],
    )
    def test_durations(self, text, duration):
        assert read_duration(text) == duration

    def test_moments(self):
        assert read_moment("2026-03-01") == datetime(2026, 3, 1, tzinfo=CHINA)
        assert read_moment("2026-03-01T09:00Z") == datetime(2026, 3, 1, 9, tzinfo=UTC)
        assert read_moment("2026-02-30") is None
        assert read_moment("20260301") is None

    def test_cycles(self):
        assert read_cycle("R3/P2WD") == Cycle(3, Duration(working_days=2))
        assert read_cycle("R/PT1H") == Cycle(None, Duration(span=timedelta(hours=1)))
        assert [read_cycle(text) for text in ("R3/PT0S", "R3", "3/P1D", "R3/P1D/P1D", "0 0 9 * * ?")] == [None] * 5

    @pytest.mark.parametrize(
        "text, kind, due",
        [
            ("P5WD", "working_days", "2026-02-06T23:59:59+08:00"),
            ("P1M", "duration", "2026-02-28T09:00:00+08:00"),
            ("P1Y", "duration", "2027-01-31T09:00:00+08:00"),
            ("2026-05-01", "date", "2026-05-01T00:00:00+08:00"),
            ("${n}", "working_days", "2026-02-03T23:59:59+08:00"),
            ("text", "duration", "2026-02-03T09:00:00+08:00"),
        ],
    )
    def test_due_moments(self, text, kind, due):
        now = datetime(2026, 1, 31, 1, tzinfo=UTC)  # nine in the morning in China
        found = due_moment(text, now, Weekdays(), lambda source: evaluate(source, {"n": 2, "text": "P3D"}))
        assert (found[0], found[1].isoformat()) == (kind, due)

    @pytest.mark.parametrize("value", [None, True, -1, 10**9, 1.5, "soon", [], "9999-99-99"])
    def test_what_is_no_length_is_an_error(self, value):
        with pytest.raises(ExpressionError):
            due_moment("x", datetime(2026, 1, 31, tzinfo=CHINA), Weekdays(), lambda source: value)

    def test_the_end_of_time_is_an_error(self):
        with pytest.raises(ExpressionError, match="超出范围"):
            due_moment("P99Y", datetime(9950, 1, 1, tzinfo=CHINA), Weekdays(), evaluate)


class TestLayout:
    SOURCE = file(
        process(
            "<!-- 注释 -->",
            start(),
            user("a", binglian_limit="P5WD"),
            node("subProcess", "b", start("s1") + user("u1") + end("e1") + "".join(chain("s1", "u1", "e1"))),
            end(),
            *chain("s", "a", "b", "e"),
        ),
        process(start("x"), end("y"), *chain("x", "y"), key="q"),
    )
    DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"

    def drawn(self, source):
        return etree.fromstring(add_layout(source))

    def test_every_node_and_flow_is_drawn_once(self):
        root = self.drawn(self.SOURCE)
        shapes = [shape.get("bpmnElement") for shape in root.iter(self.DI + "BPMNShape")]
        edges = [edge.get("bpmnElement") for edge in root.iter(self.DI + "BPMNEdge")]
        assert sorted(shapes) == sorted(["s", "a", "b", "s1", "u1", "e1", "e", "x", "y"])
        assert sorted(edges) == sorted(["s_a", "a_b", "b_e", "s1_u1", "u1_e1", "x_y"])
        assert len(root.findall(self.DI + "BPMNDiagram")) == 2

    def test_what_lies_in_a_sub_process_lies_inside_its_shape(self):
        root = self.drawn(self.SOURCE)
        bounds = {
            shape.get("bpmnElement"): {name: float(value) for name, value in shape[0].attrib.items()}
            for shape in root.iter(self.DI + "BPMNShape")
        }
        outer, inner = bounds["b"], bounds["u1"]
        assert outer["x"] < inner["x"] and inner["x"] + inner["width"] < outer["x"] + outer["width"]

    def test_nothing_else_changes(self):
        laid_out = add_layout(self.SOURCE).decode()
        assert "<!-- 注释 -->" in laid_out and 'binglian:limit="P5WD"' in laid_out
        assert check_file(laid_out.encode()) == check_file(self.SOURCE)
        assert add_layout(laid_out.encode()) == laid_out.encode()

    def test_an_incomplete_drawing_is_laid_out_too(self):
        source = draw(start(), user("a"), *chain("s", "a"), flow("a", "gone"))
        assert len(list(self.drawn(source).iter(self.DI + "BPMNShape"))) == 2

    @pytest.mark.parametrize(
        "source, code",
        [
            (line(user("a")).replace(b'id="e"', b'id="a"'), "duplicate_id"),
            (line(user("a")).replace(b'<bpmn:userTask id="a"', b"<bpmn:userTask"), "missing_id"),
            (file(), "no_layout"),
            (line(*(user(f"t{n}") for n in range(2_001))), "no_layout"),
        ],
    )
    def test_what_cannot_be_drawn_is_refused(self, source, code):
        with pytest.raises(ProcessRefused) as refused:
            add_layout(source)
        assert refused.value.findings[0].code == code

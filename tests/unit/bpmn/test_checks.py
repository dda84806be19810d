"""Every check: a file that it finds fault with, and one like it that it does not."""

import re
from importlib import import_module

import pytest
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser

from bpmn import ProcessRefused, check_file, parse
from bpmn.checks import all_checks, check
from bpmn.document import FLOW_NODES
from tests.unit.bpmn.drawing import chain, draw, end, file, flow, instances, line, node, process, start, timer, user

DEFINED = '<bpmn:message id="M" name="补正" /><bpmn:message id="M2" /><bpmn:signal id="S" name="停工" />'


def message(reference="M"):
    return f'<bpmn:messageEventDefinition messageRef="{reference}" />'


def signal(reference="S"):
    return f'<bpmn:signalEventDefinition signalRef="{reference}" />'


def catch(element_id, inner):
    return node("intermediateCatchEvent", element_id, inner)


def choice(*flows, default=None, kind="exclusiveGateway", between=()):
    attributes = {"default": default} if default else {}
    ends = [end(target) for target in ("e1", "e2")]
    return draw(start(), node(kind, "g", **attributes), *ends, *between, *chain("s", "g"), *flows)


def with_messages(*parts):
    return file(process(*parts), before=DEFINED)


def ring(*middle):
    """s → j → the given nodes → g, and from g back to j or to the end."""
    ids = [re.search('id="([^"]*)"', part)[1] for part in middle]
    return draw(
        start(), node("exclusiveGateway", "j"), *middle, node("exclusiveGateway", "g", default="out"), end(),
        *chain("s", "j", *ids, "g"), flow("g", "j", "again"), flow("g", "e", flow_id="out"),
    )  # fmt: skip


def event_gateway(*targets, extra=()):
    ids = [re.search('id="([^"]*)"', target)[1] for target in targets]
    flows = [part for target in ids for part in (flow("g", target), flow(target, "e"))]
    return with_messages(start(), node("eventBasedGateway", "g"), *targets, end(), *chain("s", "g"), *flows, *extra)


SCRIPT = "<bpmn:script>{}</bpmn:script>"
CARDINALITY = "<bpmn:loopCardinality>{}</bpmn:loopCardinality>"
SUB = start("s1") + user("u1") + end("e1") + "".join(chain("s1", "u1", "e1"))
WAIT = catch("t", timer("timeDuration", "P1D"))
CONDITIONAL = "<bpmn:conditionalEventDefinition><bpmn:condition>x</bpmn:condition></bpmn:conditionalEventDefinition>"
WHILE = (
    "<bpmn:standardLoopCharacteristics><bpmn:loopCondition>{}</bpmn:loopCondition></bpmn:standardLoopCharacteristics>"
)
LOOP = '<bpmn:standardLoopCharacteristics loopMaximum="{}"/>'

# code: [(severity, the element found, bad file, good file), …]
CASES = {
    "schema": [
        ("error", "a", line(user("a", "<bpmn:script>x</bpmn:script>")), line(user("a"))),
        ("error", "1a", draw(start(), user("1a"), end(), *chain("s", "1a", "e")), line(user("a1"))),
    ],
    "executable": [
        (
            "error",
            "d",
            file(process(start("x"), key="p"), process(start("y"), key="q")).replace(b'"true"', b'"false"'),
            line(user("a")),
        ),
        ("error", "d", file(), line(user("a"))),
        (
            "warning",
            "p",
            draw(start(), end(), *chain("s", "e"), executable="false"),
            draw(start(), end(), *chain("s", "e")),
        ),
        ("warning", "p", draw(start(), end(), *chain("s", "e"), executable=None), line(user("a"))),
    ],
    "missing_id": [
        ("error", "", line(user("a")).replace(b'<bpmn:userTask id="a"', b"<bpmn:userTask"), line(user("a")))
    ],
    "duplicate_id": [("error", "a", line(user("a")).replace(b'id="e"', b'id="a"'), line(user("a")))],
    "reserved_id": [
        ("error", "End", line(user("End")), line(user("End_1"))),
        ("error", "a.EndJoin", line(user("a.EndJoin")), line(user("EndJoin"))),
    ],
    "dangling_reference": [
        (
            "error",
            "s_x",
            draw(start(), end(), *chain("s", "e"), flow("s", "x")),
            draw(start(), end(), *chain("s", "e")),
        ),
        (
            "error",
            "t",
            draw(
                start(),
                end(),
                node("boundaryEvent", "t", message(), attachedToRef="x"),
                *chain("s", "e"),
                *chain("t", "e"),
            ),
            with_messages(
                start(),
                user("a"),
                end(),
                node("boundaryEvent", "t", message(), attachedToRef="a"),
                *chain("s", "a", "e"),
                *chain("t", "e"),
            ),
        ),
        (
            "error",
            "c",
            with_messages(start(), catch("c", message("X")), end(), *chain("s", "c", "e")),
            with_messages(start(), catch("c", message()), end(), *chain("s", "c", "e")),
        ),
        (
            "error",
            "g",
            choice(flow("g", "e1", "a"), flow("g", "e2", "b"), default="x"),
            choice(flow("g", "e1", "a"), flow("g", "e2", flow_id="x"), default="x"),
        ),
        # a flow cannot cross the border of a sub-process
        (
            "error",
            "a_u1",
            draw(start(), user("a"), node("subProcess", "b", SUB), end(), *chain("s", "a", "b", "e"), flow("a", "u1")),
            line(user("a"), node("subProcess", "b", SUB)),
        ),
    ],
    "start_event": [
        ("error", "p", draw(user("a"), end(), *chain("a", "e")), line(user("a"))),
        (
            "error",
            "s2",
            draw(start(), start("s2"), end(), *chain("s", "e"), *chain("s2", "e")),
            with_messages(start(), start("s2", message()), end(), *chain("s", "e"), *chain("s2", "e")),
        ),
        ("error", "b", line(node("subProcess", "b", user("x"))), line(node("subProcess", "b", SUB))),
        (
            "error",
            "b",
            line(node("subProcess", "b", start("s1") + user("u1") + flow("s1", "u1"))),
            line(node("subProcess", "b", SUB)),
        ),
    ],
    "unreachable": [
        ("error", "b", draw(start(), user("b"), end(), *chain("s", "e"), *chain("b", "e")), line(user("b")))
    ],
    "dead_end": [
        (
            "error",
            "b",
            draw(start(), node("parallelGateway", "g"), user("b"), end(), *chain("s", "g", "e"), *chain("g", "b")),
            line(user("b")),
        )
    ],
    "unsupported": [
        ("error", "g", choice(flow("g", "e1"), kind="complexGateway"), choice(flow("g", "e1"), kind="parallelGateway")),
        ("error", "x", line(node("transaction", "x", SUB)), line(node("subProcess", "x", SUB))),
        ("error", "x", line(node("adHocSubProcess", "x", user("u"))), line(node("subProcess", "x", SUB))),
        ("error", "x", line(node("businessRuleTask", "x")), line(node("manualTask", "x"))),
        (
            "error",
            "x",
            draw(start(), end(), *chain("s", "e"), node("subProcess", "x", SUB, triggeredByEvent="true")),
            line(node("subProcess", "x", SUB)),
        ),
        (
            "error",
            "e",
            draw(start(), node("endEvent", "e", signal()), *chain("s", "e")).replace(
                b"<bpmn:process", DEFINED.encode() + b"<bpmn:process"
            ),
            with_messages(start(), node("intermediateThrowEvent", "i", signal()), end(), *chain("s", "i", "e")),
        ),
        (
            "error",
            "i",
            line(node("intermediateThrowEvent", "i", "<bpmn:compensateEventDefinition/>")),
            line(node("intermediateThrowEvent", "i")),
        ),
        (
            "error",
            "i",
            line(node("intermediateThrowEvent", "i", '<bpmn:linkEventDefinition name="l"/>')),
            line(node("intermediateThrowEvent", "i")),
        ),
        ("error", "i", line(catch("i", CONDITIONAL)), line(WAIT)),
        ("error", "c", draw(start(), end(), *chain("s", "e"), user("c", isForCompensation="true")), line(user("c"))),
    ],
    "event_definition": [
        ("error", "i", line(catch("i", "")), line(WAIT)),
        (
            "error",
            "r",
            line(node("receiveTask", "r")),
            with_messages(start(), node("receiveTask", "r", messageRef="M"), end(), *chain("s", "r", "e")),
        ),
        (
            "error",
            "c",
            with_messages(start(), catch("c", message("M2")), end(), *chain("s", "c", "e")),
            with_messages(start(), catch("c", message()), end(), *chain("s", "c", "e")),
        ),
        (
            "error",
            "i",
            line(catch("i", "<bpmn:signalEventDefinition/>")),
            line(node("intermediateCatchEvent", "i", "<bpmn:signalEventDefinition/>", name="停工")),
        ),
        ("error", "i", line(catch("i", timer("timeDuration", "P1D") * 2)), line(WAIT)),
    ],
    "event_gateway": [
        ("error", "g", event_gateway(user("a")), event_gateway(catch("a", message()))),
        (
            "error",
            "t2",
            event_gateway(WAIT, catch("t2", timer("timeDuration", "P2D"))),
            event_gateway(WAIT, catch("m", message())),
        ),
        (
            "error",
            "m",
            event_gateway(WAIT, catch("m", message()), extra=[flow("t", "m")]),
            event_gateway(WAIT, catch("m", message())),
        ),
    ],
    "gateway_condition": [
        (
            "error",
            "no",
            choice(flow("g", "e1", "a"), flow("g", "e2", flow_id="no")),
            choice(flow("g", "e1", "a"), flow("g", "e2", flow_id="no"), default="no"),
        ),
        (
            "error",
            "no",
            choice(flow("g", "e1", "a"), flow("g", "e2", flow_id="no"), kind="inclusiveGateway"),
            choice(flow("g", "e1"), flow("g", "e2"), kind="parallelGateway"),
        ),
        (
            "warning",
            "g",
            choice(flow("g", "e1", "a"), flow("g", "e2", "b")),
            choice(flow("g", "e1", "a"), flow("g", "e2", "b", "d"), default="d"),
        ),
        ("warning", "g", choice(flow("g", "e1", "a")), choice(flow("g", "e1"))),
    ],
    "misplaced_condition": [
        ("error", "a_e", draw(start(), user("a"), end(), flow("s", "a"), flow("a", "e", "ok")), line(user("a"))),
        (
            "error",
            "g_e1",
            choice(flow("g", "e1", "a"), kind="parallelGateway"),
            choice(flow("g", "e1"), kind="parallelGateway"),
        ),
    ],
    "implicit_split": [
        (
            "error",
            "a",
            draw(start(), user("a"), user("b"), user("c"), end(), *chain("s", "a", "b", "e"), *chain("a", "c", "e")),
            line(user("a")),
        ),
    ],
    "expression": [
        ("error", "g_e1", choice(flow("g", "e1", "${金额 >}")), choice(flow("g", "e1", "${金额 > 1}"))),
        (
            "error",
            "g_e1",
            choice(flow("g", "e1", "x == 1")).replace(
                b'"bpmn:tFormalExpression"', b'"bpmn:tFormalExpression" language="groovy"'
            ),
            choice(flow("g", "e1", "x == 1")),
        ),
        (
            "error",
            "a",
            line(user("a", instances(CARDINALITY.format("__import__('os')")))),
            line(user("a", instances(CARDINALITY.format("n")))),
        ),
        ("error", "a", line(user("a", binglian_skip="x(")), line(user("a", binglian_skip="x"))),
        (
            "error",
            "a",
            line(user("a", camunda_candidateGroups="officer@${x")),
            line(user("a", camunda_candidateGroups="officer@${x}")),
        ),
        ("error", "a", line(user("a", binglian_limit="3天")), line(user("a", binglian_limit="3个工作日"))),
        ("error", "a", line(user("a", binglian_limit="5 days")), line(user("a", binglian_limit="${时限}"))),
        (
            "error",
            "c",
            line(node("callActivity", "c", calledElement="${a b}")),
            line(node("callActivity", "c", calledElement="${a}")),
        ),
    ],
    "script": [
        (
            "error",
            "x",
            line(node("scriptTask", "x", SCRIPT.format("import os"))),
            line(node("scriptTask", "x", SCRIPT.format("a = 1"))),
        ),
        (
            "error",
            "x",
            line(node("scriptTask", "x", SCRIPT.format("execution.setVariable('x', 1)"))),
            line(node("scriptTask", "x", SCRIPT.format("x = 1"))),
        ),
        ("error", "x", line(node("scriptTask", "x")), line(node("scriptTask", "x", SCRIPT.format("x = 1")))),
    ],
    "timer": [
        *(
            ("error", "t", line(catch("t", timer(kind, bad))), line(catch("t", timer(kind, good))))
            for kind, bad, good in [
                ("timeDuration", "P3X", "P3D"),
                ("timeDuration", "3天", "3个工作日"),
                ("timeDuration", "PT", "PT1H30M"),
                ("timeDuration", "3 days", '"P1W"'),
                ("timeDuration", "", "P20WD"),
                ("timeDate", "2026-13-01", "2026-12-01"),
                ("timeDate", "${a b}", "${a}"),
                ("timeCycle", "R3/PT0S", "R3/PT1H"),
                ("timeCycle", "0 0 9 * * ?", "R/P1D"),
            ]
        ),
        ("error", "t", line(catch("t", "<bpmn:timerEventDefinition/>")), line(WAIT)),
        (
            "error",
            "s",
            draw(start("s", timer("timeCycle", "R/P1D")), end(), *chain("s", "e")),
            draw(start("s", timer("timeDuration", "P1D")), end(), *chain("s", "e")),
        ),
    ],
    "automatic_loop": [
        ("error", "j", ring(node("scriptTask", "x", SCRIPT.format("a = 1"))), ring(user("x"))),
        ("error", "j", ring(user("x", binglian_skip="true")), ring(user("x", binglian_skip="true"), user("y"))),
        ("error", "j", ring(), ring(WAIT)),
        ("error", "a", line(user("a", LOOP.format(500))), line(user("a", LOOP.format(5)))),
        (
            "error",
            "a",
            line(node("scriptTask", "a", SCRIPT.format("a = 1") + WHILE.format("true"))),
            line(user("a", WHILE.format("more"))),
        ),
    ],
    "recursive_call": [
        (
            "error",
            "c",
            line(node("callActivity", "c", calledElement="p")),
            line(node("callActivity", "c", calledElement="q")),
        ),
        (
            "error",
            "c",
            file(
                process(start(), node("callActivity", "c", calledElement="q"), end(), *chain("s", "c", "e")),
                process(
                    start("s2"),
                    node("callActivity", "c2", calledElement="p"),
                    end("e2"),
                    *chain("s2", "c2", "e2"),
                    key="q",
                ),
            ),
            file(
                process(start(), node("callActivity", "c", calledElement="q"), end(), *chain("s", "c", "e")),
                process(
                    start("s2"),
                    node("callActivity", "c2", calledElement="r"),
                    end("e2"),
                    *chain("s2", "c2", "e2"),
                    key="q",
                ),
            ),
        ),
    ],
    "call_target": [
        ("error", "c", line(node("callActivity", "c")), line(node("callActivity", "c", calledElement="q")))
    ],
    "instances": [
        (
            "error",
            "a",
            line(user("a", instances(CARDINALITY.format("201")))),
            line(user("a", instances(CARDINALITY.format("200")))),
        ),
        (
            "error",
            "a",
            line(user("a", instances(CARDINALITY.format("9" * 6000)))),
            line(user("a", instances("", camunda_collection="x"))),
        ),
        (
            "error",
            "a",
            line(user("a", instances(""))),
            line(user("a", instances("<bpmn:loopDataInputRef>x</bpmn:loopDataInputRef>"))),
        ),
        (
            "error",
            "a",
            line(user("a", instances("", camunda_collection="x"), binglian_skip="y")),
            line(user("a", instances("", camunda_collection="x"))),
        ),
    ],
    "operation": [
        (
            "error",
            "x",
            line(node("serviceTask", "x")),
            line(node("serviceTask", "x", binglian_operation="send_notice")),
        ),
        (
            "error",
            "x",
            line(node("serviceTask", "x", binglian_operation="launch")),
            line(node("serviceTask", "x", camunda_type="external", camunda_topic="send_notice")),
        ),
        (
            "error",
            "x",
            line(node("serviceTask", "x", camunda_class="cn.gov.Send")),
            line(node("serviceTask", "x", binglian_operation="send_notice", camunda_class="cn.gov.Send")),
        ),
        (
            "error",
            "x",
            line(node("sendTask", "x")),
            with_messages(start(), node("sendTask", "x", messageRef="M"), end(), *chain("s", "x", "e")),
        ),
    ],
    "candidates": [
        ("warning", "a", line(user("a")), line(user("a", binglian_assignee="${applicant}"))),
        (
            "warning",
            "a",
            line(user("a", binglian_candidateGroups="window_clerk,officr@zrzy")),
            line(user("a", binglian_candidateGroups="window_clerk, officer@${部门}")),
        ),
    ],
    "data_reference": [
        (
            "warning",
            "r",
            draw(start(), end(), *chain("s", "e"), node("dataObjectReference", "r", dataObjectRef="gone")),
            draw(
                start(),
                end(),
                *chain("s", "e"),
                node("dataObject", "o"),
                node("dataObjectReference", "r", dataObjectRef="o"),
            ),
        ),
        # Found nowhere, two sub-processes deep: SpiffWorkflow's own parser never returns from this
        (
            "warning",
            "r",
            line(
                node(
                    "subProcess",
                    "x",
                    start("s2")
                    + node("subProcess", "y", SUB + node("dataObjectReference", "r", dataObjectRef="gone"))
                    + end("e2")
                    + "".join(chain("s2", "y", "e2")),
                )
            ),
            line(node("subProcess", "x", SUB + node("dataObjectReference", "r", dataObjectRef="o")), user("z")).replace(
                b'<bpmn:userTask id="z"', b'<bpmn:dataObject id="o"/><bpmn:userTask id="z"'
            ),
        ),
    ],
    "size": [
        ("error", "p", line(*(user(f"t{n}") for n in range(300))), line(*(user(f"t{n}") for n in range(298)))),
        ("error", "d", line(*(user(f"t{n}") for n in range(2001))), line(user("a"))),
    ],
    "unknown_extension": [
        ("warning", "a", line(user("a", camunda_asyncBefore="true")), line(user("a", camunda_formKey="x"))),
        (
            "warning",
            "a",
            line(user("a", "<bpmn:extensionElements><camunda:properties/></bpmn:extensionElements>")),
            line(user("a", binglian_anything="x")),
        ),
    ],
}
ROWS = [(code, *case) for code, cases in CASES.items() for case in cases]
KNOWN = {"operations": frozenset({"send_notice"}), "groups": frozenset({"window_clerk"})}


def findings(source, code):
    return [finding for finding in check_file(source, **KNOWN) if finding.code == code]


@pytest.mark.parametrize(
    "code, severity, element_id, bad, good", ROWS, ids=[f"{row[0]}-{n}" for n, row in enumerate(ROWS)]
)
def test_a_check_finds_the_fault_and_only_the_fault(code, severity, element_id, bad, good):
    found = [finding for finding in findings(bad, code) if finding.severity == severity]
    assert element_id in [finding.element_id for finding in found], check_file(bad, **KNOWN)
    assert not findings(good, code)
    for finding in found:
        assert finding.line > 1
        assert all((finding.message_zh, finding.message_en, finding.advice_zh, finding.advice_en))
        assert finding.message_en.endswith(".") or code == "schema"


def test_errors_keep_a_file_from_being_parsed_and_warnings_do_not():
    for _, severity, _, bad, _ in ROWS:
        if severity == "error":
            with pytest.raises(ProcessRefused):
                parse(bad, **KNOWN)
    assert parse(line(user("a"))).findings


def test_every_check_is_tried_here_and_explains_itself():
    assert set(CASES) == set(all_checks())
    for code, function in all_checks().items():
        module = import_module(function.__module__)
        assert module.__name__ == f"bpmn.checks.{code}"
        assert "Reason:" in module.__doc__ and "Example:" in module.__doc__


def test_a_code_can_be_taken_only_once():
    all_checks()
    with pytest.raises(ValueError, match="Two checks"):
        check("size")(lambda document, report: None)


def test_one_check_does_not_flood_the_answer():
    found = check_file(line(*(node("serviceTask", f"t{n}") for n in range(100))))
    assert sum(finding.code == "operation" for finding in found) == 50


def test_what_nobody_told_is_not_judged():
    source = line(node("serviceTask", "x", binglian_operation="anything"), user("a", binglian_candidateGroups="anyone"))
    assert check_file(source) == []


def test_findings_come_errors_first_then_by_line():
    found = check_file(line(user("a"), node("serviceTask", "x"), user("End")))
    assert [finding.code for finding in found] == ["operation", "reserved_id", "candidates", "candidates"]
    assert found[0].as_dict()["element_id"] == "x"


def test_every_kind_of_node_is_known_to_the_parser_or_refused():
    refused = {"complexGateway", "transaction", "adHocSubProcess", "businessRuleTask"}
    known = {tag.rpartition("}")[2] for tag in BpmnParser.PARSER_CLASSES}
    assert FLOW_NODES - refused <= known

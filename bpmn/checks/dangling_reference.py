"""Everything an element refers to exists.

Reason: a flow to nowhere, or a message that is defined nowhere, stops the process at that point or cannot be read.
Example: ``<bpmn:sequenceFlow sourceRef="a" targetRef="deleted" />``.
"""

from __future__ import annotations

from lxml import etree

from bpmn.checks import Report, check, label
from bpmn.document import Document, Scope, kind
from bpmn.namespaces import tag

_DEFINED_AT_THE_TOP = {
    # attribute: kind of element it names
    "messageRef": "message",
    "signalRef": "signal",
    "errorRef": "error",
    "escalationRef": "escalation",
}
_REFERRING = (
    "messageEventDefinition",
    "signalEventDefinition",
    "errorEventDefinition",
    "escalationEventDefinition",
    "sendTask",
    "receiveTask",
)


@check("dangling_reference")
def references_lead_somewhere(document: Document, report: Report) -> None:
    for scope in document.scopes:
        _flows_join_nodes(scope, report)
        _boundary_events_sit_on_activities(scope, report)
        _defaults_leave_their_gateway(scope, report)
    _definitions_exist(document, report)


def _flows_join_nodes(scope: Scope, report: Report) -> None:
    for flow in scope.flows:
        for attribute in ("sourceRef", "targetRef"):
            if flow.get(attribute) not in scope.nodes:
                _report(report, flow, attribute, flow.get(attribute), "请重新连接这条线。", "Connect this flow again.")


def _boundary_events_sit_on_activities(scope: Scope, report: Report) -> None:
    for event in scope.of_kind("boundaryEvent"):
        if event.get("attachedToRef") not in scope.nodes:
            advice = "请把边界事件放到一个任务上。", "Attach the event to an activity."
            _report(report, event, "attachedToRef", event.get("attachedToRef"), *advice)


def _defaults_leave_their_gateway(scope: Scope, report: Report) -> None:
    for node_id, node in scope.nodes.items():
        default = node.get("default")
        if default and default not in [flow.get("id") for flow in scope.outgoing.get(node_id, [])]:
            advice = "请重新指定默认分支。", "Choose the default flow again."
            _report(report, node, "default", default, *advice)


def _definitions_exist(document: Document, report: Report) -> None:
    known = {
        wanted: {element.get("id") for element in document.root.iterchildren(tag(wanted))}
        for wanted in _DEFINED_AT_THE_TOP.values()
    }
    for element in document.elements(*_REFERRING):
        for attribute, wanted in _DEFINED_AT_THE_TOP.items():
            reference = element.get(attribute)
            # A prefix is allowed here: the attribute is a qualified name.
            if reference and reference not in known[wanted] and reference.rpartition(":")[2] not in known[wanted]:
                _report(report, element, attribute, reference, "请重新选择。", "Choose it again.")


def _report(report: Report, element: etree._Element, attribute: str, reference: str | None, *advice: str) -> None:
    report.error(
        element,
        f"“{label(element)}”的 {attribute} 指向不存在的元素“{reference or ''}”。",
        f"The {attribute} of this {kind(element)} names “{reference or ''}”, which does not exist here.",
        *advice,
    )

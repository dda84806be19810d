"""Every branch of an exclusive or inclusive gateway has a condition, or is the default.

Reason: a branch without a condition cannot be chosen. Where every branch has one and none is the default, the
process stops with an error as soon as none is true.
Example: a gateway “通过？” whose “否” branch has no condition and is not marked as default.
"""

from __future__ import annotations

from lxml import etree

from bpmn.checks import Report, check, label
from bpmn.document import Document, own_text
from bpmn.namespaces import tag


@check("gateway_condition")
def branches_can_be_chosen(document: Document, report: Report) -> None:
    for scope in document.scopes:
        for gateway in scope.of_kind("exclusiveGateway", "inclusiveGateway"):
            _judge(gateway, scope.outgoing.get(gateway.get("id"), []), report)


def _judge(gateway: etree._Element, flows: list[etree._Element], report: Report) -> None:
    conditional = [flow for flow in flows if own_text(flow.find(tag("conditionExpression")))]
    default = gateway.get("default")
    for flow in flows if len(flows) > 1 else []:
        if flow not in conditional and flow.get("id") != default:
            report.error(
                flow,
                f"网关“{label(gateway)}”的分支“{label(flow)}”没有条件，也不是默认分支。",
                f"The branch “{label(flow)}” of “{label(gateway)}” has no condition and is not the default.",
                "请填写条件，或把它设为默认分支。",
                "Write a condition, or make it the default flow.",
            )
    if flows and not default and len(conditional) == len(flows):
        report.warning(
            gateway,
            f"网关“{label(gateway)}”没有默认分支，条件都不成立时流程会停住。",
            f"The gateway “{label(gateway)}” has no default flow; the process stops when no condition is true.",
            "请把一个分支设为默认。",
            "Make one branch the default flow.",
        )

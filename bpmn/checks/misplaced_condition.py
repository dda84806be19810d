"""Conditions stand only on flows that leave an exclusive or inclusive gateway.

Reason: on any other flow the engine does not look at them and goes on.
Example: a condition on the flow from a user task to the next.
"""

from __future__ import annotations

from bpmn.checks import Report, check, label
from bpmn.document import Document, kind
from bpmn.namespaces import tag


@check("misplaced_condition")
def conditions_leave_gateways(document: Document, report: Report) -> None:
    for scope in document.scopes:
        for flow in scope.flows:
            source = scope.nodes.get(flow.get("sourceRef", ""))
            if source is None or flow.find(tag("conditionExpression")) is None:
                continue
            if kind(source) not in ("exclusiveGateway", "inclusiveGateway", "complexGateway"):
                report.error(
                    flow,
                    f"“{label(source)}”的出线上写了条件，引擎不会判断它。",
                    f"The flow from “{label(source)}” has a condition, which the engine does not look at.",
                    "请在这里加一个排他网关。",
                    "Put an exclusive gateway here.",
                )

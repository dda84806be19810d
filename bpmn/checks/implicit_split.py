"""Only gateways and start events have several outgoing flows.

Reason: the engine cannot tell whether all of them are meant or one.
Example: a user task with two arrows leaving it.
"""

from __future__ import annotations

from bpmn.checks import Report, check, label
from bpmn.document import GATEWAYS, Document, kind


@check("implicit_split")
def only_gateways_split(document: Document, report: Report) -> None:
    for scope in document.scopes:
        for node_id, node in scope.nodes.items():
            if kind(node) in GATEWAYS or kind(node) == "startEvent":
                continue
            if len(scope.outgoing.get(node_id, [])) > 1:
                report.error(
                    node,
                    f"“{label(node)}”有多条出线。",
                    f"“{label(node)}” has several outgoing flows.",
                    "请在它后面加网关：都要走用并行网关，选一条用排他网关。",
                    "Put a gateway after it: parallel for all of them, exclusive for one.",
                )

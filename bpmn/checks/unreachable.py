"""Every element can be reached from a start event.

Reason: the engine never comes there; what was meant to happen would be left out without a word.
Example: a task whose incoming flow was deleted.
"""

from __future__ import annotations

import networkx

from bpmn.checks import Report, check, label
from bpmn.document import Document, Scope


@check("unreachable")
def every_element_can_be_reached(document: Document, report: Report) -> None:
    for scope in document.scopes:
        starts = [event.get("id") for event in scope.of_kind("startEvent") if event.get("id")]
        if not starts:
            continue  # the check of start events says so
        for node_id in sorted(scope.nodes.keys() - _reached(scope, starts)):
            node = scope.nodes[node_id]
            if node.get("triggeredByEvent") == "true" or node.get("isForCompensation") == "true":
                continue  # refused as unsupported
            report.error(
                node,
                f"从开始事件无法到达“{label(node)}”。",
                f"“{label(node)}” cannot be reached from a start event.",
                "请连线到它，或删除它。",
                "Connect it or delete it.",
            )


def _reached(scope: Scope, starts: list[str]) -> set[str]:
    return set(starts).union(*(networkx.descendants(scope.graph, start) for start in starts))

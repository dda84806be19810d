"""From every element an end event can be reached.

Reason: SpiffWorkflow completes a process only at an end event. A path that simply stops leaves the instance open
for ever.
Example: a last task without an outgoing flow.
"""

from __future__ import annotations

import networkx

from bpmn.checks import Report, check, label
from bpmn.document import Document, Scope


@check("dead_end")
def every_path_ends(document: Document, report: Report) -> None:
    for scope in document.scopes:
        for node_id in sorted(scope.nodes.keys() - _ending(scope)):
            node = scope.nodes[node_id]
            if node.get("triggeredByEvent") == "true" or node.get("isForCompensation") == "true":
                continue  # refused as unsupported
            report.error(
                node,
                f"从“{label(node)}”无法到达结束事件。",
                f"No end event can be reached from “{label(node)}”.",
                "请把它连到后续环节或结束事件。",
                "Connect it to what follows, or to an end event.",
            )


def _ending(scope: Scope) -> set[str]:
    ends = [event.get("id") for event in scope.of_kind("endEvent") if event.get("id")]
    return set(ends).union(*(networkx.ancestors(scope.graph, end) for end in ends))

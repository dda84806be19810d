"""No loop in which nothing waits.

Reason: the engine would run round it for ever, within one transaction.
Example: a script task and a gateway that leads back to it.
"""

from __future__ import annotations

import networkx
from lxml import etree

from bpmn.checks import Report, check, label
from bpmn.document import Document, Scope, kind, whole_number
from bpmn.extensions import read_extensions
from bpmn.namespaces import tag

_WAITING = frozenset(
    {
        "task",
        "userTask",
        "manualTask",
        "receiveTask",
        "callActivity",
        "subProcess",
        "intermediateCatchEvent",
        "eventBasedGateway",
    }
)
MAX_ROUNDS = 200


@check("automatic_loop")
def loops_wait_somewhere(document: Document, report: Report) -> None:
    for scope in document.scopes:
        automatic = [node_id for node_id, node in scope.nodes.items() if not _waits(node)]
        graph = scope.graph.subgraph(automatic)
        for ring in networkx.strongly_connected_components(graph):
            first = min(ring, key=lambda node_id: scope.nodes[node_id].sourceline or 0)
            if len(ring) > 1 or graph.has_edge(first, first):
                _report(report, scope, ring, first)
    for loop in document.elements("standardLoopCharacteristics"):
        _loop_is_bounded(loop, report)


def _waits(node: etree._Element) -> bool:
    """Whether a token rests here. What can be skipped may not rest."""
    return kind(node) in _WAITING and read_extensions(node).skip is None


def _report(report: Report, scope: Scope, ring: set[str], first: str) -> None:
    names = "、".join(sorted(label(scope.nodes[node_id]) for node_id in list(ring)[:8]))
    report.error(
        scope.nodes[first],
        f"自动环节构成死循环，环路上没有人工或等待环节：{names}。",
        f"These elements form a loop in which nothing waits: {names}.",
        "请在环路上加一个人工任务或等待事件，或去掉回退的连线。",
        "Put a user task or an event to wait for into the loop, or remove the way back.",
    )


def _loop_is_bounded(loop: etree._Element, report: Report) -> None:
    task = loop.getparent()
    maximum = whole_number(loop.get("loopMaximum", ""))
    too_many = maximum is not None and maximum > MAX_ROUNDS
    endless = maximum is None and (not _waits(task) or loop.find(tag("loopCondition")) is None)
    if too_many or endless:
        report.error(
            loop,
            f"“{label(task)}”的循环没有上限，或上限超过 {MAX_ROUNDS}。",
            f"The loop of “{label(task)}” has no maximum, or one above {MAX_ROUNDS}.",
            "请填写循环的最大次数。",
            "Set the maximum number of rounds.",
        )

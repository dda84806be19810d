"""A process is not too large for the engine.

Reason: SpiffWorkflow follows a path by recursion, two steps of the interpreter's stack for each element; beyond
about 480 elements in a row even an empty stack overflows, and a web request has used a part of it already.
Example: a checklist drawn as 400 user tasks in a row.
"""

from __future__ import annotations

import networkx

from bpmn.checks import Report, check, label
from bpmn.document import Document, Scope

MAX_PATH = 300
MAX_NODES = 2_000


@check("size")
def processes_are_not_too_large(document: Document, report: Report) -> None:
    nodes = sum(1 for _ in document.nodes())
    if nodes > MAX_NODES:
        report.error(
            document.root,
            f"文件有 {nodes} 个元素，上限是 {MAX_NODES}。",
            f"The file has {nodes} elements; the limit is {MAX_NODES}.",
            "请拆成几个流程，用调用活动连接。",
            "Split it into several processes and connect them with call activities.",
        )
        return
    for scope in document.scopes:
        longest = _longest_path(scope)
        if longest > MAX_PATH:
            report.error(
                scope.element,
                f"“{label(scope.element)}”中一条路径有 {longest} 个元素，上限是 {MAX_PATH}。",
                f"A path in “{label(scope.element)}” has {longest} elements; the limit is {MAX_PATH}.",
                "请把一段路径移到被调用的流程中。",
                "Move a part of the path to a process of its own and call it.",
            )


def _longest_path(scope: Scope) -> int:
    """Elements on the longest path; a loop counts with all its elements."""
    condensed = networkx.condensation(scope.graph)
    length: dict[int, int] = {}
    for component in networkx.topological_sort(condensed):
        before = max((length[previous] for previous in condensed.predecessors(component)), default=0)
        length[component] = before + len(condensed.nodes[component]["members"])
    return max(length.values(), default=0)

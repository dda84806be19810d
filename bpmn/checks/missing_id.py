"""Every element that takes part in a process has an id.

Reason: tasks, timers and the picture of a running process refer to elements by their ids.
Example: ``<bpmn:userTask name="受理" />``.
"""

from __future__ import annotations

from bpmn.checks import Report, check, label
from bpmn.document import FLOW_NODES, Document


@check("missing_id")
def elements_have_ids(document: Document, report: Report) -> None:
    processes = [process for process in document.processes if not process.get("id")]
    nodes = [node for node in document.elements("sequenceFlow", *FLOW_NODES) if not node.get("id")]
    for element in (*processes, *nodes):
        report.error(
            element,
            f"元素“{label(element)}”没有编号（id）。",
            f"The element “{label(element)}” has no id.",
            "请给它一个文件内唯一的 id。",
            "Give it an id that is unique in the file.",
        )

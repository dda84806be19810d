"""Attributes of other vendors that mean nothing here are listed.

Reason: the designer relied on them; what is not understood must not be dropped in silence. They stay in the file.
Example: ``camunda:class`` on a service task, ``zeebe:taskDefinition``.
"""

from __future__ import annotations

from bpmn.checks import Report, check, label
from bpmn.document import FLOW_NODES, Document
from bpmn.extensions import read_extensions


@check("unknown_extension")
def foreign_attributes_are_listed(document: Document, report: Report) -> None:
    for element in (*document.executable, *document.elements(*FLOW_NODES, "sequenceFlow")):
        unknown = read_extensions(element).unknown
        if unknown:
            names = ", ".join(dict.fromkeys(unknown))
            report.warning(
                element,
                f"“{label(element)}”的这些扩展属性在本平台不起作用：{names}。",
                f"These extensions of “{label(element)}” have no effect here: {names}.",
                "如需要相应效果，请改用 binglian: 属性。",
                "Where you need the effect, use binglian: attributes.",
            )

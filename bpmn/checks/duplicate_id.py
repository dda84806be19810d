"""No two elements share an id.

Reason: SpiffWorkflow keeps the last of them and silently loses the others; drawing tools refuse the file.
Example: a user task copied by hand in the XML.
"""

from __future__ import annotations

from lxml import etree

from bpmn.checks import Report, check
from bpmn.document import Document
from bpmn.namespaces import BPMN, BPMNDI, namespace_of


@check("duplicate_id")
def ids_are_unique(document: Document, report: Report) -> None:
    first_lines: dict[str, int] = {}
    for element in document.root.iter(etree.Element):
        element_id = element.get("id")
        if element_id is None or namespace_of(element.tag) not in (BPMN, BPMNDI):
            continue
        if element_id in first_lines:
            first = first_lines[element_id]
            report.error(
                element,
                f"编号“{element_id}”在第 {first} 行已被使用。",
                f"The id “{element_id}” is already taken in line {first}.",
                "请给其中一个换一个 id。",
                "Give one of them another id.",
            )
        first_lines.setdefault(element_id, element.sourceline or 0)

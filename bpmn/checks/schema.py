"""The file follows the XML schema of BPMN 2.0.

Reason: what the schema refuses, other tools read differently or not at all, and the engine's parser may misread.
Example: ``<bpmn:userTask>`` inside ``<bpmn:sequenceFlow>``, or an id that starts with a digit.
"""

from __future__ import annotations

import re
from functools import cache

from lxml import etree
from SpiffWorkflow.bpmn.parser.BpmnParser import XSD_PATH

from bpmn.checks import Report, check
from bpmn.document import Document

_NAMESPACE = re.compile(r"\{[^}]*\}")


@cache
def _schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(XSD_PATH))


@check("schema")
def follows_the_schema(document: Document, report: Report) -> None:
    schema = _schema()
    if schema.validate(document.root):
        return
    for entry in schema.error_log:
        element = _element_at(document.root, entry)
        message = _NAMESPACE.sub("", entry.message)
        report.error(
            element,
            f"不符合 BPMN 2.0 规范：{message}",
            f"This breaks the BPMN 2.0 schema: {message}",
            "请从建模工具重新导出，或按提示修改此处。",
            "Export the file from the modeler again, or correct this place.",
        )


def _element_at(root: etree._Element, entry: etree._LogEntry) -> etree._Element:
    namespaces = {prefix: uri for prefix, uri in root.nsmap.items() if prefix}
    try:
        found = root.getroottree().xpath(entry.path, namespaces=namespaces) if entry.path else []
    except etree.XPathError:  # a prefix that is declared further down
        found = []
    return found[0] if found and isinstance(found[0], etree._Element) else root

"""A data object that is referred to exists in the same process or around it.

Reason: data objects are drawn to be read; the engine passes variables on by itself and does not use them. A broken
reference is therefore a warning, but other tools stumble over it.
Example: a ``dataObjectReference`` whose ``dataObjectRef`` was deleted.
"""

from __future__ import annotations

from bpmn.checks import Report, check, label
from bpmn.document import Document
from bpmn.namespaces import tag


@check("data_reference")
def data_objects_exist(document: Document, report: Report) -> None:
    for reference in document.elements("dataObjectReference"):
        wanted = reference.get("dataObjectRef")
        around = (child for scope in reference.iterancestors() for child in scope.iterchildren(tag("dataObject")))
        if wanted not in {item.get("id") for item in around}:
            report.warning(
                reference,
                f"数据对象“{label(reference)}”指向不存在的“{wanted or ''}”。",
                f"The data object “{label(reference)}” refers to “{wanted or ''}”, which does not exist here.",
                "请删除后重新绘制。",
                "Delete it and draw it again.",
            )

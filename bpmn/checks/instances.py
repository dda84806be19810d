"""A multi-instance task says how many instances there are, and they are not too many.

Reason: each instance copies the data of the task, so the time grows with the square of their number.
Example: ``<loopCardinality>5000</loopCardinality>``.
"""

from __future__ import annotations

from lxml import etree

from bpmn.checks import Report, check, label
from bpmn.document import Document, kind, own_text, whole_number
from bpmn.extensions import read_extensions
from bpmn.namespaces import tag
from bpmn.specs import MAX_INSTANCES


@check("instances")
def instances_are_counted(document: Document, report: Report) -> None:
    for loop in document.elements("multiInstanceLoopCharacteristics"):
        _judge(loop, loop.getparent(), report)


def _judge(loop: etree._Element, task: etree._Element, report: Report) -> None:
    cardinality = own_text(loop.find(tag("loopCardinality")))
    collection = own_text(loop.find(tag("loopDataInputRef"))) or read_extensions(loop).collection
    if not cardinality and not collection:
        report.error(
            loop,
            f"多实例任务“{label(task)}”没有说明有多少个实例。",
            f"The multi-instance task “{label(task)}” does not say how many instances there are.",
            "请填写集合变量（例如 voters），或实例个数。",
            "Name the collection (such as voters), or the number of instances.",
        )
    if (whole_number(cardinality) or 0) > MAX_INSTANCES:
        report.error(
            loop,
            f"多实例任务“{label(task)}”有 {cardinality:.12} 个实例，上限是 {MAX_INSTANCES}。",
            f"The multi-instance task “{label(task)}” has {cardinality:.12} instances; the limit is {MAX_INSTANCES}.",
            "请拆成几个任务，或改用调用活动分批办理。",
            "Split it into several tasks, or work in batches with call activities.",
        )
    if read_extensions(task).skip is not None and kind(task) in ("userTask", "manualTask", "task"):
        report.error(
            loop,
            f"多实例任务“{label(task)}”不能使用跳过条件。",
            f"The multi-instance task “{label(task)}” cannot have a skip expression.",
            "请从集合中去掉不需要的项，或在前面加网关。",
            "Leave the unwanted items out of the collection, or put a gateway before the task.",
        )

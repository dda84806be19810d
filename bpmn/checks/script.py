"""A script task holds assignments and nothing else.

Reason: a script runs inside the engine. Files come from strangers, so scripts can compute and assign, not call,
import, loop or reach anything.
Example: ``import os`` or ``execution.setVariable("x", 1)``; instead write ``x = 1``.
"""

from __future__ import annotations

from lxml import etree

from bpmn.checks import Report, check, label
from bpmn.document import Document, own_text
from bpmn.expressions import ExpressionError, compile_script
from bpmn.namespaces import tag


@check("script")
def scripts_only_assign(document: Document, report: Report) -> None:
    for task in document.elements("scriptTask"):
        scripts = task.findall(tag("script"))
        if len(scripts) != 1 or not own_text(scripts[0]):
            _report(report, task, "没有脚本", "there is no script")
            continue
        try:
            compile_script(own_text(scripts[0]))
        except ExpressionError as error:
            _report(report, task, error.zh, error.en)


def _report(report: Report, task: etree._Element, reason_zh: str, reason_en: str) -> None:
    report.error(
        task,
        f"脚本任务“{label(task)}”不能执行：{reason_zh}。",
        f"The script task “{label(task)}” cannot run: {reason_en}.",
        "脚本由“变量 = 表达式”组成，每行一个。",
        "A script is made of “name = expression”, one a line.",
    )

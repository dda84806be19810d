"""Every expression can be read.

Reason: what cannot be read fails when the first case comes there, at a person who did not draw the process.
Example: the condition ``${金额 >}``, or one in Groovy.
"""

from __future__ import annotations

from collections.abc import Callable

from lxml import etree

from bpmn.checks import Report, check, label
from bpmn.document import EXPRESSION_TAGS, FLOW_NODES, Document, carrier_of, own_text
from bpmn.durations import is_length_or_expression
from bpmn.expressions import ExpressionError, compile_expression, compile_template
from bpmn.extensions import read_extensions

_LANGUAGES = ("", "juel", "uel", "feel", "python", "binglian", "http://www.w3.org/1999/xpath")
"""What modelers write where they mean the default. A text in real XPath does not compile, and is then reported."""
_WHOLE = frozenset({"skip", "collection"})
"""Attributes that are one expression; the others are texts with ``${…}`` parts."""


@check("expression")
def expressions_can_be_read(document: Document, report: Report) -> None:
    for element in document.elements(*EXPRESSION_TAGS):
        language = element.get("language", "").lower()
        if language not in _LANGUAGES:
            _report(report, element, own_text(element), f"不支持语言 {language}", f"{language} is not supported")
        elif own_text(element):
            _compiles(report, element, own_text(element), compile_expression)
    for element in document.elements(*FLOW_NODES):
        for attribute, text in read_extensions(element).texts():
            if attribute == "limit":
                _limit_can_be_read(report, element, text)
            else:
                _compiles(report, element, text, compile_expression if attribute in _WHOLE else compile_template)
        if element.get("calledElement"):
            _compiles(report, element, element.get("calledElement"), compile_template)


def _limit_can_be_read(report: Report, element: etree._Element, text: str) -> None:
    if not is_length_or_expression(text):
        _report(report, element, text, "不是时长、日期或表达式", "it is no duration, date or expression")


def _compiles(report: Report, element: etree._Element, text: str, compile_text: Callable[[str], object]) -> None:
    try:
        compile_text(text)
    except ExpressionError as error:
        _report(report, element, text, error.zh, error.en)


def _report(report: Report, element: etree._Element, text: str, reason_zh: str, reason_en: str) -> None:
    short = text if len(text) <= 60 else text[:60] + "…"
    name = label(carrier_of(element))
    report.error(
        element,
        f"“{name}”的表达式“{short}”不能识别：{reason_zh}。",
        f"The expression “{short}” of “{name}” cannot be read: {reason_en}.",
        "例如：${approved == true}、金额 > 100 and 类型 in [\"新建\", \"扩建\"]。",
        'Examples: ${approved == true}, amount > 100 and kind in ["new", "extension"].',
    )  # fmt: skip

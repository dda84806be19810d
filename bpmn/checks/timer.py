"""A timer says how long or until when, in a way the calendar understands.

Reason: a timer that cannot be read fails when the first case waits for it.
Example: ``3天`` or ``P3X``. Right are ``P20WD``, ``20个工作日``, ``P3D``, ``PT2H``, ``2026-03-01T09:00``, ``${时限}``,
and ``R3/P2D`` for reminders.
"""

from __future__ import annotations

from lxml import etree

from bpmn.checks import Report, check, label
from bpmn.document import TIMER_TAGS, Document, kind, own_text
from bpmn.durations import is_length_or_expression
from bpmn.namespaces import tag


@check("timer")
def timers_can_be_read(document: Document, report: Report) -> None:
    for definition in document.elements("timerEventDefinition"):
        value = next(definition.iterchildren(*map(tag, TIMER_TAGS)), None)
        text = own_text(value)
        event = definition.getparent()
        if not text:
            _report(report, definition, f"“{label(event)}”没有时间", f"“{label(event)}” has no time")
        elif not is_length_or_expression(text):
            _report(report, definition, f"“{text}”不是时长或日期", f"“{text}” is neither a duration nor a date")
        elif kind(value) == "timeCycle" and kind(event) == "startEvent":
            _report(report, definition, "开始事件不能循环计时", "a start event cannot repeat")


def _report(report: Report, definition: etree._Element, zh: str, en: str) -> None:
    report.error(
        definition,
        f"计时器不能识别：{zh}。",
        f"This timer cannot be read: {en}.",
        "例如：P20WD 或 20个工作日（工作日），P3D（自然日），PT2H，2026-03-01T09:00，${时限}，提醒可用 R3/P2D。",
        "Examples: P20WD (working days), P3D, PT2H, 2026-03-01T09:00, ${limit}; R3/P2D for reminders.",
    )

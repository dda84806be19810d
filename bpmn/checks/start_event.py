"""A process has a start, and only one that needs no cause.

Reason: without a start event nothing can begin. With two plain ones the engine starts both and drops the slower.
A sub-process has exactly one start and at least one end: the engine knows no other way in or out.
Example: a process drawn from its first task on.
"""

from __future__ import annotations

from bpmn.checks import Report, check, label
from bpmn.document import Document, Scope, kind
from bpmn.namespaces import local_name


@check("start_event")
def there_is_one_start(document: Document, report: Report) -> None:
    for scope in document.scopes:
        starts = list(scope.of_kind("startEvent"))
        plain = [event for event in starts if not any(local_name(child.tag).endswith("Definition") for child in event)]
        if not starts:
            _missing(scope, report, "开始事件", "start event")
        if kind(scope.element) == "process":
            _at_most_one(plain, report)
        else:
            _at_most_one(starts, report)
            if next(scope.of_kind("endEvent"), None) is None:
                _missing(scope, report, "结束事件", "end event")


def _missing(scope: Scope, report: Report, zh: str, en: str) -> None:
    report.error(
        scope.element,
        f"“{label(scope.element)}”没有{zh}。",
        f"“{label(scope.element)}” has no {en}.",
        f"请加上{zh}并连线。",
        "Add one and connect it.",
    )


def _at_most_one(events: list, report: Report) -> None:
    for event in events[1:]:
        report.error(
            event,
            f"“{label(event)}”是多余的开始事件，只能有一个。",
            f"“{label(event)}” is one start event too many.",
            "请合并为一个开始事件，用网关分支。",
            "Keep one start event and branch with a gateway.",
        )

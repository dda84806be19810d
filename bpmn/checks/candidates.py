"""A person's task says whose it is, and the groups it names exist.

Reason: a task for nobody, or for a group without members, lies in no inbox and holds up the case.
Example: ``binglian:candidateGroups="officr@zrzy"``.
"""

from __future__ import annotations

from collections.abc import Set

from bpmn.checks import Report, check, label
from bpmn.document import Document
from bpmn.expressions import ExpressionError, compile_template
from bpmn.extensions import ElementExtensions, read_extensions


@check("candidates")
def tasks_are_for_someone(document: Document, report: Report) -> None:
    for task in document.elements("userTask"):
        extensions = read_extensions(task)
        if not (extensions.candidate_groups or extensions.candidate_users or extensions.assignee):
            report.warning(
                task,
                f"没有指定谁来办理“{label(task)}”。",
                f"Nobody is named to do “{label(task)}”.",
                "请填写候选组（binglian:candidateGroups）。",
                "Name the candidate groups (binglian:candidateGroups).",
            )
        for group in _unknown(extensions, document.groups):
            report.warning(
                task,
                f"“{label(task)}”的候选组“{group}”不存在。",
                f"The candidate group “{group}” of “{label(task)}” does not exist.",
                "请改用已有的组，或先建立该组。",
                "Use a group that exists, or create this one first.",
            )


def _unknown(extensions: ElementExtensions, known: Set[str] | None) -> list[str]:
    if known is None:
        return []
    return [group for group in extensions.candidate_groups if _is_literal(group) and group not in known]


def _is_literal(text: str) -> bool:
    try:
        return compile_template(text).is_literal
    except ExpressionError:
        return False

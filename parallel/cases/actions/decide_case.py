from __future__ import annotations

from datetime import datetime

from engine.api import db
from parallel.cases.closing import require_tolerated
from parallel.cases.errors import OutcomeUnknown
from parallel.cases.events import tell_case
from parallel.cases.loading import OpenTask, case_task, hold_project, project_of_task
from parallel.cases.models import Case
from parallel.cases.opinions import finish_step, write_opinion
from parallel.cases.states import check, move
from parallel.cases.wording import limited, needed
from parallel.documents.actions import decision_document

DECISIONS = ("approve", "refuse")


def decide_case(
    task_id: str, decision: str, opinion: str, by: str, at: datetime, *, reason: str = "",
    variables: dict | None = None,
) -> Case:
    """作出决定: 准予 or 不予许可 (行政许可法 第三十八条: a refusal says why). At the step `decide` it is the decision of the
    case; at a step of a department's own drawing it is that step's, and one refusal there refuses the case.

    Raises:
        OutcomeUnknown, ReasonMissing, TaskNotOpen, WrongStep, NotYourTask, IllegalAct, ToleratedMaterialDue.
    """
    if decision not in DECISIONS:
        raise OutcomeUnknown
    if decision == "refuse":
        reason = needed(reason, "reason", "不予许可须说明理由（行政许可法第三十八条）。")
    reason = limited(reason, "reason")
    hold_project(project_of_task(task_id))
    task, case = case_task(task_id, "decide", None)
    check(case, "decide" if task.step == "decide" else "review")
    if decision == "approve" and task.step == "decide":
        require_tolerated(case)

    _write(task, case, decision, reason, by, at)
    write_opinion(task, case, decision, opinion or reason, by, at)
    tell_case("CaseDecided", case, by=by, at=at, decision=decision, reason=reason)
    given = {"decision": decision, "approved": decision == "approve", **(variables or {})}
    finish_step(task, case, decision, given, by, at)
    return case


def _write(task: OpenTask, case: Case, decision: str, reason: str, by: str, at: datetime) -> None:
    if task.step == "decide":
        move(case, "decide")
        case.decision, case.decision_reason, case.decided_at = decision, reason or None, at
        decision_document(case, by, at)
    elif decision == "refuse":
        case.decision, case.decision_reason = decision, reason
    db.session.flush()

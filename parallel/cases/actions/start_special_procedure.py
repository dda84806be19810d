from __future__ import annotations

from datetime import datetime

from engine.api import db
from parallel.cases.events import tell_case
from parallel.cases.loading import case_task
from parallel.cases.models import Case
from parallel.cases.opinions import finish_step, write_opinion
from parallel.cases.special import require_known
from parallel.cases.states import check, move
from parallel.cases.wording import needed
from parallel.notifications import texts
from parallel.notifications.actions import notify
from parallel.time_limits.actions import pause_clocks


def start_special_procedure(task_id: str, procedure: str, reason: str, by: str, at: datetime) -> Case:
    """启动特别程序，挂起停表 (SPECIAL-1, SPECIAL-5; 行政许可法 第四十五条: its time does not count, the applicant is told).

    Other branches of the application go on (PARALLEL-INV-5).

    Raises:
        ReasonMissing, ProcedureUnknown, TaskNotOpen, WrongStep, NotYourTask, IllegalAct.
    """
    reason = needed(reason, "reason", "须写明启动特别程序的理由。")
    task, case = case_task(task_id, "review")
    check(case, "suspend")
    require_known(procedure, case)
    move(case, "suspend")
    pause_clocks(case, procedure, reason, by, at)
    write_opinion(task, case, "special", f"{procedure}：{reason}", by, at)
    db.session.flush()
    notify(case.application, "suspended", texts.suspended(case, procedure), at, case)
    tell_case("CaseSuspended", case, by=by, at=at, procedure=procedure, reason=reason)
    finish_step(task, case, "special", {"review": "special"}, by, at)
    return case

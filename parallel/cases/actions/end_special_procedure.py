from __future__ import annotations

from datetime import datetime

from engine.api import db
from parallel.cases.clock import move_due_dates
from parallel.cases.errors import ResultMissing
from parallel.cases.events import tell_case
from parallel.cases.loading import case_task
from parallel.cases.models import Case
from parallel.cases.opinions import finish_step, write_opinion
from parallel.cases.states import check, move
from parallel.cases.wording import limited
from parallel.notifications import texts
from parallel.notifications.actions import notify
from parallel.time_limits.actions import resume_clocks


def end_special_procedure(task_id: str, result: str, by: str, at: datetime) -> Case:
    """填写特别程序结果，恢复办理 (SPECIAL-2): the clocks run on, due dates move, the step returns to who had it.

    Raises:
        ResultMissing, TaskNotOpen, WrongStep, NotYourTask, IllegalAct.
    """
    result = limited(result, "result")
    if not result:
        raise ResultMissing(field="result")
    task, case = case_task(task_id, "special")
    check(case, "resume")
    move(case, "resume")
    [ended, *_] = resume_clocks(case, result, by, at)
    write_opinion(task, case, "special_ended", result, by, at)
    db.session.flush()
    notify(case.application, "resumed", texts.resumed(case, ended.procedure), at, case)
    tell_case("CaseResumed", case, by=by, at=at, procedure=ended.procedure, result=result)
    finish_step(task, case, "special_ended", {"special_result": result}, by, at)
    move_due_dates(case)
    return case

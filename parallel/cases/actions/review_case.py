from __future__ import annotations

from datetime import datetime

from parallel.cases.events import tell_case
from parallel.cases.loading import case_task
from parallel.cases.models import Case
from parallel.cases.opinions import finish_step, write_opinion
from parallel.cases.states import check


def review_case(task_id: str, opinion: str, by: str, at: datetime, *, variables: dict | None = None) -> Case:
    """审查通过 (DEPT-2): the step ends with the officer's opinion. Also for a step of a department's own drawing (DEPT-3).

    Args:
        variables: what the form of a department's own step sets, for the conditions of its drawing; flat values.

    Raises:
        TaskNotOpen, WrongStep, NotYourTask, IllegalAct.
    """
    task, case = case_task(task_id, "review", None)
    check(case, "review")
    write_opinion(task, case, "pass", opinion, by, at)
    tell_case("CaseReviewed", case, by=by, at=at, step=task.name)
    finish_step(task, case, "pass", {"review": "pass", **(variables or {})}, by, at)
    return case

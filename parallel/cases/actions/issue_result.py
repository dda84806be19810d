from __future__ import annotations

from datetime import datetime

from engine.api import db
from parallel.cases.errors import IllegalAct
from parallel.cases.licences import ensure_licence
from parallel.cases.loading import case_task, hold_project, project_of_task
from parallel.cases.models import Licence
from parallel.cases.opinions import finish_step, write_opinion
from parallel.cases.states import check


def issue_result(
    task_id: str, by: str, at: datetime, *, opinion: str = "", number: str | None = None, file_id: int | None = None
) -> Licence:
    """制证送达: the licence, under a number by its type; the case closes, and the result flows on (PARALLEL-INV-6).

    Args:
        number: a number that the department gave itself.
        file_id: the stored file of the licence, if there is one.

    Raises:
        TaskNotOpen, WrongStep, NotYourTask, IllegalAct, ToleratedMaterialDue.
    """
    hold_project(project_of_task(task_id))
    task, case = case_task(task_id, "issue")
    check(case, "issue")
    if case.decision == "refuse":
        raise IllegalAct("不予许可的办件没有可以送达的证照。")
    licence = ensure_licence(case, by, at, number)
    licence.file_id = file_id
    write_opinion(task, case, "issued", opinion, by, at)
    db.session.flush()
    finish_step(task, case, "issued", {"licence": licence.number}, by, at)
    return licence

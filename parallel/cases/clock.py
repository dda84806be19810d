"""起表: when review of a case begins, and the clock with it."""
from __future__ import annotations

from datetime import datetime

from engine.api import Task, db, end_of
from parallel.cases.drawings import key_of
from parallel.cases.events import tell_case
from parallel.cases.models import Case
from parallel.cases.states import move
from parallel.time_limits.actions import start_clocks


def begin_review(case: Case, by: str, at: datetime) -> None:
    """受理 of this case: both clocks run (指南 A1 已受理→起表; C8). A waiting case begins when its results are there."""
    move(case, "start")
    case.accepted_at = at
    start_clocks(case, at)
    db.session.flush()
    promised = case.promised_on.isoformat() if case.promised_on else None
    tell_case("CaseClockStarted", case, by=by, at=at, promised_on=promised)


def move_due_dates(case: Case) -> None:
    """Open tasks of a case are due when its promise is. Index: ix_task_business_key_status."""
    if case.promised_on is not None:
        open_tasks = db.update(Task).where(Task.business_key == key_of(case), Task.status == "open")
        db.session.execute(open_tasks.values(due_at=end_of(case.promised_on)).execution_options(synchronize_session=False))

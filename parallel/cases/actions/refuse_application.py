from __future__ import annotations

from datetime import datetime

from engine.api import complete_task, db
from parallel.cases.drawings import ACCEPT_STEP
from parallel.cases.events import report_result, tell_application, tell_case
from parallel.cases.loading import application_task, hold
from parallel.cases.models import Application
from parallel.cases.states import check, move
from parallel.cases.wording import needed
from parallel.documents.actions import non_acceptance_notice
from parallel.notifications import texts
from parallel.notifications.actions import notify


def refuse_application(
    application: Application, reason: str, by: str, at: datetime, *, clerk_name: str | None = None
) -> Application:
    """不予受理 (ACCEPT-6): with a reason, in writing; all its cases end there.

    Raises:
        ReasonMissing, IllegalAct, TaskNotOpen, NotYourTask.
    """
    reason = needed(reason, "reason", "须写明不予受理的原因。")
    hold(application)
    check(application, "refuse_acceptance")
    task = application_task(application, ACCEPT_STEP)

    move(application, "refuse_acceptance")
    application.decision_reason, application.closed_at = reason, at
    for case in application.cases:
        move(case, "refuse_acceptance")
        case.ended_at, case.decision_reason = at, reason
    db.session.flush()
    non_acceptance_notice(application, reason, clerk_name or by, by, at)

    complete_task(task.id, by=by, at=at, variables={"acceptance": "refuse"})
    for case in application.cases:
        tell_case("CaseClosed", case, by=by, at=at)
        report_result(case, None, at)
    notify(application, "not_accepted", texts.not_accepted(application, reason), at)
    tell_application("ApplicationNotAccepted", application, by=by, at=at, reason=reason)
    return application

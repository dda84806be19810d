"""逾期退件: the applicant did not correct in time (指南 A1 补齐补正: 逾期→退件)."""
from __future__ import annotations

from datetime import datetime

from engine.api import db
from parallel.cases.events import report_result, tell_application, tell_case
from parallel.cases.models import Application
from parallel.cases.states import move
from parallel.documents.actions import non_acceptance_notice
from parallel.notifications import texts
from parallel.notifications.actions import notify

REASON = "逾期未补正，申请退回；备齐后可以重新申请。"
CLERK = "系统自动退件"


def lapse(application: Application, by: str, at: datetime) -> None:
    """End an application whose time to correct ran out. Nothing was accepted, so no clock stands to stop."""
    move(application, "lapse")
    application.decision_reason, application.closed_at = REASON, at
    for case in application.cases:
        move(case, "refuse_acceptance")
        case.ended_at, case.decision_reason = at, REASON
    db.session.flush()
    non_acceptance_notice(application, REASON, CLERK, by, at)
    for case in application.cases:
        tell_case("CaseClosed", case, by=by, at=at)
        report_result(case, None, at)
    notify(application, "not_accepted", texts.not_accepted(application, REASON), at)
    tell_application("ApplicationNotAccepted", application, by=by, at=at, reason=REASON)

from __future__ import annotations

from datetime import datetime

from engine.api import cancel_process, db
from parallel.cases.errors import IllegalAct
from parallel.cases.events import report_result, tell_application, tell_case
from parallel.cases.loading import hold, hold_project
from parallel.cases.models import Application
from parallel.cases.states import CASE_ENDED, check, move
from parallel.cases.wording import limited
from parallel.time_limits.actions import stop_clocks


def withdraw_application(application: Application, reason: str, by: str, at: datetime) -> Application:
    """撤回 by the applicant: what has not ended yet ends, results already given stay (指南 A1 撤回).

    Raises:
        IllegalAct: it has ended.
    """
    reason = limited(reason, "reason")
    hold_project(application.project_id)
    hold(application)
    check(application, "withdraw")
    running = [case for case in application.cases if case.state not in CASE_ENDED]
    if not running and application.state != "draft":
        raise IllegalAct("这份申请的办件都已办结，不能撤回。")
    for case in running:
        move(case, "withdraw")
        case.ended_at = at
        stop_clocks(case, at)
    move(application, "withdraw")
    application.closed_at, application.decision_reason = at, reason
    db.session.flush()
    if application.instance_id is not None:
        cancel_process(application.instance_id, reason=reason or "申请人撤回", by=by, at=at)
    for case in running:
        tell_case("CaseClosed", case, by=by, at=at)
        if case.number is not None:
            report_result(case, None, at)
    tell_application("ApplicationWithdrawn", application, by=by, at=at, reason=reason)
    return application

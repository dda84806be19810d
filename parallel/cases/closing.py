"""办结: the end of a case, and what follows from its result."""
from __future__ import annotations

from datetime import datetime

from engine.api import db, send_message
from parallel.cases.drawings import key_of
from parallel.cases.errors import ToleratedMaterialDue
from parallel.cases.events import report_result, tell_application, tell_case
from parallel.cases.licences import ensure_licence
from parallel.cases.loading import hold_project
from parallel.cases.models import Application, Case, Licence
from parallel.cases.states import check, move
from parallel.materials.actions import satisfy_by_result
from parallel.materials.queries import current_materials
from parallel.notifications import texts
from parallel.notifications.actions import notify
from parallel.projects.actions import close_stage_if_met
from parallel.projects.models import Project
from parallel.projects.queries import waiting_cases_ready
from parallel.time_limits.actions import stop_clocks

RESULTS_READY = "前置结果齐备"


def end_case(case: Case, decision: str, by: str, at: datetime) -> None:
    """办结: the clocks stop, the applicant is told, and an approval flows on (指南 A1 办结).

    A refused case never stops the others of its application (指南 C39: 等齐再汇总 is our default).
    """
    act = "refuse" if decision == "refuse" else "approve"
    check(case, act)
    hold_project(case.project_id)
    if act == "approve":
        require_tolerated(case)
    licence = ensure_licence(case, by, at) if act == "approve" else None
    move(case, act)
    case.decision, case.ended_at = case.decision or decision, at
    case.decided_at = case.decided_at or at
    stop_clocks(case, at)
    db.session.flush()
    tell_case("CaseClosed", case, by=by, at=at, licence=licence.number if licence else None)
    report_result(case, licence.number if licence else None, at)
    notify(case.application, "closed", texts.closed(case), at, case)
    if licence is not None:
        flow_on(case, licence, by, at)


def flow_on(case: Case, licence: Licence, by: str, at: datetime) -> None:
    """结果关联共享: the result becomes a material of what needs it, wakes what waited for it, and may close the stage
    (PARALLEL-INV-6, PARALLEL-INV-1)."""
    if case.project_id is None:
        return
    project = db.session.get(Project, case.project_id)
    satisfy_by_result(licence, by, at)
    for waiting in waiting_cases_ready(project):
        send_message(RESULTS_READY, business_key=key_of(waiting), variables={"ready": True}, by=by, at=at)
    for stage in project.stages:
        if stage.state == "open":
            close_stage_if_met(project, stage.number, at)


def require_tolerated(case: Case) -> None:
    """容缺材料办结前必须补齐 (PARALLEL-INV-10). Raises ToleratedMaterialDue."""
    wanted = {row.same_as for row in case.item.requirements if row.required}
    present = current_materials(case.application)
    due = [
        entry["name"] for entry in case.application.tolerated
        if entry["material_key"] in wanted and entry["material_key"] not in present
    ]
    if due:
        raise ToleratedMaterialDue(f"容缺受理的材料还没有补齐，不能办结：{'、'.join(due)}。")


def close_application(application: Application, by: str, at: datetime) -> None:
    """All cases of the application have ended."""
    move(application, "close")
    application.closed_at = at
    db.session.flush()
    results = {case.item_code: case.state for case in application.cases}
    tell_application("ApplicationClosed", application, by=by, at=at, results=results)

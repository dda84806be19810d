"""What happened to applications and cases, announced to whoever listens. A fact is named in the past.

ApplicationDrafted, ApplicationSaved, ItemsChosen, MaterialHandedIn, MaterialRemoved, ApplicationSubmitted,
ReviewPointsTicked, ApplicationPreAccepted, ApplicationAccepted, CorrectionRequested, CorrectionSubmitted,
ApplicationNotAccepted, ApplicationWithdrawn, ApplicationClosed; CaseClockStarted, CaseReviewed, CaseSuspended,
CaseResumed, CaseDecided, LicenceIssued, CaseClosed; and for the investment platform (PARALLEL-INV-11), under
natural keys, CaseStepReported and CaseResultReported.
"""
from __future__ import annotations

from datetime import datetime

from engine.api import announce, db, record
from parallel.cases.drawings import key_of
from parallel.cases.models import Application, Case
from parallel.projects.models import Project


def tell_application(kind: str, application: Application, *, by: str, at: datetime, **detail) -> None:
    """One audit entry in the application's chain, and one event."""
    record(key_of(application), kind, by=by, at=at, detail={"state": application.state, **detail})
    payload = {"application": application.id, "number": application.number, "state": application.state, **detail}
    announce(kind, payload, topics=topics_of(application), at=at)


def tell_case(kind: str, case: Case, *, by: str, at: datetime, **detail) -> None:
    """One audit entry in the case's chain, and one event."""
    record(key_of(case), kind, by=by, at=at, detail={"state": case.state, **detail})
    payload = {"case": case.id, "number": case.number, "item": case.item_code, "state": case.state, **detail}
    announce(kind, payload, topics=[key_of(case), *topics_of(case.application)], at=at)


def topics_of(application: Application) -> list[str]:
    topics = [key_of(application), f"user:{application.applicant}"]
    return [*topics, f"project:{application.project_id}"] if application.project_id else topics


def report_step(case: Case, task_id: str, step: str, step_name: str, outcome: str, by: str, at: datetime) -> None:
    """过程信息上报: one report for each step completed (PARALLEL-INV-11)."""
    if case.project_id is None:
        return
    payload = {
        **_reported(case), "step": step, "step_name": step_name, "outcome": outcome, "handled_by": by,
        "handled_at": at.isoformat(),
    }
    announce("CaseStepReported", payload, topics=[], at=at, key=f"step:{task_id}:{case.id}")


def report_result(case: Case, licence_number: str | None, at: datetime) -> None:
    """结果信息上报 (PARALLEL-INV-11)."""
    if case.project_id is None:
        return
    payload = {
        **_reported(case), "result": case.state, "result_name": case.item.result_name,
        "licence_number": licence_number, "ended_at": at.isoformat(),
    }
    announce("CaseResultReported", payload, topics=[], at=at, key=f"result:{case.number}")


def _reported(case: Case) -> dict:
    return {
        "project_code": db.session.get(Project, case.project_id).code, "case_number": case.number, "item_code": case.item_code,
        "item_name": case.item.name, "department_code": case.department_code,
        "department_name": case.item.department.name,
    }

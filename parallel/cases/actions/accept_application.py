from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from engine.api import CHINA, complete_task, db, working_calendar
from parallel.cases.clock import begin_review, move_due_dates
from parallel.cases.drawings import ACCEPT_STEP, keeps_the_clock, key_of
from parallel.cases.errors import MaterialsMissing, NotTolerable, ReviewPointsOpen
from parallel.cases.events import report_step, tell_application
from parallel.cases.loading import application_task, hold, hold_project
from parallel.cases.models import Application
from parallel.cases.readiness import is_ready
from parallel.cases.review_points import open_points
from parallel.cases.states import check, move
from parallel.documents.actions import acceptance_notice
from parallel.items.queries import open_item
from parallel.materials.actions import attach_results, distribute
from parallel.materials.asked import FORM, HANDED_IN, RESULT, AskedMaterial
from parallel.materials.queries import asked_materials, missing_materials
from parallel.notifications import texts
from parallel.notifications.actions import notify


def accept_application(
    application: Application, by: str, at: datetime, *, clerk_name: str | None = None,
    tolerate: Iterable[str] = (), tolerate_days: int = 10,
) -> Application:
    """受理 (ACCEPT-5, ACCEPT-7): every review point is ticked, the items' current versions are locked (ITEM-2), the
    materials distributed (PARALLEL-INV-4), the notice made and the applicant told. Cases whose prerequisites hold
    begin at once; the others wait.

    Args:
        clerk_name: how the notice names the clerk.
        tolerate: keys of materials that may come within `tolerate_days` working days (容缺, PARALLEL-INV-10).

    Raises:
        IllegalAct, ItemNotOpen (ITEM-8), MaterialsMissing, NotTolerable, ReviewPointsOpen, TaskNotOpen, NotYourTask.
    """
    hold_project(application.project_id)
    hold(application)
    check(application, "accept")
    _lock_versions(application)
    tolerated = _tolerated(application, set(tolerate), tolerate_days, at)
    if points := open_points(application):
        raise ReviewPointsOpen(points)
    task = application_task(application, ACCEPT_STEP)

    move(application, "accept")
    application.accepted_at, application.tolerated = at, tolerated
    ready = [is_ready(case) for case in application.cases]
    for case, is_case_ready in zip(application.cases, ready, strict=True):
        move(case, "accept" if is_case_ready else "wait")
    db.session.flush()
    attach_results(application, by, at)
    distribute(application)
    names = [entry.name for entry in asked_materials(application) if entry.standing in (HANDED_IN, RESULT, FORM)]
    acceptance_notice(application, names, clerk_name or by, by, at)

    complete_task(task.id, by=by, at=at, variables={"acceptance": "accept", "ready": all(ready)})
    for case in application.cases:
        report_step(case, task.id, ACCEPT_STEP, "受理", "accept", by, at)
        if task.business_key == key_of(case) and not keeps_the_clock(case.item):
            begin_review(case, by, at)
            move_due_dates(case)
    notify(application, "accepted", texts.accepted(application), at)
    tell_application("ApplicationAccepted", application, by=by, at=at, tolerated=tolerated)
    return application


def _lock_versions(application: Application) -> None:
    """在办件锁定受理时版本 (ITEM-2); an item that is no longer published cannot be accepted (ITEM-8)."""
    for case in application.cases:
        case.item = open_item(case.item_code)
        case.department_code = case.item.department_code
    db.session.flush()


def _tolerated(application: Application, wanted: set[str], days: int, at: datetime) -> list[dict]:
    """容缺: what may come later, with the day by which. Anything else that is missing stops acceptance."""
    missing = missing_materials(application)
    refused = [entry.name for entry in missing if entry.key in wanted and not entry.tolerable]
    if refused:
        raise NotTolerable(f"不可容缺的材料：{'、'.join(refused)}。")
    left = [entry.name for entry in missing if entry.key not in wanted]
    if left:
        raise MaterialsMissing(left)
    due_on = working_calendar().add(at.astimezone(CHINA).date(), days)
    return [_as_tolerated(entry, due_on.isoformat()) for entry in missing]


def _as_tolerated(entry: AskedMaterial, due_on: str) -> dict:
    return {"material_key": entry.key, "name": entry.name, "due_on": due_on}

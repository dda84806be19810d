from __future__ import annotations

from datetime import datetime

from engine.api import CHINA, complete_task, db, working_calendar
from parallel.cases.actions.save_draft import fields_of
from parallel.cases.drawings import ACCEPT_STEP
from parallel.cases.errors import CorrectionsMissing
from parallel.cases.events import tell_application
from parallel.cases.loading import application_task, hold
from parallel.cases.models import Application
from parallel.cases.states import check, move
from parallel.cases.wording import limited
from parallel.documents.actions import correction_notice
from parallel.materials.queries import asked_materials
from parallel.notifications import texts
from parallel.notifications.actions import notify

DEFAULT_DAYS = 15


def request_correction(
    application: Application, items: list[dict], by: str, at: datetime, *, within_days: int = DEFAULT_DAYS,
    clerk_name: str | None = None,
) -> Application:
    """要求补齐补正 (ACCEPT-8; PREREV-2 also after pre-acceptance, any number of times, each on record).

    行政许可法 第三十二条: everything is told at once. The applicant may then change what is listed and nothing else.

    Args:
        items: what is asked for, each `{"material_key": …, "reason": …}` or `{"field": …, "reason": …}`.
        within_days: working days to correct it in.

    Raises:
        IllegalAct, CorrectionsMissing, TaskNotOpen, NotYourTask.
    """
    hold(application)
    check(application, "request_correction")
    asked = _named(application, items)
    if not asked or within_days < 1:
        raise CorrectionsMissing
    task = application_task(application, ACCEPT_STEP)

    move(application, "request_correction")
    application.corrections, application.correction_asked_at = asked, at
    application.correction_due_on = working_calendar().add(at.astimezone(CHINA).date(), within_days)
    db.session.flush()
    correction_notice(application, application.correction_due_on, clerk_name or by, by, at)

    complete_task(task.id, by=by, at=at, variables={"acceptance": "correct", "correction_days": within_days})
    notify(application, "correction", texts.correction(application, len(asked), application.correction_due_on), at)
    tell_application("CorrectionRequested", application, by=by, at=at, items=asked)
    return application


def _named(application: Application, items: list[dict]) -> list[dict]:
    """The list with the names of what it asks for; refuses what the applicant could not correct, and empty reasons."""
    materials = {entry.key: entry.name for entry in asked_materials(application) if entry.is_uploaded}
    fields = {each.key: each.label_zh for each in fields_of(application) if not each.read_only}
    asked = []
    for item in items:
        reason = limited(item.get("reason"), "reason")
        kind = "material_key" if item.get("material_key") else "field"
        key = item.get(kind)
        name = (materials if kind == "material_key" else fields).get(key)
        if not reason or name is None:
            raise CorrectionsMissing
        asked.append({kind: key, "name": name, "reason": reason})
    return asked

from __future__ import annotations

from datetime import datetime

from engine.api import complete_task, db
from parallel.cases.actions.save_draft import fields_of
from parallel.cases.drawings import CORRECT_STEP
from parallel.cases.errors import CorrectionNotDone, FormIncomplete
from parallel.cases.events import tell_application
from parallel.cases.forms import faults
from parallel.cases.loading import application_task, hold
from parallel.cases.models import Application
from parallel.cases.states import check, move
from parallel.materials.queries import current_materials


def submit_correction(application: Application, by: str, at: datetime) -> Application:
    """补交: the same application under the same number goes back to the window's step (ACCEPT-9, PORTAL-APPLY-5).

    Raises:
        IllegalAct, CorrectionNotDone (a material pointed out has no new version), FormIncomplete, TaskNotOpen.
    """
    hold(application)
    check(application, "submit_correction")
    missing = _not_corrected(application)
    if missing:
        raise CorrectionNotDone(missing)
    wrong = faults(fields_of(application), application.form)
    if wrong:
        raise FormIncomplete(wrong)
    task = application_task(application, CORRECT_STEP)

    move(application, "submit_correction")
    done, application.corrections, application.correction_due_on = application.corrections, [], None
    db.session.flush()
    complete_task(task.id, by=by, at=at)
    tell_application("CorrectionSubmitted", application, by=by, at=at, items=done)
    return application


def _not_corrected(application: Application) -> list[str]:
    """Materials that were asked for and have no version newer than the request."""
    present = current_materials(application)
    asked_at = application.correction_asked_at
    return [
        asked["name"] for asked in application.corrections if "material_key" in asked
        and not ((material := present.get(asked["material_key"])) and material.handed_in_at >= asked_at)
    ]

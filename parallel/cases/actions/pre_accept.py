from __future__ import annotations

from datetime import datetime

from engine.api import db
from parallel.cases.errors import MaterialsMissing
from parallel.cases.events import tell_application
from parallel.cases.loading import hold
from parallel.cases.models import Application
from parallel.cases.states import check, move
from parallel.materials.queries import missing_materials
from parallel.notifications import texts
from parallel.notifications.actions import notify


def pre_accept(application: Application, by: str, at: datetime, *, online: bool = False) -> Application:
    """预审通过，预受理 (ACCEPT-2, PREREV-1): the applicant is told to come, or that it goes on online. No clock starts.

    Raises:
        IllegalAct; MaterialsMissing with the list of what is missing.
    """
    hold(application)
    check(application, "pre_accept")
    missing = [entry.name for entry in missing_materials(application) if not entry.tolerable]
    if missing:
        raise MaterialsMissing(missing)
    move(application, "pre_accept")
    application.pre_accepted_at = at
    db.session.flush()
    notify(application, "come_to_hall", texts.come_to_hall(application, online), at)
    tell_application("ApplicationPreAccepted", application, by=by, at=at, online=online)
    return application

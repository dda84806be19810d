from __future__ import annotations

from datetime import datetime

from engine.api import db
from parallel.cases.events import tell_application
from parallel.cases.loading import hold
from parallel.cases.models import Application
from parallel.cases.states import check
from parallel.materials.actions.store_version import retire_current
from parallel.materials.errors import MaterialInUse, MaterialNotFound
from parallel.materials.queries import current_materials


def remove_material(application: Application, key: str, by: str, at: datetime) -> None:
    """撤下 a material of a draft. The row stays, no longer current, and so does the trace of who handed it in.

    Raises:
        IllegalAct, MaterialInUse: it was submitted; MaterialNotFound.
    """
    hold(application)
    check(application, "edit")
    if application.state != "draft":
        raise MaterialInUse
    if key not in current_materials(application):
        raise MaterialNotFound
    retire_current(application, key)
    db.session.flush()
    tell_application("MaterialRemoved", application, by=by, at=at, key=key)

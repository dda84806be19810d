from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from engine.api import db
from parallel.cases.editing import may_edit_field
from parallel.cases.errors import NotEditable
from parallel.cases.events import tell_application
from parallel.cases.forms import Field, taken, union_form
from parallel.cases.loading import hold
from parallel.cases.models import Application
from parallel.cases.states import check
from parallel.projects.models import Project


def save_draft(application: Application, form: dict[str, Any], by: str, at: datetime) -> Application:
    """保存 what has been filled in so far, of a draft or of a correction. Half-filled is fine; unknown fields are left.

    Raises:
        IllegalAct: it was submitted. NotEditable: a field was changed that the correction does not ask for
        (PORTAL-APPLY-5).
    """
    hold(application)
    check(application, "edit")
    sent = taken(fields_of(application), form)
    changed = {key: value for key, value in sent.items() if application.form.get(key) != value}
    _refuse_others(application, changed)
    application.form = {**application.form, **changed}
    application.contact_phone = str(application.form.get("contact_phone") or "")[:30]
    if application.form.get("delivery") in ("hall", "courier", "online"):
        application.delivery = application.form["delivery"]
    db.session.flush()
    tell_application("ApplicationSaved", application, by=by, at=at, fields=sorted(changed))
    return application


def fields_of(application: Application) -> list[Field]:
    """The one form of this application."""
    project = db.session.get(Project, application.project_id) if application.project_id else None
    return union_form([case.item for case in application.cases], project)


def _refuse_others(application: Application, changed: Iterable[str]) -> None:
    refused = [key for key in changed if not may_edit_field(application, key)]
    if refused:
        raise NotEditable(field=refused[0])

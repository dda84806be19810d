from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from engine.api import db
from parallel.cases.actions.choose_items import set_items
from parallel.cases.errors import NotYourProject
from parallel.cases.events import tell_application
from parallel.cases.models import Application
from parallel.items.queries import open_item
from parallel.projects.models import Project


def draft_application(
    *, applicant: str, applicant_name: str, applicant_id_number: str, contact_phone: str = "",
    project: Project | None = None, stage: int | None = None, item_codes: Iterable[str] = (),
    form: dict | None = None, delivery: str = "hall", by: str, at: datetime,
) -> Application:
    """草稿: begin an application for one item or many (PARALLEL-INV-3). Nothing is checked but that the items exist,
    may be applied for, and that the project is the applicant's own.

    Args:
        stage: the stage of the project; by default that of the items.

    Raises:
        NotYourProject, ItemNotFound, ItemNotOpen, ItemsNotTogether.
    """
    if project is not None and project.owner != applicant:
        raise NotYourProject
    items = [open_item(code) for code in dict.fromkeys(item_codes)]
    application = Application(
        applicant=applicant, applicant_name=applicant_name, applicant_id_number=applicant_id_number,
        contact_phone=contact_phone, project_id=project.id if project else None, stage_number=stage,
        division_code=project.division_code if project else "", state="draft", delivery=delivery,
        form={"contact_name": applicant_name, "contact_phone": contact_phone, "delivery": delivery, **(form or {})},
        checks={}, tolerated=[], corrections=[], created_at=at,
    )
    db.session.add(application)
    db.session.flush()
    set_items(application, items, stage)
    tell_application("ApplicationDrafted", application, by=by, at=at, items=[item.code for item in items])
    return application

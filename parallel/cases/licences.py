"""证照: the result of an approved case."""
from __future__ import annotations

from datetime import datetime

from engine.api import db
from parallel.cases.events import tell_case
from parallel.cases.models import Case, Licence
from parallel.cases.numbers import licence_number
from parallel.projects.models import Project


def licence_of(case: Case) -> Licence | None:
    """Index: uq_licence_case_id."""
    return db.session.scalar(db.select(Licence).where(Licence.case_id == case.id))


def ensure_licence(case: Case, by: str, at: datetime, number: str | None = None) -> Licence:
    """The licence of a case: issued now if it has none yet, as in a drawing without a step for issuing."""
    found = licence_of(case)
    if found is not None:
        return found
    licence = Licence(
        case_id=case.id, project_id=case.project_id, item_code=case.item_code, name=case.item.result_name,
        number=number or licence_number(case, _project_class(case), at), holder=case.application.applicant_name,
        issued_by=by, issued_at=at,
    )
    db.session.add(licence)
    db.session.flush()
    tell_case("LicenceIssued", case, by=by, at=at, licence=licence.number, name=licence.name)
    return licence


def _project_class(case: Case) -> str | None:
    project = db.session.get(Project, case.project_id) if case.project_id else None
    return project.attributes.get("project_class") if project else None

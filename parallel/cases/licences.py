"""证照: the result of an approved case."""
from __future__ import annotations

from datetime import datetime

from engine.api import db
from parallel.cases.errors import LicenceNumberTaken
from parallel.cases.events import tell_case
from parallel.cases.models import Case, Licence
from parallel.cases.numbers import licence_number
from parallel.cases.wording import limited
from parallel.projects.models import Project

NUMBER_LENGTH = 60


def licence_of(case: Case) -> Licence | None:
    """Index: uq_licence_case_id."""
    return db.session.scalar(db.select(Licence).where(Licence.case_id == case.id))


def ensure_licence(case: Case, by: str, at: datetime, number: str | None = None) -> Licence:
    """The licence of a case: issued now if it has none yet, as in a drawing without a step for issuing."""
    found = licence_of(case)
    if found is not None:
        return found
    number = _checked(number) if number else licence_number(case, _project_class(case), at)
    licence = Licence(
        case_id=case.id, project_id=case.project_id, item_code=case.item_code, name=case.item.result_name,
        number=number, holder=case.application.applicant_name,
        issued_by=by, issued_at=at,
    )
    db.session.add(licence)
    db.session.flush()
    tell_case("LicenceIssued", case, by=by, at=at, licence=licence.number, name=licence.name)
    return licence


def _checked(number: str) -> str:
    """A number that the department gave itself, if nobody has it. Index: uq_licence_number."""
    number = limited(number, "number", NUMBER_LENGTH)
    if db.session.scalar(db.select(Licence.id).where(Licence.number == number)) is not None:
        raise LicenceNumberTaken(f"证照编号“{number}”已经用过。", field="number")
    return number


def _project_class(case: Case) -> str | None:
    project = db.session.get(Project, case.project_id) if case.project_id else None
    return project.attributes.get("project_class") if project else None

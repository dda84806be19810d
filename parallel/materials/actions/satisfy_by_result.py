"""审批结果关联共享 (PARALLEL-INV-6): an earlier result becomes a grade A material of what needs it."""
from __future__ import annotations

from datetime import datetime

from engine.api import announce, db
from parallel.cases.models import Application, Case, Licence
from parallel.cases.states import CASE_ENDED
from parallel.materials.actions.distribute import use_for
from parallel.materials.actions.store_version import retire_current
from parallel.materials.asked import RESULT
from parallel.materials.models import Material
from parallel.materials.queries import asked_materials
from parallel.materials.trust import ISSUED_HERE


def attach_results(application: Application, by: str, at: datetime) -> list[Material]:
    """Make materials of the project's results that an application asks for and does not hold yet."""
    attached = [
        _from_licence(application, entry.key, entry.licence, by, at)
        for entry in asked_materials(application) if entry.standing == RESULT and entry.material is None
    ]
    db.session.flush()
    return attached


def satisfy_by_result(licence: Licence, by: str, at: datetime) -> list[Material]:
    """Give a new result to every case of the project that still runs and asks for it.

    One licence serves all; each application has one material a key, which all its cases share.
    """
    satisfied = []
    for application in _running_applications(licence.project_id):
        for material in attach_results(application, by, at):
            satisfied.append(material)
            if application.accepted_at is not None:
                _give(application, material)
            topics = [f"application:{application.id}", f"user:{application.applicant}"]
            payload = {"application": application.id, "material": material.name, "licence": licence.number}
            announce("MaterialSatisfied", payload, topics=topics, at=at)
    db.session.flush()
    return satisfied


def _running_applications(project_id: int | None) -> list[Application]:
    """Index: ix_case_project_id_item_code."""
    if project_id is None:
        return []
    running = db.select(Case.application_id).where(
        Case.project_id == project_id, Case.state.not_in([*CASE_ENDED, "draft"])
    )
    return list(db.session.scalars(db.select(Application).where(Application.id.in_(running)).order_by(Application.id)))


def _from_licence(application: Application, key: str, licence: Licence, by: str, at: datetime) -> Material:
    material = Material(
        application_id=application.id, key=key, name=licence.name, version=retire_current(application, key) + 1,
        is_current=True, source="result", trust_level=ISSUED_HERE.level, verify_required=False,
        file_id=licence.file_id, file_name=None, licence_id=licence.id, handed_in_by=by, handed_in_at=at,
    )
    db.session.add(material)
    db.session.flush()
    return material


def _give(application: Application, material: Material) -> None:
    for case in application.cases:
        if case.state not in CASE_ENDED:
            for requirement in case.item.requirements:
                if requirement.same_as == material.key:
                    use_for(material, case, requirement)

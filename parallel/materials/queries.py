"""What screens and actions read of materials."""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from engine.api import db
from parallel.cases.models import Application, Licence
from parallel.items.models import ServiceItem
from parallel.materials.asked import (
    AWAITED,
    DEPARTMENT,
    FORM,
    HANDED_IN,
    MISSING,
    NOT_NEEDED,
    OPTIONAL,
    RESULT,
    AskedMaterial,
    merged,
    sources_of_result,
)
from parallel.materials.errors import MaterialNotFound
from parallel.materials.models import FileAccess, Material, MaterialUse
from parallel.projects.applicability import holds
from parallel.projects.models import Project


def material(material_id: int) -> Material:
    """Raises MaterialNotFound."""
    found = db.session.get(Material, material_id)
    if found is None:
        raise MaterialNotFound
    return found


def current_materials(application: Application) -> dict[str, Material]:
    """The newest version under each key. Index: ix_material_application_id_is_current."""
    rows = db.session.scalars(
        db.select(Material).where(Material.application_id == application.id, Material.is_current).order_by(Material.id)
    )
    return {row.key: row for row in rows}


def versions_of(application: Application, key: str) -> list[Material]:
    """Every version under a key, oldest first: a correction keeps what it corrects (PORTAL-APPLY-5).

    Index: uq_material_application_id_key_version.
    """
    rows = db.select(Material).where(Material.application_id == application.id, Material.key == key)
    return list(db.session.scalars(rows.order_by(Material.version)))


def licences_of_project(project_id: int | None) -> dict[str, Licence]:
    """Results of a project by the code of their item, the newest of each. Index: ix_licence_project_id_item_code."""
    if project_id is None:
        return {}
    rows = db.session.scalars(db.select(Licence).where(Licence.project_id == project_id).order_by(Licence.id))
    return {row.item_code: row for row in rows}


# --- what an application is asked for ---------------------------------------------------------------

def asked_materials(application: Application) -> list[AskedMaterial]:
    """Every material that the items of an application ask for, each once, and how it stands (ACCEPT-2, INV-2, INV-6)."""
    asked = merged(case.item for case in application.cases)
    present, licences = current_materials(application), licences_of_project(application.project_id)
    applies = _applying(application.project_id, asked.values())
    for entry in asked.values():
        entry.material = present.get(entry.key)
        entry.licence = _result_for(entry, licences)
        entry.standing = _standing(entry, applies)
    return list(asked.values())


def missing_materials(application: Application) -> list[AskedMaterial]:
    """Required materials that are not there and will not come by themselves (ACCEPT-2)."""
    return [entry for entry in asked_materials(application) if entry.is_missing]


def _standing(entry: AskedMaterial, applies: set[str] | None) -> str:
    """`applies`: the items of whose results some may come, for a project; None without a project."""
    if entry.material is not None:
        return RESULT if entry.material.licence_id else HANDED_IN
    if entry.licence is not None:
        return RESULT
    if entry.source == "online_form":
        return FORM
    if entry.source == "department":
        return DEPARTMENT
    if entry.source == "shared" and applies is not None:
        return AWAITED if _origins(entry) & applies else NOT_NEEDED
    return MISSING if entry.required else OPTIONAL


def _origins(entry: AskedMaterial) -> set[str]:
    """The items any of whose results is this material."""
    codes: set[str] = set()
    for requirement in entry.requirements:
        if requirement.from_item:
            item = next(item for item in entry.items if item.id == requirement.item_id)
            codes |= sources_of_result(item, requirement)
    return codes


def _result_for(entry: AskedMaterial, licences: dict[str, Licence]) -> Licence | None:
    """The earlier result that is this material: of the item named first, else of one that stands for it."""
    if not licences or entry.source != "shared":
        return None
    named = [licences[code] for code in entry.from_items if code in licences]
    others = [licences[code] for code in sorted(_origins(entry)) if code in licences]
    return next(iter(named + others), None)


def _applying(project_id: int | None, asked: Iterable[AskedMaterial]) -> set[str] | None:
    """Which of the items whose results are asked for apply to the project. Index: uq_service_item_current."""
    if project_id is None:
        return None
    codes = {code for entry in asked for code in _origins(entry)}
    values = db.session.get(Project, project_id).attributes
    rows = db.session.execute(
        db.select(ServiceItem.code, ServiceItem.applicability).where(ServiceItem.code.in_(codes), ServiceItem.is_current)
    )
    return {code for code, applicability in rows if holds(applicability, values)}


# --- what is there already -----------------------------------------------------------------------------

@dataclass(frozen=True)
class OnFile:
    """What a project has already and need not hand in again."""

    licences: list[Licence]
    materials: list[Material]  # of earlier applications, newest under each key


def on_file(project: Project, applicant: str) -> OnFile:
    """Results, and materials of the applicant's earlier applications for the project that may be used again.

    Indexes: ix_licence_project_id_item_code, ix_application_project_id, ix_material_application_id_is_current.
    """
    licences = list(licences_of_project(project.id).values())
    rows = db.session.scalars(
        db.select(Material).join(Application, Application.id == Material.application_id)
        .where(Application.project_id == project.id, Application.applicant == applicant,
               Material.is_current, Material.file_id.is_not(None))
        .order_by(Material.id)
    )
    return OnFile(licences, list({row.key: row for row in rows}.values()))


def materials_of_case(case) -> list[MaterialUse]:
    """What was distributed to a case, with the requirement it serves (PARALLEL-INV-4). Index: ix_material_use_case_id."""
    rows = db.session.scalars(db.select(MaterialUse).where(MaterialUse.case_id == case.id))
    return sorted(rows, key=lambda use: use.requirement.seq)


def record_access(material: Material, action: str, by: str, at: datetime) -> None:
    """痕迹保留 (EDOC-4): who viewed, downloaded or uploaded which file, when."""
    db.session.add(FileAccess(material_id=material.id, action=action, by=by, at=at))

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.api import announce, db, record
from parallel.cases.models import Case
from parallel.items.queries import current_items
from parallel.projects.applicability import applicable_items
from parallel.projects.attributes import validate_attributes
from parallel.projects.errors import AttributesInUse
from parallel.projects.models import Project

_ENDED_WITHOUT_RESULT = ("refused", "not_accepted", "withdrawn", "terminated")


@dataclass(frozen=True)
class Revision:
    """What new facts change: items that apply now and did not before, and the other way round."""

    added: list[str]
    removed: list[str]


def revise_attributes(project: Project, changes: dict[str, Any], by: str, at: datetime) -> Revision:
    """修改项目属性: which items apply is decided anew. The stages' template stays as registered.

    Raises:
        ProjectInvalid: a value is wrong.
        AttributesInUse: an item with a case under way, or approved, would no longer apply.
    """
    values = validate_attributes({**project.attributes, **changes})
    items = current_items()
    before = [item.code for item in applicable_items(items, project.attributes)]
    after = [item.code for item in applicable_items(items, values)]
    revision = Revision([c for c in after if c not in before], [c for c in before if c not in after])
    _check_removed(project, revision.removed, {item.code: item.name for item in items})
    changed = {key: [project.attributes.get(key), value] for key, value in values.items()
               if project.attributes.get(key) != value}
    if not changed:
        return revision
    project.attributes = values
    db.session.flush()
    detail = {"changed": changed, "added": revision.added, "removed": revision.removed}
    record(f"project:{project.id}", "attributes_revised", by=by, at=at, detail=detail)
    announce("ProjectRevised", {"project": project.id}, topics=[f"project:{project.id}"], at=at)
    return revision


def _check_removed(project: Project, removed: list[str], names: dict[str, str]) -> None:
    if not removed:
        return
    used = set(db.session.scalars(
        db.select(Case.item_code).where(
            Case.project_id == project.id, Case.item_code.in_(removed), Case.state.not_in(_ENDED_WITHOUT_RESULT)
        )
    ))
    if used:
        listed = "、".join(names[code] for code in removed if code in used)
        raise AttributesInUse(f"修改后“{listed}”将不再适用，但已经申报，请先撤回。")

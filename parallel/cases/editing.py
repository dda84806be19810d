"""What the applicant may change now: everything of a draft, and of a correction only what was pointed out."""
from __future__ import annotations

from dataclasses import dataclass

from parallel.cases.models import Application


@dataclass(frozen=True)
class Editable:
    """`everything`, or only these materials and fields (PORTAL-APPLY-5)."""

    everything: bool
    material_keys: frozenset[str]
    fields: frozenset[str]


def editable(application: Application) -> Editable:
    if application.state == "draft":
        return Editable(True, frozenset(), frozenset())
    if application.state != "correcting":
        tolerated = frozenset(entry["material_key"] for entry in application.tolerated)
        return Editable(False, tolerated if application.state == "accepted" else frozenset(), frozenset())
    keys = frozenset(asked["material_key"] for asked in application.corrections if "material_key" in asked)
    fields = frozenset(asked["field"] for asked in application.corrections if "field" in asked)
    return Editable(False, keys, fields)


def may_edit_field(application: Application, key: str) -> bool:
    now = editable(application)
    return now.everything or key in now.fields


def may_hand_in(application: Application, key: str) -> bool:
    """Tolerated materials (容缺) may come after acceptance (PARALLEL-INV-10)."""
    now = editable(application)
    return now.everything or key in now.material_keys

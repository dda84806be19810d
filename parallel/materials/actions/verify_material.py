from __future__ import annotations

from datetime import datetime

from engine.api import announce, db, record
from parallel.materials.models import Material
from parallel.materials.trust import Trust, verified


def verify_material(material: Material, by: str, at: datetime) -> Material:
    """核验原件: the window has compared a material with its original; C and reports become B (TRUST-3, TRUST-7)."""
    before = material.trust_level
    trust = verified(Trust(material.trust_level, material.verify_required))
    material.trust_level, material.verify_required = trust.level, trust.verify_required
    material.verified_by, material.verified_at = by, at
    db.session.flush()
    detail = {"material": material.id, "name": material.name, "from": before, "to": trust.level}
    record(f"application:{material.application_id}", "material_verified", by=by, at=at, detail=detail)
    announce("MaterialVerified", detail, topics=[f"application:{material.application_id}"], at=at)
    return material

from __future__ import annotations

from engine.api import db
from parallel.cases.models import Application, Case
from parallel.items.models import MaterialRequirement
from parallel.materials.models import Material, MaterialUse
from parallel.materials.queries import current_materials


def distribute(application: Application) -> list[MaterialUse]:
    """分发: every material to each case that asks for it; what is stored once serves them all (PARALLEL-INV-4)."""
    present = current_materials(application)
    uses = [
        use_for(present[requirement.same_as], case, requirement)
        for case in application.cases for requirement in case.item.requirements if requirement.same_as in present
    ]
    db.session.flush()
    return uses


def use_for(material: Material, case: Case, requirement: MaterialRequirement) -> MaterialUse:
    """The row that says so, once."""
    key = (material.id, case.id, requirement.id)
    use = db.session.get(MaterialUse, key)
    if use is None:
        use = MaterialUse(material_id=material.id, case_id=case.id, requirement_id=requirement.id)
        db.session.add(use)
    return use

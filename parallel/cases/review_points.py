"""材料审查要点 (ACCEPT-7): what the window checks, point by point, before it accepts."""
from __future__ import annotations

from parallel.cases.models import Application
from parallel.materials.asked import FORM, HANDED_IN, AskedMaterial
from parallel.materials.queries import asked_materials


def materials_to_review(application: Application) -> list[AskedMaterial]:
    """What the applicant handed in or filled in. Results of earlier items are grade A: used as they are (TRUST-1)."""
    return [entry for entry in asked_materials(application) if entry.standing in (HANDED_IN, FORM)]


def open_points(application: Application) -> dict[str, list[str]]:
    """Name of a material → its points that nobody ticked yet; empty when all are."""
    found = {}
    for entry in materials_to_review(application):
        ticked = application.checks.get(entry.key, ())
        left = [point for point in entry.review_points if point not in ticked]
        if left:
            found[entry.name] = left
    return found

from __future__ import annotations

from datetime import datetime

from engine.api import db
from parallel.cases.errors import ReviewPointUnknown
from parallel.cases.events import tell_application
from parallel.cases.loading import hold
from parallel.cases.models import Application
from parallel.cases.review_points import materials_to_review
from parallel.cases.states import check


def tick_review_points(application: Application, ticks: dict[str, list[int]], by: str, at: datetime) -> Application:
    """逐项勾核 (ACCEPT-7): say which review points of which materials were checked.

    Args:
        ticks: material key → positions in its `review_points`; they replace what was ticked of that material.

    Raises:
        IllegalAct, ReviewPointUnknown.
    """
    hold(application)
    check(application, "tick")
    asked = {entry.key: entry.review_points for entry in materials_to_review(application)}
    ticked = {}
    for key, positions in ticks.items():
        if key not in asked or any(not 0 <= position < len(asked[key]) for position in positions):
            raise ReviewPointUnknown
        ticked[key] = [asked[key][position] for position in sorted(set(positions))]
    application.checks = {**application.checks, **ticked}
    db.session.flush()
    tell_application("ReviewPointsTicked", application, by=by, at=at, ticked=ticked)
    return application

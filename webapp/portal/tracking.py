"""进度查询 by number, without signing in (TRACK-2): state and times, nothing personal; the same answer to every wrong number."""
from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request, url_for
from flask_babel import gettext

from parallel.cases.errors import TrackingNotFound
from parallel.cases.queries import PublicTracking, public_tracking
from webapp.policy import permit
from webapp.portal.blueprint import blueprint
from webapp.portal.words import APPLICATION_LOOKS, CASE_LOOKS, pick
from webapp.security import limiter

TRACKING_RATE = "20 per minute; 200 per hour"
NUMBER_LENGTH = 60


@blueprint.get("/track")
@permit("public")
def track() -> Any:
    number = request.args.get("number", "").strip()
    if number:
        return redirect(url_for("portal.tracked", number=number[:NUMBER_LENGTH]))
    return render_template("portal/track.html", number="", error=None)


@blueprint.get("/track/<number>")
@permit("public")
@limiter.limit(TRACKING_RATE)
def tracked(number: str) -> Any:
    try:
        found = public_tracking(number)
    except TrackingNotFound as refusal:
        return render_template("portal/track.html", number=number, error=gettext(str(refusal))), 404
    return render_template("portal/tracked.html", **tracked_page(found))


def tracked_page(found: PublicTracking) -> dict[str, Any]:
    parts = found.parts or [found]
    return {
        "found": found, "look": look_of(found), "word": pick(found.state_zh, found.state_en),
        "parts": [{"number": part.number, "part": part, "look": look_of(part), "word": pick(part.state_zh, part.state_en)} for part in parts],
        "steps": [step for part in (found, *found.parts) for step in part.steps],
    }


def look_of(found: PublicTracking) -> str:
    return APPLICATION_LOOKS.get(found.state) or CASE_LOOKS[found.state]

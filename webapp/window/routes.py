"""窗口: the clerk's queue, one application with its materials and review points, the four decisions."""
from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from engine.api import EngineError, unit_of_work
from engine.db import db
from parallel.cases.actions import tick_review_points
from parallel.cases.models import Application
from parallel.cases.states import allows as state_allows
from parallel.documents.actions import documents_of
from parallel.documents.models import Document
from parallel.errors import ParallelError
from parallel.materials.actions import verify_material
from parallel.materials.models import Material
from parallel.projects.models import Project
from webapp import clock
from webapp.errors import NotFound
from webapp.navigation import Entry
from webapp.policy import permit, require
from webapp.portal.words import shown_application
from webapp.principal import current_principal
from webapp.window import queue
from webapp.window.decisions import DECISIONS, FormRefused, Decision, lines_of, read_form, says, values_so_far
from webapp.window.notices import preview
from webapp.window.review import Review, item_names, review_of, ticks_sent

blueprint = Blueprint("window", __name__)

navigation = [
    Entry(lazy_gettext("窗口"), "window.index", "role:window_clerk", order=10, count=queue.waiting_count),
]

TEXT_LENGTH = 100
QUEUE_ARGUMENTS = ("tab", "q", "page")


# --- the queue --------------------------------------------------------------------------------------

@blueprint.get("/window")
@permit("role:window_clerk")
def index() -> Any:
    """The queue. A full number or an ID number opens its application at once (ACCEPT-9)."""
    if request.headers.get("X-Fragment"):
        return render_template("window/_queue.html", **_queue_context(None))
    text = _search_text()
    if text and (found := queue.exactly(current_principal(), text)) is not None:
        return redirect(url_for("window.application", application_id=found.id, tab=queue.tab_for(found)))
    return render_template("window/index.html", review=None, **_queue_context(None))


@blueprint.get("/window/<int:application_id>")
@permit("application.handle")
def application(application_id: int) -> str:
    """One application beside the queue."""
    found = _application(application_id)
    return _application_page(found)


def _application_page(found: Application, errors: dict[str, Any] | None = None) -> str:
    return render_template(
        "window/index.html", review=review_of(found), errors=errors or {}, shown=shown_application(found),
        decisions=[each for each in DECISIONS.values() if state_allows(found, each.act)], papers=documents_of(found),
        project=db.session.get(Project, found.project_id) if found.project_id else None,
        last_correction=_last_correction(found), window_due=_window_due(found), **_queue_context(found),
    )


def _application(application_id: int) -> Application:
    """Raises Forbidden for an item the clerk is not authorised for (ACCEPT-1), NotFound for what it may not see."""
    return require("application.handle", db.session.get(Application, application_id))


def _queue_context(found: Application | None) -> dict[str, Any]:
    tab = queue.tab_of(request.args.get("tab") or (queue.tab_for(found) if found else None))
    text, principal = _search_text(), current_principal()
    counts = queue.counts(principal)
    return {
        "queue": queue.queue_page(principal, tab, text, request.args.get("page", 1, type=int), clock.today()),
        "tabs": [
            {"label": each.label, "url": url_for("window.index", tab=each.key), "count": counts.get(each.key) or None,
             "active": each is tab and not text} for each in queue.TABS
        ],
        "tab": tab, "text": text, "arguments": _arguments(), "now": clock.now(), "item_names": item_names,
        "application": found, "open_id": found.id if found else request.args.get("open", type=int),
    }


def _search_text() -> str:
    return " ".join(request.args.get("q", "").split())[:TEXT_LENGTH]


def _arguments() -> dict[str, str]:
    """What leads back to the same place in the queue."""
    return {name: request.args[name] for name in QUEUE_ARGUMENTS if request.args.get(name)}


def _last_correction(found: Application) -> Document | None:
    asked = [paper for paper in documents_of(found) if paper.kind == "correction"]
    return asked[-1] if asked else None


def _window_due(found: Application) -> dict[str, Any] | None:
    row = queue.row_of(found, clock.today())
    return {"on": row.due_on, "left": row.days_left, "state": row.due_state} if row.due_on else None


# --- review points and originals --------------------------------------------------------------------

@blueprint.post("/window/<int:application_id>/ticks")
@permit("application.handle")
def ticks(application_id: int) -> Any:
    """逐项勾核 (ACCEPT-7), saved with every tick. A decision's button saves them once more and goes on to its page."""
    by, at = current_principal().account, clock.now()

    def act() -> None:
        found = _application(application_id)
        tick_review_points(found, ticks_sent(review_of(found), request.form.getlist("point")), by, at)

    unit_of_work(act)
    if request.headers.get("X-Fragment"):
        return "", 204
    then = request.form.get("then")
    if then in DECISIONS:
        return redirect(url_for("window.decide", application_id=application_id, name=then, **_arguments()))
    return redirect(url_for("window.application", application_id=application_id, **_arguments()))


@blueprint.post("/window/<int:application_id>/verify/<int:material_id>")
@permit("application.handle")
def verify(application_id: int, material_id: int) -> Response:
    """核验原件: the paper in hand equals what was uploaded."""
    by, at = current_principal().account, clock.now()

    def act() -> None:
        found = _application(application_id)
        material = require("material.read", db.session.get(Material, material_id))
        if material.application_id != found.id or not material.is_current:
            raise NotFound
        verify_material(material, by, at)

    unit_of_work(act)
    place = request.form.get("place", type=int)
    anchor = f"material-{place}" if place is not None else None
    return redirect(url_for("window.application", application_id=application_id, _anchor=anchor, **_arguments()))


# --- decisions --------------------------------------------------------------------------------------

@blueprint.get("/window/<int:application_id>/<name>")
@permit("application.handle")
def decide(application_id: int, name: str) -> Any:
    """What the applicant will receive, before it is sent."""
    decision, found = _decision(name), _application(application_id)
    if not state_allows(found, decision.act):
        return redirect(url_for("window.application", application_id=application_id, **_arguments()))
    return _decision_page(decision, found, MultiDict(), {})


@blueprint.post("/window/<int:application_id>/<name>/preview")
@permit("application.handle")
def decision_preview(application_id: int, name: str) -> str:
    """The notice with what has been typed so far."""
    decision, found = _decision(name), _application(application_id)
    return render_template("window/_preview.html", preview=_preview(decision, review_of(found), request.form))


@blueprint.post("/window/<int:application_id>/<name>")
@permit("application.handle")
def perform(application_id: int, name: str) -> Any:
    """Send it, and open the application that comes next."""
    decision, found = _decision(name), _application(application_id)
    tab = queue.tab_of(request.args.get("tab") or queue.tab_for(found))
    principal, at = current_principal(), clock.now()

    def act() -> None:
        mine = _application(application_id)
        values = read_form(name, request.form, review_of(mine))
        decision.perform(mine, values, principal.name, principal.account, at)

    try:
        unit_of_work(act)
    except FormRefused as refusal:
        return _decision_page(decision, _application(application_id), request.form, _sentences(refusal.errors)), 422
    except (ParallelError, EngineError) as refusal:
        return _refused(decision, application_id, refusal)
    found = _application(application_id)
    flash(_done(decision, found), "success")
    following = queue.next_in_tab(principal, tab, found)
    if following is None:
        return redirect(url_for("window.index", tab=tab.key))
    return redirect(url_for("window.application", application_id=following.id, tab=queue.tab_for(following)))


def _refused(decision: Decision, application_id: int, refusal: ParallelError | EngineError) -> Any:
    """Nothing typed is lost; what another has decided meanwhile is shown as it stands now."""
    if refusal.status >= 500:
        raise refusal
    db.session.rollback()
    found = _application(application_id)
    sentence = gettext(str(refusal))
    if not state_allows(found, decision.act):
        flash(sentence, "warning")
        return redirect(url_for("window.application", application_id=application_id, **_arguments()))
    errors = {getattr(refusal, "field", None) or "": [sentence]}
    for material, points in getattr(refusal, "open_points", {}).items():
        errors.setdefault("", []).append(f"{material}：{'；'.join(points)}")
    return _decision_page(decision, found, request.form, errors), refusal.status


def _decision(name: str) -> Decision:
    if name not in DECISIONS:
        raise NotFound
    return DECISIONS[name]


def _decision_page(decision: Decision, found: Application, sent: MultiDict, errors: dict[str, list[str]]) -> str:
    review = review_of(found)
    return render_template(
        "window/decide.html", decision=decision, says=says(decision), application=found, review=review, sent=sent,
        errors=errors, lines=lines_of(review, sent if sent else None), preview=_preview(decision, review, sent),
        arguments=_arguments(), shown=shown_application(found), item_names=item_names,
    )


def _preview(decision: Decision, review: Review, sent: MultiDict) -> Any:
    values = values_so_far(decision.name, sent, review)
    return preview(decision.name, review.application, values, clerk=current_principal().name, at=clock.now())


def _done(decision: Decision, found: Application) -> Markup:
    told = Markup("{}：{}").format(decision.done, found.number)
    made = [paper for paper in documents_of(found) if paper.kind == decision.paper]
    if made and (address := paper_url(made[-1])):
        told += Markup(' <a href="{}">{}</a>').format(address, gettext("打开通知书（PDF）"))
    return told


def paper_url(paper: Document) -> str | None:
    """Where the PDF of a notice is, in an installation that sets them."""
    if "documents.pdf" not in current_app.view_functions:
        return None
    return url_for("documents.pdf", document_id=paper.id)


@blueprint.app_context_processor
def _for_templates() -> dict[str, Any]:
    return {"paper_url": paper_url, "endpoints": current_app.view_functions}


def _sentences(errors: dict[str, list]) -> dict[str, list[str]]:
    return {name: [str(sentence) for sentence in found] for name, found in errors.items()}

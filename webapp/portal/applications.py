"""我的申请: the list, the page of one with its branches, correcting, withdrawing, why a deadline is what it is."""
from __future__ import annotations

from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext

from engine.db import db, unit_of_work
from parallel.cases.actions import save_draft, submit_correction, withdraw_application
from parallel.cases.actions.save_draft import fields_of
from parallel.cases.editing import may_edit_field
from parallel.cases.errors import CorrectionNotDone, FormIncomplete
from parallel.cases.models import Application, Case
from parallel.cases.queries import application_view, my_applications
from parallel.documents.actions import documents_of
from parallel.errors import ParallelError
from parallel.materials.queries import versions_of
from parallel.projects.models import Project
from parallel.time_limits.queries import explain, time_limits_of
from webapp import clock
from webapp.errors import NotFound
from webapp.policy import permit, require
from webapp.portal.applying import _filled_groups, materials_context
from webapp.portal.blueprint import blueprint
from webapp.portal.cards import case_card, cards, title_of
from webapp.portal.facts import facts_of_application, paper
from webapp.portal.schemas import load_group
from webapp.portal.words import name_of, shown_application
from webapp.principal import current_principal

GROUPS_OF_STATES = {
    "mine": ("draft", "correcting"),
    "running": ("submitted", "pre_accepted", "accepted"),
    "over": ("closed", "not_accepted", "withdrawn"),
}
TABS = {
    "": lazy_gettext("全部"), "mine": lazy_gettext("待我办理"), "running": lazy_gettext("办理中"), "over": lazy_gettext("已办结"),
}
REASON_LENGTH = 500


@blueprint.get("/applications")
@permit("role:applicant")
def applications() -> str:
    account, tab = current_principal().account, request.args.get("tab", "")
    words = request.args.get("q", "").strip()[:100]
    page = request.args.get("page", 1, type=int)
    if words:
        rows = my_applications(account, states=GROUPS_OF_STATES.get(tab, ()), per_page=500).rows
        found = [card for card in cards(rows) if _matches(card, words)]
        shown: Any = {"page": 1, "pages": 1, "total": len(found)}
    else:
        shown = my_applications(account, states=GROUPS_OF_STATES.get(tab, ()), page=page)
        found = cards(shown.rows)
    return render_template("portal/applications.html", cards=found, page=shown, tab=tab, tab_names=TABS, q=words)


def _matches(card: Any, words: str) -> bool:
    text = " ".join([
        card.application.number or "", card.project.name if card.project else "",
        *(f"{case.item.search_text}" for case in card.application.cases),
    ]).lower()
    return all(word in text for word in words.lower().split())


@blueprint.get("/applications/<int:application_id>")
@permit("application.read")
def application(application_id: int) -> Any:
    found = require("application.read", db.session.get(Application, application_id))
    if found.state == "draft":
        return redirect(url_for("portal.form", application_id=found.id))
    view = application_view(found)
    return render_template(
        "portal/application.html", application=found, view=view, shown=shown_application(found), title=title_of(found),
        cases=[case_card(case, clock.today()) for case in found.cases], facts=facts_of_application(found),
        groups=_filled_groups(view), papers=[paper(each) for each in documents_of(found)],
        mine=found.applicant == current_principal().account,
        **{**materials_context(found), "editing": False},
    )


# --- correcting -------------------------------------------------------------------------------------------------

@blueprint.route("/applications/<int:application_id>/correct", methods=["GET", "POST"])
@permit("application.correct")
def correct(application_id: int) -> Any:
    """网上补正 (PORTAL-APPLY-5): only what the window pointed out is open."""
    found = require("application.correct", db.session.get(Application, application_id))
    if found.state != "correcting":
        return redirect(url_for("portal.application", application_id=found.id))
    asked = [each for each in fields_of(found) if may_edit_field(found, each.key)]
    values, errors = dict(found.form), {}
    if request.method == "POST":
        values, errors = load_group(asked, request.form)
        errors = errors or _submit_correction(application_id, values)
        if not errors:
            flash(gettext("补正已提交，编号不变，请等待窗口复核。"), "success")
            return redirect(url_for("portal.application", application_id=application_id))
        unit_of_work(lambda: save_draft(
            db.session.get_one(Application, application_id), values, current_principal().account, clock.now()
        ))
        found = db.session.get_one(Application, application_id)
    context = materials_context(found)
    page = render_template(
        "portal/correct.html", application=found, title=title_of(found), fields={each.key: each for each in asked},
        values=values, errors=errors, entries={each.key: each for each in context["asked"]},
        versions={entry["material_key"]: versions_of(found, entry["material_key"])
                  for entry in found.corrections if "material_key" in entry},
        papers=[paper(each) for each in documents_of(found) if each.kind == "correction"], **context,
    )
    return (page, 422) if errors else page


def _submit_correction(application_id: int, values: dict[str, Any]) -> dict[str, list[str]]:
    by, at = current_principal().account, clock.now()

    def act() -> None:
        found = db.session.get_one(Application, application_id)
        if values:
            save_draft(found, values, by, at)
        submit_correction(found, by, at)

    try:
        unit_of_work(act)
    except CorrectionNotDone as refusal:
        return {"": [gettext("还没有补正：%(name)s", name=name) for name in refusal.missing]}
    except FormIncomplete as refusal:
        return {name: [gettext(sentence)] for name, sentence in refusal.fields.items()}
    except ParallelError as refusal:
        return {"": [gettext(str(refusal))]}
    return {}


# --- withdrawing --------------------------------------------------------------------------------------------------

@blueprint.post("/applications/<int:application_id>/withdraw")
@permit("application.withdraw")
def withdraw(application_id: int) -> Response:
    found = require("application.withdraw", db.session.get(Application, application_id))
    was_draft, project_id = found.state == "draft", found.project_id
    reason = request.form.get("reason", "").strip()[:REASON_LENGTH]
    try:
        unit_of_work(lambda: withdraw_application(
            db.session.get_one(Application, application_id), reason, current_principal().account, clock.now()
        ))
    except ParallelError as refusal:
        flash(gettext(str(refusal)), "danger")
        return redirect(url_for("portal.application", application_id=application_id))
    flash(gettext("草稿已删除。") if was_draft else gettext("申请已撤回。"), "success")
    if not was_draft:
        return redirect(url_for("portal.application", application_id=application_id))
    if project_id is not None:
        return redirect(url_for("projects.project", project_id=project_id))
    return redirect(url_for("portal.applications"))


# --- why this day ---------------------------------------------------------------------------------------------------

KINDS = {"promised": lazy_gettext("承诺时限"), "statutory": lazy_gettext("法定时限")}


@blueprint.get("/cases/<int:case_id>/deadline")
@permit("case.read")
def deadline(case_id: int) -> str:
    """A deadline day by day: which days count, which do not, and by which article."""
    case = require("case.read", db.session.get(Case, case_id))
    limits = {limit.kind: limit for limit in time_limits_of(case)}
    if not limits:
        raise NotFound
    kind = request.args.get("kind") if request.args.get("kind") in limits else next(iter(limits))
    return render_template(
        "portal/deadline.html", case=case, limit=limits[kind], explanation=explain(limits[kind], clock.today()),
        kinds={name: KINDS[name] for name in limits}, kind=kind, name=name_of(case.item),
        project=db.session.get(Project, case.project_id) if case.project_id else None, today=clock.today(),
    )

"""Applying: the one form, group by group, saved as one types; the materials; the review; the receipt."""
from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext

from engine.db import db, unit_of_work
from parallel.cases.actions import draft_application, hand_in_material, remove_material, save_draft, submit_application
from parallel.cases.actions.save_draft import fields_of
from parallel.cases.errors import FormIncomplete, MaterialsMissing
from parallel.cases.forms import GROUPS, PROMISE, Field
from parallel.cases.models import Application
from parallel.cases.queries import ApplicationView, application_view
from parallel.errors import ParallelError
from parallel.items.models import ServiceItem
from parallel.items.queries import current_items, open_item
from parallel.materials.actions import UploadedFile
from parallel.materials.asked import STANDINGS, AskedMaterial
from parallel.materials.checks import ALLOWED, UploadLimits, check_upload
from parallel.materials.errors import MaterialUnknown, UploadRefused
from parallel.materials.queries import asked_materials
from parallel.projects.models import Project
from webapp import clock
from webapp.config import config
from webapp.errors import NotFound
from webapp.identity.models import Account
from webapp.policy import permit, require
from webapp.portal.blueprint import blueprint
from webapp.portal.cards import title_of
from webapp.portal.schemas import load_group, shown_value
from webapp.portal.words import name_of, pick
from webapp.principal import current_principal
from webapp.storage import storage

ASKED_GROUPS = ("contact", "item", "delivery")
MATERIALS, REVIEW = "materials", "review"
ACCEPTED_FILES = ".pdf,.ofd,.jpg,.jpeg,.png,.tif,.tiff,.doc,.docx,.xls,.xlsx,.dwg,.dxf,.zip"
MEGABYTE = 2**20
NAMED = 3  # items named beside a field; of more only how many
SOURCES = {
    "applicant": lazy_gettext("申请人自备"), "online_form": lazy_gettext("在线填写，不用上传"),
    "shared": lazy_gettext("前序事项的结果，平台共享"), "e_licence": lazy_gettext("电子证照"),
    "intermediary": lazy_gettext("中介机构编制"), "department": lazy_gettext("部门提供"),
    "commitment": lazy_gettext("承诺书，签字后上传"),
}
STANDING_LOOKS = {
    "handed_in": "done", "result": "done", "awaited": "not_started", "form": "done", "department": "done",
    "not_needed": "skipped", "optional": "not_started", "missing": "waiting",
}


# --- beginning ----------------------------------------------------------------------------------------------

@blueprint.post("/items/<code>/apply")
@permit("role:applicant")
def begin(code: str) -> Response:
    """A single item that needs no project. Whoever has a draft of it goes on with that."""
    item = open_item(code)
    earlier = _draft_of(item)
    if earlier is None:
        earlier = unit_of_work(lambda: _draft(code))
    return redirect(url_for("portal.form", application_id=earlier.id))


def _draft_of(item: ServiceItem) -> Application | None:
    rows = db.session.scalars(
        db.select(Application).where(
            Application.applicant == current_principal().account, Application.state == "draft",
            Application.project_id.is_(None),
        ).order_by(Application.id.desc())
    )
    return next((each for each in rows if [case.item_code for case in each.cases] == [item.code]), None)


def _draft(code: str) -> Application:
    account = db.session.get_one(Account, current_principal().account)
    return draft_application(
        applicant=account.id, applicant_name=account.name,
        applicant_id_number=account.organisation_code or account.id_number or "", contact_phone=account.phone or "",
        item_codes=[code], by=account.id, at=clock.now(),
    )


# --- the steps ------------------------------------------------------------------------------------------------

@dataclass(frozen=True)
class Step:
    name: str
    label: str
    url: str


def steps_of(application: Application) -> list[Step]:
    """Choosing items (of a project), the groups of the form that have fields, materials, review."""
    present = {each.group for each in fields_of(application)}
    steps = []
    if application.project_id is not None:
        url = url_for("projects.apply", project_id=application.project_id, number=application.stage_number)
        steps.append(Step("items", gettext("选择要办的事项"), url))
    steps += [
        Step(group, pick(*GROUPS[group]), url_for("portal.form", application_id=application.id, group=group))
        for group in ("contact", "item") if group in present
    ]
    steps.append(Step(MATERIALS, gettext("上传材料"), url_for("portal.materials", application_id=application.id)))
    steps.append(Step("delivery", pick(*GROUPS["delivery"]), url_for("portal.form", application_id=application.id, group="delivery")))
    steps.append(Step(REVIEW, gettext("核对并提交"), url_for("portal.review", application_id=application.id)))
    return steps


def _step(application: Application, name: str) -> dict[str, Any]:
    steps = steps_of(application)
    place = next(index for index, step in enumerate(steps) if step.name == name)
    return {
        "application": application, "title": title_of(application), "count": len(application.cases),
        "project": db.session.get(Project, application.project_id) if application.project_id else None,
        "steps": steps, "place": place + 1, "step": steps[place],
        "back": steps[place - 1].url if place else None,
        "forward": steps[place + 1].url if place + 1 < len(steps) else None,
    }


def _drafted(application_id: int) -> Application:
    """An application of mine that may still be filled in; one that was filed is shown instead."""
    return require("application.edit", db.session.get(Application, application_id))


@blueprint.route("/applications/<int:application_id>/form", methods=["GET", "POST"])
@permit("application.edit")
def form(application_id: int) -> Any:
    application = _drafted(application_id)
    if application.state != "draft":
        return _elsewhere(application)
    group = request.args.get("group", ASKED_GROUPS[0])
    fields = _fields(application, group)
    values, errors = dict(application.form), {}
    if request.method == "POST":
        values, errors = load_group(fields, request.form)
        unit_of_work(lambda: _save(application_id, values))
        if not errors:
            return redirect(_step(application, group)["forward"])
    page = render_template(
        "portal/form.html", **_step(application, group), fields=fields, values=values, errors=errors, group=group,
        used_by=partial(_used_by, _item_names(application)),
    )
    return (page, 422) if errors else page


@blueprint.post("/applications/<int:application_id>/form/save")
@permit("application.edit")
def save_form(application_id: int) -> Response:
    """As one types. Half-filled is fine; of a correction only what it asks for is kept."""
    application = _drafted(application_id)
    asked = [each for each in fields_of(application) if each.key in request.form or each.type == "checkbox"]
    group = request.args.get("group")
    fields = [each for each in asked if group is None or each.group == group]
    values, _ = load_group(fields, request.form)
    unit_of_work(lambda: _save(application_id, values))
    return Response(status=204)


def _save(application_id: int, values: dict[str, Any]) -> Application:
    by = current_principal().account
    return save_draft(db.session.get_one(Application, application_id), values, by, clock.now())


def _fields(application: Application, group: str) -> list[Field]:
    fields = [each for each in fields_of(application) if each.group == group]
    if group not in ASKED_GROUPS or not fields:
        raise NotFound
    return fields


def _item_names(application: Application) -> dict[str, str]:
    return {case.item_code: name_of(case.item) for case in application.cases}


def _used_by(names: dict[str, str], asked: Field) -> str | None:
    """Which of the items ask for a field, when not all of them do."""
    asking = [names[code] for code in asked.items if code in names]
    if not asking:
        return None
    shown = pick("、", ", ").join(asking[:NAMED]) + (gettext("等 %(num)s 个事项", num=len(asking)) if len(asking) > NAMED else "")
    return gettext("用于：%(names)s", names=shown)


def _elsewhere(application: Application) -> Response:
    where = "portal.correct" if application.state == "correcting" else "portal.application"
    return redirect(url_for(where, application_id=application.id))


# --- materials ------------------------------------------------------------------------------------------------

@blueprint.get("/applications/<int:application_id>/materials")
@permit("application.edit")
def materials(application_id: int) -> Any:
    application = _drafted(application_id)
    if application.state != "draft":
        return _elsewhere(application)
    return render_template(
        "portal/materials.html", **_step(application, MATERIALS), **materials_context(application)
    )


def materials_context(application: Application) -> dict[str, Any]:
    asked = asked_materials(application)
    names = {item.code: name_of(item) for item in current_items()}
    return {
        "asked": asked, "names": names, "sources": SOURCES, "standings": STANDINGS, "looks": STANDING_LOOKS,
        "accepted": ACCEPTED_FILES, "allowed": ALLOWED, "max_mb": config().upload_max_bytes // MEGABYTE,
        "min_dpi": config().min_scan_dpi, "item_names": _item_names(application),
        "upload": [each for each in asked if each.is_uploaded],
        "others": [each for each in asked if not each.is_uploaded],
        "settled": sum(not each.is_missing for each in asked), "editing": True,
    }


@blueprint.post("/applications/<int:application_id>/materials")
@permit("application.edit")
def upload(application_id: int) -> Any:
    """One file for the material `?key=`. Answers a script with the row as it stands now, a form with the page."""
    application = _drafted(application_id)
    key = request.args.get("key", "")
    try:
        file = _checked_file()
        unit_of_work(lambda: hand_in_material(
            db.session.get_one(Application, application_id), key, file, current_principal().account, clock.now()
        ))
    except ParallelError as refusal:
        if "X-Fragment" in request.headers:
            raise
        flash(" ".join(getattr(refusal, "reasons", [str(refusal)])), "danger")
        return redirect(request.referrer or url_for("portal.materials", application_id=application_id))
    if "X-Fragment" in request.headers:
        return _row(db.session.get_one(Application, application_id), key)
    flash(gettext("已上传“%(name)s”。", name=file.name), "success")
    where = "portal.correct" if application.state == "correcting" else "portal.materials"
    return redirect(url_for(where, application_id=application_id))


def _checked_file() -> UploadedFile:
    """EDOC-2: the file is looked at before it is kept; every fault is a sentence."""
    sent = next(iter(request.files.values()), None)
    if sent is None or not sent.filename:
        raise UploadRefused([gettext("请先选择文件。")])
    content = sent.read()
    limits = UploadLimits(max_bytes=config().upload_max_bytes, min_dpi=config().min_scan_dpi)
    media_type = check_upload(sent.filename, content, limits)
    stored = storage().put(content)
    return UploadedFile(stored.sha256, stored.size, media_type, sent.filename[-200:])


def _row(application: Application, key: str) -> str:
    entry = _asked(application, key)
    return render_template("portal/_material_head.html", entry=entry, application=application, **materials_context(application))


def _asked(application: Application, key: str) -> AskedMaterial:
    found = next((entry for entry in asked_materials(application) if entry.key == key), None)
    if found is None:
        raise MaterialUnknown
    return found


@blueprint.post("/applications/<int:application_id>/materials/remove")
@permit("application.edit")
def remove(application_id: int) -> Response:
    _drafted(application_id)
    key = request.form.get("key", "")
    unit_of_work(lambda: remove_material(
        db.session.get_one(Application, application_id), key, current_principal().account, clock.now()
    ))
    flash(gettext("已撤下这份材料。"), "success")
    return redirect(url_for("portal.materials", application_id=application_id))


# --- review, submission, receipt ---------------------------------------------------------------------------------

@blueprint.route("/applications/<int:application_id>/review", methods=["GET", "POST"])
@permit("application.edit")
def review(application_id: int) -> Any:
    application = _drafted(application_id)
    if application.state != "draft":
        return _elsewhere(application)
    errors: dict[str, list[str]] = {}
    if request.method == "POST":
        errors = _submit(application_id)
        if not errors:
            return redirect(url_for("portal.receipt", application_id=application_id))
        application = _drafted(application_id)
    view = application_view(application)
    page = render_template(
        "portal/review.html", **_step(application, REVIEW), view=view, groups=_filled_groups(view), errors=errors,
        promise=next(each for each in view.fields if each.key == PROMISE),
        **{name: value for name, value in materials_context(application).items() if name != "editing"}, editing=False,
    )
    return (page, 422) if errors else page


def _submit(application_id: int) -> dict[str, list[str]]:
    """Submit, or say field by field what is still missing."""
    by, at, promised = current_principal().account, clock.now(), PROMISE in request.form

    def act() -> Application:
        application = db.session.get_one(Application, application_id)
        save_draft(application, {PROMISE: promised}, by, at)
        return submit_application(application, by, at)

    try:
        unit_of_work(act)
    except FormIncomplete as refusal:
        return {name: [gettext(sentence)] for name, sentence in refusal.fields.items()}
    except MaterialsMissing as refusal:
        return {"materials": [gettext("还缺材料：%(name)s", name=name) for name in refusal.missing]}
    except ParallelError as refusal:
        return {"": [gettext(str(refusal))]}
    return {}


def _filled_groups(view: ApplicationView) -> list[dict[str, Any]]:
    """The form as the paper form reads: groups with labels and what was filled in."""
    groups = []
    for name in ("project", *ASKED_GROUPS):
        fields = [each for each in view.fields if each.group == name]
        if fields:
            groups.append({
                "name": name, "label": pick(*GROUPS[name]),
                "rows": [(pick(each.label_zh, each.label_en), shown_value(each, view.application.form)) for each in fields],
                "url": None if name == "project" else url_for("portal.form", application_id=view.application.id, group=name),
            })
    return groups


@blueprint.get("/applications/<int:application_id>/receipt")
@permit("application.read")
def receipt(application_id: int) -> Any:
    application = require("application.read", db.session.get(Application, application_id))
    if application.number is None:
        return redirect(url_for("portal.form", application_id=application.id))
    return render_template(
        "portal/receipt.html", application=application, view=application_view(application), title=title_of(application),
        project=db.session.get(Project, application.project_id) if application.project_id else None,
    )


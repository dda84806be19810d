from __future__ import annotations

from pathlib import PurePath
from typing import Any

from flask_babel import lazy_gettext
from marshmallow import fields, validates_schema
from sqlalchemy import or_, select

from engine.db import db, unit_of_work
from parallel.cases import actions
from parallel.cases.models import Application
from parallel.cases.queries import application_view
from parallel.cases.states import APPLICATION, APPLICATION_ENDED, text_of
from parallel.documents.actions import documents_of
from parallel.materials.actions import UploadedFile, verify_material
from parallel.materials.checks import UploadLimits, check_upload
from parallel.materials.models import Material
from parallel.projects.models import Project
from webapp import clock
from webapp.api.resource import ID, Resource, paginated
from webapp.api.values import (
    LINE, Answer, Body, Day, Flag, Mapping, Moment, PageQuery, Part, Scalar, Several, Text, Upload, Whole, choice,
    list_of, page_of, part, refuse, several, text, whole,
)
from webapp.config import config
from webapp.errors import NotFound
from webapp.identity.models import Account
from webapp.policy import handleable_applications, require, visible_applications
from webapp.principal import current_principal
from webapp.storage import storage

resource = Resource("applications", "申请 Applications", "一表申请、材料、提交、补正；窗口预审和受理。Apply; accept at the window.")

STATES = (*APPLICATION, *sorted(APPLICATION_ENDED))
DELIVERIES = ("hall", "courier", "online")
DAYS_AT_MOST = 60


class ApplicationSchema(Answer):
    id, number, state = Whole(), Text(allow_none=True), choice(STATES)
    state_zh, state_en = fields.Function(lambda each: text_of(each).zh), fields.Function(lambda each: text_of(each).en)
    next_zh, next_en = (
        fields.Function(lambda each: text_of(each).next_zh), fields.Function(lambda each: text_of(each).next_en))
    applicant_name, project_id, stage_number = Text(), Whole(allow_none=True), Whole(allow_none=True)
    division_code, delivery = Text(), Text()
    items = fields.Function(
        lambda each: [case.item_code for case in each.cases],
        metadata={"type": "array", "items": {"type": "string"}})
    created_at, submitted_at, pre_accepted_at = Moment(), Moment(allow_none=True), Moment(allow_none=True)
    accepted_at, closed_at = Moment(allow_none=True), Moment(allow_none=True)
    correction_due_on, decision_reason = Day(allow_none=True), Text(allow_none=True)


class CaseLineSchema(Answer):
    id, number, item_code, item_name = Whole(), Text(allow_none=True), Text(), Text(attribute="item.name")
    department_code, state, promised_on = Text(), Text(), Day(allow_none=True)


class OptionSchema(Answer):
    value, label_zh, label_en = Text(), Text(), Text()


class FieldSchema(Answer):
    key, label_zh, label_en, type, group = Text(), Text(), Text(), Text(), Text()
    required, read_only = Flag(), Flag()
    value = fields.Raw(allow_none=True, metadata={"type": ["string", "number", "boolean"]})
    options, items = Several(part(OptionSchema)), Several(Text())


class MaterialSchema(Answer):
    id, application_id, key, name, version, is_current = Whole(), Whole(), Text(), Text(), Whole(), Flag()
    source, trust_level, verify_required = Text(), Text(), Flag()
    verified_at, handed_in_at = Moment(allow_none=True), Moment()
    file_name, licence_id = Text(allow_none=True), Whole(allow_none=True)
    sha256 = Text(attribute="file.sha256", allow_none=True, dump_default=None)
    size = Whole(attribute="file.size", allow_none=True, dump_default=None)
    media_type = Text(attribute="file.media_type", allow_none=True, dump_default=None)


class AskedMaterialSchema(Answer):
    key, name, source, standing = Text(), Text(), Text(), Text()
    required, tolerable, is_uploaded = Flag(), Flag(), Flag()
    items, review_points = Several(Text(), attribute="item_codes"), Several(Text())
    ticked = Several(Text())
    material = Part(MaterialSchema, allow_none=True)


class DocumentSchema(Answer):
    id, application_id, case_id = Whole(), Whole(), Whole(allow_none=True)
    kind, number, fields_ = Text(), Text(), Mapping(attribute="fields", data_key="fields")
    created_at = Moment()


class EditableSchema(Answer):
    everything = Flag()
    material_keys, fields_ = Several(Text()), Several(Text(), attribute="fields", data_key="fields")


class CorrectionSchema(Answer):
    material_key, field = Text(allow_none=True, dump_default=None), Text(allow_none=True, dump_default=None)
    name, reason = Text(), Text()


class ToleratedSchema(Answer):
    material_key, name, due_on = Text(), Text(), Text()


class ApplicationViewSchema(Answer):
    """申请 with its form, materials, cases and documents."""

    application = part(ApplicationSchema)
    cases, fields_ = Several(part(CaseLineSchema)), Several(part(FieldSchema), data_key="fields")
    form = Mapping()
    materials, documents = Several(part(AskedMaterialSchema)), Several(part(DocumentSchema))
    missing = Several(Text(), metadata={"description": "缺少的材料。Keys of required materials that are not there."})
    editable = part(EditableSchema)
    corrections, tolerated = Several(part(CorrectionSchema)), Several(part(ToleratedSchema))
    can_submit, can_withdraw, can_accept = Flag(), Flag(), Flag()


class ApplicationQuery(PageQuery):
    state = choice(STATES)
    project_id = whole(1)
    q = text(100, load_default="", metadata={"description": "编号、申请人或项目名称。Number, applicant or project."})


class QueueQuery(PageQuery):
    state = choice([state for state in STATES if state != "draft"])
    q = text(100, load_default="", metadata={"description": "编号、申请人、完整证件号或项目名称。Number, applicant, full ID number or project."})


class NewApplication(Body):
    project_id = whole(1, metadata={"description": "为哪个投资项目申请。The investment project."})
    stage = whole(1, 5)
    items = several(text(20, least=1), 101, load_default=list)
    form = Mapping(keys=text(100), values=Scalar(), load_default=dict)
    delivery = choice(DELIVERIES, load_default="hall")


class ItemsChoice(Body):
    items = several(text(20, least=1), 101, required=True)


class FormValues(Body):
    form = Mapping(keys=text(100), values=Scalar(), required=True)


class MaterialUpload(Body):
    key = text(least=1, required=True, metadata={"description": "材料标识。The key of what is asked for."})
    file = Upload(required=True, metadata={"type": "string", "format": "binary"})


class Reason(Body):
    reason = text(LINE, required=True)


class OptionalReason(Body):
    reason = text(LINE, load_default="")


class Ticks(Body):
    ticks = Mapping(
        keys=text(), values=several(whole(0, 200), 200), required=True,
        metadata={"description": "材料标识 → 已勾核要点的序号（从 0 起）。Material key → positions of the points ticked."})


class PreAcceptance(Body):
    online = Flag(load_default=False, metadata={"description": "网上直接受理。Acceptance goes on online."})


class Acceptance(Body):
    tolerate = several(text(least=1), 200, load_default=list,
                       metadata={"description": "容缺材料的标识。Keys of materials that may come later."})
    tolerate_days = whole(1, DAYS_AT_MOST, load_default=10)


class CorrectionEntry(Body):
    material_key, field = text(least=1), text(100, least=1)
    reason = text(500, least=1, required=True)

    @validates_schema
    def _check_one(self, data: dict, **kwargs: Any) -> None:
        if ("material_key" in data) == ("field" in data):
            raise refuse("material_key", lazy_gettext("须指明一份材料（material_key）或一项信息（field）。"))


class CorrectionRequest(Body):
    items = several(part(CorrectionEntry), 200, least=1, required=True)
    within_days = whole(1, DAYS_AT_MOST, load_default=5)


# --- the applicant --------------------------------------------------------------------------------------------------

@resource.post("/applications", rule="role:applicant", zh="起草申请", body=NewApplication, answer=ApplicationViewSchema,
               creates=True, en="Begin an application for one item or many.")
def draft_application(body: dict) -> dict:
    return unit_of_work(lambda: _view(_draft(body)))


def _draft(body: dict) -> Application:
    account = db.session.get_one(Account, current_principal().account)
    project = None
    if "project_id" in body:
        project = require("project.apply", db.session.get(Project, body["project_id"]))
    return actions.draft_application(
        applicant=account.id, applicant_name=account.name,
        applicant_id_number=account.organisation_code or account.id_number or "", contact_phone=account.phone or "",
        project=project, stage=body.get("stage"), item_codes=body["items"], form=body["form"],
        delivery=body["delivery"], by=account.id, at=clock.now(),
    )


@resource.get("/applications", rule="application.read", zh="申请列表", query=ApplicationQuery,
              answer=page_of(ApplicationSchema), en="Applications you may see, newest first.")
def list_applications(query: dict) -> dict:
    found = select(Application).where(visible_applications(current_principal()), *_conditions(query))
    return paginated(found.order_by(Application.created_at.desc(), Application.id.desc()), query)


def _conditions(query: dict) -> list:
    conditions = []
    if "state" in query:
        conditions.append(Application.state == query["state"])
    if "project_id" in query:
        conditions.append(Application.project_id == query["project_id"])
    for word in query["q"].split():
        named = select(Project.id).where(Project.name.contains(word, autoescape=True))
        conditions.append(or_(
            Application.number.startswith(word, autoescape=True),
            Application.applicant_name.contains(word, autoescape=True), Application.project_id.in_(named),
        ))
    return conditions


@resource.get(f"/applications/<{ID}:application_id>", rule="application.read", zh="申请", answer=ApplicationViewSchema,
              en="An application with its form, materials, cases and documents.")
def read_application(application_id: int) -> dict:
    return _view(_application("application.read", application_id))


@resource.put(f"/applications/<{ID}:application_id>/items", rule="application.edit", zh="选择事项", body=ItemsChoice,
              answer=ApplicationViewSchema, en="Choose the items of a draft.")
def choose_items(application_id: int, body: dict) -> dict:
    return _acted("application.edit", application_id, lambda found, who: actions.choose_items(
        found, body["items"], who.account, clock.now()))


@resource.patch(f"/applications/<{ID}:application_id>/form", rule="application.edit", zh="保存表单", body=FormValues,
                answer=ApplicationViewSchema, en="Save what has been filled in; half-filled is fine.")
def save_form(application_id: int, body: dict) -> dict:
    return _acted("application.edit", application_id, lambda found, who: actions.save_draft(
        found, body["form"], who.account, clock.now()))


@resource.post(f"/applications/<{ID}:application_id>/materials", rule="application.edit", zh="提交材料",
               upload=MaterialUpload, answer=MaterialSchema, creates=True,
               en="Hand in a file under the key of what is asked for; a new version keeps the old one.")
def hand_in_material(application_id: int, body: dict) -> Material:
    _application("application.edit", application_id)  # nobody else fills our storage
    file = _checked(body["file"])
    return unit_of_work(lambda: actions.hand_in_material(
        _application("application.edit", application_id), body["key"], file, current_principal().account, clock.now()
    ))


def _checked(upload: Any) -> UploadedFile:
    name, content = PurePath(upload.filename.replace("\\", "/")).name[-200:], upload.read()
    limits = UploadLimits(max_bytes=config().upload_max_bytes, min_dpi=config().min_scan_dpi)
    media_type = check_upload(name, content, limits)
    stored = storage().put(content)
    return UploadedFile(stored.sha256, stored.size, media_type, name)


@resource.delete(f"/applications/<{ID}:application_id>/materials/<{ID}:material_id>", rule="application.edit",
                 zh="撤下材料", en="Take a material of a draft back.")
def remove_material(application_id: int, material_id: int) -> None:
    def act() -> None:
        found = _application("application.edit", application_id)
        actions.remove_material(found, _material_of(found, material_id).key, current_principal().account, clock.now())

    unit_of_work(act)


@resource.post(f"/applications/<{ID}:application_id>/submit", rule="application.edit", zh="提交申请",
               answer=ApplicationViewSchema, en="Submit: the application gets its number and its process starts.")
def submit_application(application_id: int) -> dict:
    return _acted("application.edit", application_id, lambda found, who: actions.submit_application(
        found, who.account, clock.now()))


@resource.post(f"/applications/<{ID}:application_id>/submit-correction", rule="application.correct", zh="提交补正",
               answer=ApplicationViewSchema, en="Submit what the correction notice asked for.")
def submit_correction(application_id: int) -> dict:
    return _acted("application.correct", application_id, lambda found, who: actions.submit_correction(
        found, who.account, clock.now()))


@resource.post(f"/applications/<{ID}:application_id>/withdraw", rule="application.withdraw", zh="撤回申请",
               body=OptionalReason, answer=ApplicationViewSchema, en="Withdraw: what has not ended yet ends.")
def withdraw_application(application_id: int, body: dict) -> dict:
    return _acted("application.withdraw", application_id, lambda found, who: actions.withdraw_application(
        found, body["reason"], who.account, clock.now()))


# --- the window ------------------------------------------------------------------------------------------------------

@resource.get("/window/queue", rule="role:window_clerk", asks="application.handle", zh="窗口待办", query=QueueQuery,
              answer=page_of(ApplicationSchema), en="What waits at the window, longest first.")
def list_window_queue(query: dict) -> dict:
    states = [query["state"]] if "state" in query else ["submitted", "pre_accepted"]
    found = select(Application).where(handleable_applications(current_principal()), Application.state.in_(states))
    for word in query["q"].split():
        named = select(Project.id).where(Project.name.contains(word, autoescape=True))
        found = found.where(or_(
            Application.number.startswith(word, autoescape=True),
            Application.applicant_name.contains(word, autoescape=True),
            Application.applicant_id_number == word.upper(), Application.project_id.in_(named),
        ))
    return paginated(found.order_by(Application.submitted_at, Application.id), query)


@resource.put(f"/applications/<{ID}:application_id>/review-points", rule="application.handle", zh="勾核审查要点",
              body=Ticks, answer=ApplicationViewSchema, en="Say which review points of which materials were checked.")
def tick_review_points(application_id: int, body: dict) -> dict:
    return _acted("application.handle", application_id, lambda found, who: actions.tick_review_points(
        found, body["ticks"], who.account, clock.now()))


@resource.post(f"/applications/<{ID}:application_id>/materials/<{ID}:material_id>/verify", rule="application.handle",
               zh="核验原件", answer=MaterialSchema, en="The original in hand equals what was uploaded.")
def verify_original(application_id: int, material_id: int) -> Material:
    def act() -> Material:
        found = _application("application.handle", application_id)
        return verify_material(_material_of(found, material_id), current_principal().account, clock.now())

    return unit_of_work(act)


@resource.post(f"/applications/<{ID}:application_id>/pre-accept", rule="application.handle", zh="预受理",
               body=PreAcceptance, answer=ApplicationViewSchema, en="The pre-review passed; no clock starts.")
def pre_accept(application_id: int, body: dict) -> dict:
    return _acted("application.handle", application_id, lambda found, who: actions.pre_accept(
        found, who.account, clock.now(), online=body["online"]))


@resource.post(f"/applications/<{ID}:application_id>/accept", rule="application.handle", zh="受理", body=Acceptance,
               answer=ApplicationViewSchema,
               en="Accept: materials go to the departments, and cases whose prerequisites hold begin.")
def accept_application(application_id: int, body: dict) -> dict:
    return _acted("application.handle", application_id, lambda found, who: actions.accept_application(
        found, who.account, clock.now(), clerk_name=who.name, tolerate=body["tolerate"],
        tolerate_days=body["tolerate_days"]))


@resource.post(f"/applications/<{ID}:application_id>/request-correction", rule="application.handle", zh="要求补正",
               body=CorrectionRequest, answer=ApplicationViewSchema,
               en="Ask for corrections, all at once; the applicant may change what is listed and nothing else.")
def request_correction(application_id: int, body: dict) -> dict:
    return _acted("application.handle", application_id, lambda found, who: actions.request_correction(
        found, body["items"], who.account, clock.now(), within_days=body["within_days"], clerk_name=who.name))


@resource.post(f"/applications/<{ID}:application_id>/refuse", rule="application.handle", zh="不予受理", body=Reason,
               answer=ApplicationViewSchema, en="Refuse acceptance, with a reason, in writing.")
def refuse_application(application_id: int, body: dict) -> dict:
    return _acted("application.handle", application_id, lambda found, who: actions.refuse_application(
        found, body["reason"], who.account, clock.now(), clerk_name=who.name))


# --- documents ---------------------------------------------------------------------------------------------------------

@resource.get(f"/applications/<{ID}:application_id>/documents", rule="application.read", zh="申请的文书",
              answer=list_of(DocumentSchema), en="The papers of an application.")
def list_documents(application_id: int) -> dict:
    return {"data": documents_of(_application("application.read", application_id))}


# --- common -------------------------------------------------------------------------------------------------------------

def _acted(rule: str, application_id: int, act: Any) -> dict:
    def work() -> dict:
        return _view(act(_application(rule, application_id), current_principal()))

    return unit_of_work(work)


def _application(rule: str, application_id: int) -> Application:
    return require(rule, db.session.get(Application, application_id))


def _material_of(found: Application, material_id: int) -> Material:
    material = db.session.get(Material, material_id)
    if material is None or material.application_id != found.id or not material.is_current:
        raise NotFound
    return material


def _view(found: Application) -> dict:
    view = application_view(found)
    materials = [_asked(entry, found) for entry in view.materials]
    return {
        "application": found, "cases": view.cases, "fields_": view.fields, "form": found.form, "materials": materials,
        "documents": view.documents, "missing": [entry.key for entry in view.missing], "editable": view.editable,
        "corrections": found.corrections, "tolerated": found.tolerated, "can_submit": view.can_submit,
        "can_withdraw": view.can_withdraw, "can_accept": view.can_accept,
    }


def _asked(entry: Any, found: Application) -> dict:
    return {
        **{name: getattr(entry, name) for name in (
            "key", "name", "source", "standing", "required", "tolerable", "is_uploaded", "item_codes", "review_points",
            "material",
        )}, "ticked": list(found.checks.get(entry.key, ())),
    }

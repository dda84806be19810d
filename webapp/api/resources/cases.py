from __future__ import annotations

from typing import Any

from flask import Response
from marshmallow import fields
from sqlalchemy import or_, select

from engine.db import db
from parallel.cases.models import Application, Case, Licence
from parallel.cases.opinions import opinions_of
from parallel.cases.queries import case_view, timeline
from parallel.cases.states import CASE, CASE_ENDED, text_of
from parallel.items.models import ServiceItem
from parallel.time_limits.queries import explain, time_limits_of
from webapp import clock
from webapp.api.resource import ID, Resource, paginated
from webapp.api.resources.applications import DocumentSchema, MaterialSchema
from webapp.api.resources.items import DepartmentSchema
from webapp.api.values import (
    Answer, Day, Flag, Moment, PageQuery, Part, Several, Text, Who, Whole, choice, list_of, page_of, part, text,
    whole,
)
from webapp.documents.papers_of import licence_pdf
from webapp.policy import allows, require, visible_cases
from webapp.principal import current_principal

resource = Resource("cases", "办件 Cases", "办件的状态、时限、意见、证照。State, clocks, opinions, licences.")

STATES = (*CASE, *sorted(CASE_ENDED))


class CaseSchema(Answer):
    id, number, application_id, project_id = Whole(), Text(allow_none=True), Whole(), Whole(allow_none=True)
    item_code, item_name, item_name_en = Text(), Text(attribute="item.name"), Text(attribute="item.name_en")
    department = part(DepartmentSchema, attribute="item.department")
    state = choice(STATES)
    state_zh, state_en = fields.Function(lambda each: text_of(each).zh), fields.Function(lambda each: text_of(each).en)
    accepted_at, promised_on, legal_on = Moment(allow_none=True), Day(allow_none=True), Day(allow_none=True)
    decision, decided_at, ended_at = Text(allow_none=True), Moment(allow_none=True), Moment(allow_none=True)
    decision_reason = Text(allow_none=True)


class LightSchema(Answer):
    """灯. The colour of a case and the clock that gave it."""

    colour, kind, due_on, remaining, used, days, unit = Text(), Text(), Day(), Whole(), Whole(), Whole(), Text()
    paused, provisional, missed = Flag(), Flag(), Several(Text())


class OpinionSchema(Answer):
    step, step_name, outcome, text, by, at = Text(), Text(), Text(), Text(), Who(), Moment()


class PauseSchema(Answer):
    procedure, reason, result = Text(), Text(), Text(allow_none=True)
    started_at, ended_at = Moment(), Moment(allow_none=True)


class StepSchema(Answer):
    id, name, step, status, assignee = Text(), Text(), Text(allow_none=True), Text(), Who(allow_none=True)
    created_at, due_at, completed_at = Moment(), Moment(allow_none=True), Moment(allow_none=True)


class LicenceSchema(Answer):
    id, case_id, project_id, item_code = Whole(), Whole(), Whole(allow_none=True), Text()
    name, number, holder, issued_at = Text(), Text(), Text(), Moment()


class TimelineEntrySchema(Answer):
    at, kind, title, title_en, by = Moment(), Text(), Text(), Text(), Who(allow_none=True)
    text, step, until = Text(), Text(allow_none=True), Moment(allow_none=True)


class CaseViewSchema(Answer):
    """办件 with its clock, steps, opinions, materials and result."""

    case, light = part(CaseSchema), Part(LightSchema, allow_none=True)
    waits_for, steps = Several(Text()), Several(part(StepSchema))
    opinions, pauses = Several(part(OpinionSchema)), Several(part(PauseSchema))
    materials = Several(part(MaterialSchema))
    licence, documents = Part(LicenceSchema, allow_none=True), Several(part(DocumentSchema))


class ExplainedDaySchema(Answer):
    day, counts, number, is_last = Day(), Flag(), Whole(allow_none=True), Flag()
    reason, reason_zh, reason_en, provisional = Text(), Text(), Text(), Flag()


class ClockSchema(Answer):
    """计时 with the reason for every day."""

    kind, state, limit_days, unit = Text(), Text(), Whole(), Text()
    started_on, due_on, provisional = Day(), Day(), Flag()
    days, pauses = Several(part(ExplainedDaySchema)), Several(part(PauseSchema))


class CaseQuery(PageQuery):
    state = choice(STATES)
    department, item = text(40), text(20)
    project_id, application_id = whole(1), whole(1)
    q = text(100, load_default="", metadata={"description": "编号、事项或申请人。Number, item or applicant."})


class LicenceQuery(PageQuery):
    project_id = whole(1)
    item = text(20)


@resource.get("/cases", rule="case.read", zh="办件列表", query=CaseQuery, answer=page_of(CaseSchema),
              en="Cases you may see, newest first.")
def list_cases(query: dict) -> dict:
    columns = {
        "state": Case.state, "department": Case.department_code, "item": Case.item_code,
        "project_id": Case.project_id, "application_id": Case.application_id,
    }
    wanted = [column == query[name] for name, column in columns.items() if name in query]
    for word in query["q"].lower().split():
        wanted.append(or_(
            Case.number.startswith(word, autoescape=True), ServiceItem.search_text.contains(word, autoescape=True),
            Application.applicant_name.contains(word, autoescape=True),
        ))
    found = (
        select(Case).join(Case.item).join(Application, Application.id == Case.application_id)
        .where(visible_cases(current_principal()), *wanted)
    )
    return paginated(found.order_by(Case.id.desc()), query)


@resource.get(f"/cases/<{ID}:case_id>", rule="case.read", zh="办件", answer=CaseViewSchema,
              en="A case with its clock, steps, opinions, materials and result.")
def read_case(case_id: int) -> dict:
    view = case_view(_case(case_id), clock.today())
    materials = {use.material.id: use.material for use in view.materials if allows("material.read", use.material)}
    return {
        "case": view.case, "light": view.light, "waits_for": view.waits_for, "steps": view.steps,
        "opinions": view.opinions, "pauses": view.pauses, "materials": list(materials.values()),
        "licence": view.licence, "documents": [each for each in view.documents if allows("document.read", each)],
    }


@resource.get(f"/cases/<{ID}:case_id>/timeline", rule="case.read", zh="办理过程", answer=list_of(TimelineEntrySchema),
              en="The facts of a case in order.")
def read_timeline(case_id: int) -> dict:
    return {"data": timeline(_case(case_id))}


@resource.get(f"/cases/<{ID}:case_id>/opinions", rule="case.read", zh="审批意见", answer=list_of(OpinionSchema),
              en="What officers wrote, oldest first.")
def list_opinions(case_id: int) -> dict:
    return {"data": opinions_of(_case(case_id))}


@resource.get(f"/cases/<{ID}:case_id>/clocks", rule="case.read", zh="时限和逐日说明", answer=list_of(ClockSchema),
              en="The two clocks of a case, and for every day why it counts or not.")
def list_clocks(case_id: int) -> dict:
    found = _case(case_id)
    return {"data": [_clock(limit) for limit in time_limits_of(found)]}


def _clock(limit: Any) -> dict:
    explained = explain(limit, clock.today())
    return {
        "kind": explained.kind, "state": limit.state, "limit_days": explained.limit_days, "unit": explained.unit,
        "started_on": explained.started_on, "due_on": explained.due_on, "provisional": explained.provisional,
        "days": explained.days, "pauses": explained.pauses,
    }


def _case(case_id: int) -> Case:
    return require("case.read", db.session.get(Case, case_id))


# --- licences ---------------------------------------------------------------------------------------------------

@resource.get("/licences", rule="case.read", zh="证照列表", query=LicenceQuery, answer=page_of(LicenceSchema),
              en="Results of the cases you may see, newest first.")
def list_licences(query: dict) -> dict:
    wanted = [Licence.project_id == query["project_id"]] if "project_id" in query else []
    if "item" in query:
        wanted.append(Licence.item_code == query["item"])
    seen = select(Case.id).where(visible_cases(current_principal()))
    return paginated(select(Licence).where(Licence.case_id.in_(seen), *wanted).order_by(Licence.id.desc()), query)


@resource.get(f"/licences/<{ID}:licence_id>", rule="licence.read", zh="证照", answer=LicenceSchema,
              en="The result of an approved case.")
def read_licence(licence_id: int) -> Licence:
    return _licence(licence_id)


@resource.get(f"/licences/<{ID}:licence_id>/pdf", rule="licence.read", zh="证照 PDF", media_type="application/pdf",
              en="The licence as paper.")
def read_licence_pdf(licence_id: int) -> Response:
    return Response(licence_pdf(_licence(licence_id)), mimetype="application/pdf")


def _licence(licence_id: int) -> Licence:
    return require("licence.read", db.session.get(Licence, licence_id))

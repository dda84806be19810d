from __future__ import annotations

from typing import Any

from marshmallow import fields
from sqlalchemy import select

from engine.api import working_calendar
from engine.db import db, unit_of_work
from parallel.items.queries import current_items
from parallel.projects import actions
from parallel.projects.applicability import ItemDecision, decide
from parallel.projects.attributes import attribute_groups, attributes, validate_attributes
from parallel.projects.models import Project
from parallel.projects.notice import Notice, project_notice
from parallel.projects.plan import Plan, make_plan
from parallel.projects.queries import notice_of, project_overview, project_plan
from parallel.projects.templates import choose_template
from webapp import clock
from webapp.api.resource import ID, Resource, paginated
from webapp.api.resources.items import DepartmentSchema
from webapp.api.values import (
    MAX_NUMBER, Answer, Body, Day, Flag, Mapping, Moment, Number, PageQuery, Several, Text, Whole, choice, list_of,
    page_of, part, text,
)
from webapp.config import config
from webapp.policy import require, visible_projects
from webapp.principal import current_principal

resource = Resource("projects", "投资项目 Projects", "试算、登记、计划、一单告知。Plan, register, one-form notice.")


def _fact(attribute: Any) -> fields.Field:
    words = {"description": f"{attribute.zh}。{attribute.help_zh}。{attribute.en}. {attribute.help_en}."}
    if attribute.kind == "bool":
        return Flag(metadata={**words, "default": attribute.default})
    if attribute.kind == "choice":
        return choice(attribute.choices, metadata={**words, "default": attribute.default})
    return Number(metadata={**words, "minimum": 0, "maximum": MAX_NUMBER, "default": attribute.default})


ProjectAttributesSchema = type(
    "ProjectAttributesSchema", (Body,), {name: _fact(attribute) for name, attribute in attributes().items()}
)


class PlanRequest(Body):
    attributes = part(ProjectAttributesSchema, load_default=dict)
    start_on = Day(metadata={"description": "首个事项受理的日期，默认今天。The day of the first acceptance; default today."})


class NewProject(Body):
    name, organisation = text(least=1, required=True), text(least=1, required=True)
    organisation_code = text(18, required=True, metadata={"description": "统一社会信用代码。Unified social credit code."})
    division_code = text(6, required=True)
    code = text(30, metadata={"description": "项目统一代码；不填时给演示代码。Project code; without one a demo code."})
    attributes = part(ProjectAttributesSchema, load_default=dict)


class ProjectChanges(Body):
    attributes = part(ProjectAttributesSchema, required=True)


class StageOpening(Body):
    reason = text(500, least=1, required=True)


class ProjectQuery(PageQuery):
    q = text(load_default="", metadata={"description": "名称、代码、单位或拼音。Name, code, organisation or pinyin."})


# --- answers --------------------------------------------------------------------------------------------------

class ChoiceSchema(Answer):
    value, zh, en = Text(), Text(), Text()


class AttributeSchema(Answer):
    name, kind, zh, en, help_zh, help_en, unit_zh, unit_en = (Text() for _ in range(8))
    default = fields.Raw(metadata={"type": ["boolean", "number", "string"]})
    choices = fields.Method("_choices", metadata={"type": "array", "items": {"type": "object"}})

    def _choices(self, attribute: Any) -> list[dict]:
        return [{"value": value, "zh": zh, "en": en} for value, (zh, en) in attribute.choices.items()]


class AttributeGroupSchema(Answer):
    name, zh, en, attributes = Text(), Text(), Text(), Several(part(AttributeSchema))


class NeedSchema(Answer):
    any_of, need = Several(Text()), Text()


class PlannedItemSchema(Answer):
    code, name, name_en = Text(), Text(attribute="item.name"), Text(attribute="item.name_en")
    department, stage = part(DepartmentSchema, attribute="item.department"), Whole(attribute="item.stage")
    wave, days, start, finish, slack, critical = Whole(), Whole(), Whole(), Whole(), Whole(), Flag()
    start_on, due_on = Day(allow_none=True), Day(allow_none=True)
    needs, waits_for = Several(part(NeedSchema)), Text(allow_none=True)


class PlanStageSchema(Answer):
    number, waves = Whole(), Several(Several(Text()))


class DecisionSchema(Answer):
    code, name, name_en = Text(attribute="item.code"), Text(attribute="item.name"), Text(attribute="item.name_en")
    applies, reason_zh, reason_en = Flag(), Text(), Text()


class TemplateSchema(Answer):
    id, name, total_days = Text(attribute="template.id"), Text(attribute="template.name"), Whole(
        attribute="template.total_days", allow_none=True)
    reason_zh, reason_en = Text(), Text()


class PlanSchema(Answer):
    """办事计划. Which items apply, their waves, dates and the critical path."""

    template = part(TemplateSchema)
    items = Several(part(PlannedItemSchema))
    stages = Several(part(PlanStageSchema))
    critical_path, critical_path_days = Several(Text()), Whole()
    finish_on = Day(allow_none=True)
    decisions = Several(part(DecisionSchema))


class NoticedItemSchema(Answer):
    code, name, name_en, stage, result_name = Text(), Text(), Text(), Whole(), Text()


class NoticedMaterialSchema(Answer):
    key, name, source, supplier = Text(), Text(), Text(), Text()
    required, tolerable, originals, copies = Flag(), Flag(), Whole(), Whole()
    results_of, used_by = Several(Text()), Several(Text())


class NoticeSchema(Answer):
    """一单告知. Every material once, who supplies it, which items ask for it."""

    items, materials = Several(part(NoticedItemSchema)), Several(part(NoticedMaterialSchema))
    asked, once, to_hand_in = Whole(), Whole(), Whole()


class ProjectSchema(Answer):
    id, code, name, organisation, organisation_code, division_code = (
        Whole(), Text(), Text(), Text(), Text(), Text())
    template_id, attributes, created_at = Text(), Mapping(), Moment()


class StageItemSchema(Answer):
    code, name, name_en = Text(attribute="item.code"), Text(attribute="item.name"), Text(attribute="item.name_en")
    state, department = Text(), part(DepartmentSchema)
    case_id = Whole(attribute="case.id", allow_none=True)
    due_on, is_milestone = Day(allow_none=True), Flag()
    waits_for = Several(part(NeedSchema))


class StageSchema(Answer):
    number, name, state = Whole(attribute="stage.number"), Text(attribute="stage.name"), Text(attribute="stage.state")
    opened_at = Moment(attribute="stage.opened_at", allow_none=True)
    closed_at = Moment(attribute="stage.closed_at", allow_none=True)
    promised_days = Whole(attribute="stage.promised_days", allow_none=True)
    done, items = Whole(), Several(part(StageItemSchema))


class ProjectOverviewSchema(Answer):
    """投资项目 with its stages and every item that applies."""

    project, done, total, stages = part(ProjectSchema), Whole(), Whole(), Several(part(StageSchema))


class RevisionSchema(Answer):
    added, removed = Several(Text()), Several(Text())


# --- before anything is stored ---------------------------------------------------------------------------------

@resource.get("/project-attributes", rule="public", zh="项目属性表", answer=list_of(AttributeGroupSchema),
              en="The facts about a project that decide which items apply, in groups.")
def list_project_attributes() -> dict:
    return {"data": attribute_groups()}


@resource.post("/plans", rule="public", zh="试算办事计划", body=PlanRequest, answer=PlanSchema,
               en="Try out a plan for a project's facts; nothing is stored.")
def try_plan(body: dict) -> dict:
    values, start_on = validate_attributes(body["attributes"]), body.get("start_on") or clock.today()
    items = current_items()
    return _plan(make_plan(items, values, start_on, working_calendar()), values, decide(items, values))


@resource.post("/notices", rule="public", zh="试算一单告知", body=PlanRequest, answer=NoticeSchema,
               en="Try out the one-form notice for a project's facts; nothing is stored.")
def try_notice(body: dict) -> dict:
    return _notice(project_notice(current_items(), validate_attributes(body["attributes"])))


def _plan(plan: Plan, values: dict, decisions: list[ItemDecision]) -> dict:
    return {
        "template": choose_template(values), "items": list(plan.items.values()),
        "stages": [{"number": number, "waves": waves} for number, waves in plan.stages.items()],
        "critical_path": plan.critical_path, "critical_path_days": plan.critical_path_days,
        "finish_on": plan.finish_on, "decisions": decisions,
    }


def _notice(notice: Notice) -> dict:
    materials = [
        {name: getattr(material, name) for name in (
            "key", "name", "source", "supplier", "required", "tolerable", "originals", "copies",
        )} | {
            "results_of": [item.code for item in material.results_of],
            "used_by": list(dict.fromkeys(use.item.code for use in material.uses)),
        } for material in notice.materials
    ]
    return {
        "items": notice.items, "materials": materials, "asked": notice.asked, "once": notice.once,
        "to_hand_in": len(notice.to_hand_in),
    }


# --- projects ------------------------------------------------------------------------------------------------------

@resource.post("/projects", rule="role:applicant", zh="登记项目", body=NewProject, answer=ProjectSchema, creates=True,
               en="Register an investment project.")
def register_project(body: dict) -> Any:
    me = current_principal().account
    return unit_of_work(lambda: actions.register_project(
        **{**body, "code": body.get("code") or None}, owner=me, by=me, at=clock.now()
    ))


@resource.get("/projects", rule="project.read", zh="项目列表", query=ProjectQuery, answer=page_of(ProjectSchema),
              en="Projects you may see, newest first.")
def list_projects(query: dict) -> dict:
    words = [Project.search_text.contains(word, autoescape=True) for word in query["q"].lower().split()]
    return paginated(
        select(Project).where(visible_projects(current_principal()), *words)
        .order_by(Project.created_at.desc(), Project.id.desc()), query
    )


@resource.get(f"/projects/<{ID}:project_id>", rule="project.read", zh="项目", answer=ProjectOverviewSchema,
              en="A project with its stages, items, cases and due dates.")
def read_project(project_id: int) -> Any:
    return project_overview(_project("project.read", project_id))


@resource.patch(f"/projects/<{ID}:project_id>", rule="project.edit", zh="修改项目属性", body=ProjectChanges,
                answer=RevisionSchema, en="Revise a project's facts; which items apply is decided anew.")
def revise_project(project_id: int, body: dict) -> Any:
    return unit_of_work(lambda: actions.revise_attributes(
        _project("project.edit", project_id), body["attributes"], by=current_principal().account, at=clock.now()
    ))


@resource.get(f"/projects/<{ID}:project_id>/plan", rule="project.read", zh="项目的办事计划", answer=PlanSchema,
              en="The plan of a project by today's catalogue.")
def read_project_plan(project_id: int) -> dict:
    project = _project("project.read", project_id)
    values = project.attributes
    return _plan(project_plan(project, clock.today()), values, decide(current_items(), values))


@resource.get(f"/projects/<{ID}:project_id>/notice", rule="project.read", zh="事项及材料一单告知", answer=NoticeSchema,
              en="The one-form notice of a project: every material once.")
def read_project_notice(project_id: int) -> dict:
    return _notice(notice_of(_project("project.read", project_id)))


@resource.post(f"/projects/<{ID}:project_id>/stages/<int(min=1, max=5):number>/open", rule="project.edit",
               zh="提前申报后一阶段", body=StageOpening,
               en="Open a later stage before the earlier one is closed, where the installation allows it.")
def open_stage(project_id: int, number: int, body: dict) -> None:
    unit_of_work(lambda: actions.open_stage_early(
        _project("project.edit", project_id), number, allowed=config().stages_early, reason=body["reason"],
        by=current_principal().account, at=clock.now(),
    ))


def _project(rule: str, project_id: int) -> Project:
    return require(rule, db.session.get(Project, project_id))

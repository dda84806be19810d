"""The monitor's rooms: numbers, projects, cases, and one project live on its diagrams, in a table and in time."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import lazy_gettext
from marshmallow import EXCLUDE, Schema, fields, post_load, validate
from sqlalchemy import select
from werkzeug.wrappers import Response

from engine.api import ProcessInstance, Task, db
from parallel.cases.drawings import key_of
from parallel.cases.models import Application, Case
from parallel.cases.states import CASE_TEXTS, text_of
from parallel.projects.models import Project, Stage
from parallel.projects.templates import stage_name
from parallel.time_limits.queries import china_date
from webapp import clock
from webapp.diagrams.board import GATEWAYS, Board, board, department_name, is_english
from webapp.diagrams.facts import CASE_OPEN
from webapp.navigation import Entry
from webapp.policy import permit, require
from webapp.principal import current_principal
from webapp.supervision.lists import (
    LIGHTS, CaseFilter, ProjectFilter, case_rows, department_choices, division_choices, project_rows,
)
from webapp.supervision.lists import overview as counts
from webapp.supervision.timeline import KINDS, facts_of
from webapp.supervision.wrong import Wrong, what_is_wrong

blueprint = Blueprint("supervision", __name__, url_prefix="/supervision")

navigation = [
    Entry(lazy_gettext("监察总览"), "supervision.overview", "monitor.view", order=10),
    Entry(lazy_gettext("项目监控"), "supervision.projects", "monitor.view", order=11),
    Entry(lazy_gettext("办件监控"), "supervision.cases", "monitor.view", order=12),
]

PER_PAGE = 15  # one live topic a row; a stream takes twenty
FACTS_PER_PAGE = 60
STAGES = range(1, 6)
VIEWS = ("diagram", "table", "facts")
RUNNING = ("submitted", "pre_accepted", "correcting", "accepted")
LIGHT_WORDS = {
    "red": lazy_gettext("红灯 · 超期"), "yellow": lazy_gettext("黄灯 · 临期"), "suspended": lazy_gettext("停表"),
    "green": lazy_gettext("绿灯 · 正常"), "none": lazy_gettext("未起表"),
}
PROJECT_STATES = {
    "running": lazy_gettext("有在办件"), "quiet": lazy_gettext("没有在办件"), "done": lazy_gettext("全部阶段办结"),
}


class _Query(Schema):
    """What a list may be asked for. What makes no sense is as if it were not asked."""

    class Meta:
        unknown = EXCLUDE

    q = fields.String(load_default="")
    stage = fields.Integer(load_default=None, allow_none=True)
    state = fields.String(load_default="")
    light = fields.String(load_default="", validate=validate.OneOf(["", *LIGHTS]))
    department = fields.String(load_default="")
    division = fields.String(load_default="")
    sort = fields.String(load_default="")


class _ProjectQuery(_Query):
    @post_load
    def made(self, data: dict, **_: Any) -> ProjectFilter:
        return ProjectFilter(**data)


class _CaseQuery(_Query):
    @post_load
    def made(self, data: dict, **_: Any) -> CaseFilter:
        return CaseFilter(**data)


def _asked(schema: Schema) -> Any:
    given = {name: value.strip()[:100] for name, value in request.args.items() if value.strip()}
    wrong = schema.validate(given)
    return schema.load({name: value for name, value in given.items() if name not in wrong})


def _page() -> int:
    return max(1, request.args.get("page", 1, type=int))


def _today() -> Any:
    return china_date(clock.now())


@blueprint.context_processor
def _words() -> dict[str, Any]:
    return {"light_words": LIGHT_WORDS, "is_english": is_english, "department_name": department_name}


# --- numbers and lists --------------------------------------------------------------------------------

@blueprint.get("/")
@permit("monitor.view")
def home() -> Response:
    return redirect(url_for("supervision.overview"))


@blueprint.get("/overview")
@permit("monitor.view")
def overview() -> str:
    departments = department_choices()
    found = counts(
        current_principal(), _today(), _stages(), {each.code: department_name(each) for each in departments}
    )
    return render_template("supervision/overview.html", overview=found, lights=LIGHTS, wall=_is_wall(), now=clock.now())


@blueprint.get("/projects")
@permit("monitor.view")
def projects() -> str:
    wanted = _asked(_ProjectQuery())
    page = project_rows(current_principal(), wanted, _today(), _page(), PER_PAGE)
    return render_template("supervision/projects.html", page=page, wanted=wanted, project_states=PROJECT_STATES, **_choices())


@blueprint.get("/cases")
@permit("monitor.view")
def cases() -> str:
    wanted = _asked(_CaseQuery())
    page = case_rows(current_principal(), wanted, _today(), _page(), PER_PAGE)
    states = {name: text.en if is_english() else text.zh for name, text in CASE_TEXTS.items() if name != "draft"}
    return render_template("supervision/cases.html", page=page, wanted=wanted, states=states, **_choices())


def _choices() -> dict[str, Any]:
    return {
        "stages": _stages(), "departments": [(each.code, department_name(each)) for each in department_choices()],
        "divisions": division_choices(current_principal()), "lights": LIGHTS,
    }


def _stages() -> dict[int, str]:
    return {number: stage_name(number)[is_english()] for number in STAGES}


def _is_wall() -> bool:
    return request.args.get("wall") == "1"


# --- one project ----------------------------------------------------------------------------------------

@dataclass(frozen=True)
class Tab:
    """One application of a project: its stage, where it stands, and how many things are wrong."""

    application: Application
    name: str
    board: Board | None
    wrong: list[Wrong]

    @property
    def is_running(self) -> bool:
        return self.application.state in RUNNING

    @property
    def replay(self) -> dict[str, Any]:
        """From when to when the slider goes, and the moments at which something changed (milliseconds)."""
        told = self.board.elements.values()
        moments = {datetime.fromisoformat(text) for shown in told for text in (shown.since, shown.until) if text}
        moments |= {state.since for state in self.board.facts.picture.elements.values()}
        start = min([self.board.instance.started_at, *moments])
        return {
            "start": _milliseconds(start), "end": _milliseconds(self.board.at),
            "moments": sorted({_milliseconds(moment) for moment in moments}),
        }


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


@blueprint.get("/projects/<int:project_id>")
@permit("project.read")
def project(project_id: int) -> str:
    found = require("project.read", db.session.get(Project, project_id))
    require("monitor.view")
    view = request.args.get("view") if request.args.get("view") in VIEWS else "diagram"
    now = clock.now()
    tabs = _tabs(found, now)
    chosen = _chosen(tabs)
    context: dict[str, Any] = {}
    if view == "facts":
        context = _facts_context([tab.application for tab in tabs] if request.args.get("application") is None else [chosen.application] if chosen else [],
                                 project_id=found.id)
    return render_template(
        "supervision/project.html", project=found, tabs=tabs, chosen=chosen, view=view, wall=_is_wall(), now=now,
        stage_strip=[_stage(stage) for stage in found.stages], steps=_steps(chosen) if view == "table" and chosen else [],
        text_of=text_of, **context,
    )


def _tabs(found: Project, now: datetime) -> list[Tab]:
    """Every application that was filed, those that run first; each running one with its board."""
    query = select(Application).where(Application.project_id == found.id, Application.state != "draft")
    applications = list(db.session.scalars(query.order_by(Application.submitted_at.desc())))
    applications.sort(key=lambda each: each.state not in RUNNING)
    wanted = request.args.get("application", type=int)
    names = _stages()
    tabs = []
    for application in applications:
        shown = None
        if application.instance_id and (application.state in RUNNING or application.id == wanted or not tabs):
            shown = board(application.instance_id, now)
        name = names.get(application.stage_number) or application.number or str(application.id)
        tabs.append(Tab(application, name, shown, what_is_wrong(shown) if shown and application.state in RUNNING else []))
    return tabs


def _chosen(tabs: list[Tab]) -> Tab | None:
    wanted = request.args.get("application", type=int)
    return next((tab for tab in tabs if tab.application.id == wanted), tabs[0] if tabs else None)


def _stage(stage: Stage) -> dict[str, Any]:
    state = {"closed": "done", "open": "running"}.get(stage.state, "not_started")
    return {"number": stage.number, "name": _stages().get(stage.number, stage.name), "state": state,
            "current": stage.state == "open" and stage.number < 5}


@dataclass(frozen=True)
class Step:
    """One row of the table: an element of the drawing, and under it the steps of what it called."""

    element_id: str
    shown: Any
    tasks: list[tuple[Task, str | None]]


def _steps(tab: Tab) -> list[Step]:
    facts = tab.board.facts
    rows = []
    for element_id, shown in tab.board.elements.items():
        if shown.type in GATEWAYS or shown.type == "startEvent":
            continue
        state = facts.picture.elements.get(element_id)
        tasks = [task for child in (state.children if state else []) for task in facts.tasks.get(child.id, ())]
        rows.append(Step(element_id, shown, [(task, _doer(tab.board, task)) for task in tasks]))
    return rows


def _doer(shown: Board, task: Task) -> str | None:
    account = task.completed_by or task.assignee
    return shown.facts.names.people.get(account, (account, None))[0] if account else None


def _facts_context(applications: list[Application], *, project_id: int | None = None, case: Case | None = None) -> dict[str, Any]:
    """The timeline with its filters; what is not filtered by stays."""
    facts = facts_of(applications, project_id=project_id, case=case)
    kind, department, who = (request.args.get(name, "").strip() for name in ("kind", "department", "who"))
    departments = {each.code: department_name(each) for each in department_choices()}
    present = {fact.department for fact in facts}
    people = sorted({fact.who for fact in facts if fact.who})
    chosen = [
        fact for fact in facts
        if (not kind or fact.kind == kind) and (not department or fact.department == department) and (not who or fact.who == who)
    ]
    first = (_page() - 1) * FACTS_PER_PAGE
    return {
        "facts": chosen[first:first + FACTS_PER_PAGE], "kind": kind, "department": department, "who": who,
        "kinds": KINDS, "people": people,
        "departments": [(code, name) for code, name in departments.items() if code in present],
        "facts_page": {"page": _page(), "pages": max(1, -(-len(chosen) // FACTS_PER_PAGE)), "total": len(chosen)},
    }


# --- one case -------------------------------------------------------------------------------------------

@blueprint.get("/cases/<int:case_id>")
@permit("case.read")
def case(case_id: int) -> str:
    found = require("case.read", db.session.get(Case, case_id))
    require("monitor.view")
    now = clock.now()
    instance = _instance_of(found)
    shown = board(instance.id, now) if instance is not None else None
    view = request.args.get("view") if request.args.get("view") in VIEWS else "diagram"
    context = _facts_context([found.application], case=found) if view == "facts" else {}
    tab = Tab(found.application, found.item.name, shown, what_is_wrong(shown) if shown and found.state in CASE_OPEN else [])
    return render_template(
        "supervision/case.html", case=found, tab=tab, instance=instance, view=view, now=now, text=text_of(found),
        clock=shown.facts.clocks.get(found.id) if shown else None,
        project=db.session.get(Project, found.project_id) if found.project_id else None,
        steps=_steps(tab) if view == "table" and shown else [], **context,
    )


def _instance_of(found: Case) -> ProcessInstance | None:
    """The process that handles a case: its own, or the branch that a stage called; the newest if it ran twice."""
    query = select(ProcessInstance).where(ProcessInstance.business_key == key_of(found))
    own = db.session.scalar(query.order_by(ProcessInstance.started_at.desc()).limit(1))
    if own is None and found.application.instance_id:
        return db.session.get(ProcessInstance, found.application.instance_id)
    return own


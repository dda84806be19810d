"""Everything the page of one task shows: what it is about, who did what, who else works on it, and the clocks."""
from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from flask import current_app, url_for
from flask_babel import gettext
from sqlalchemy import select

from engine.api import CHINA, ProcessInstance, Task, definition, entries, working_calendar
from engine.db import db
from parallel.cases.models import Application, Case, Opinion
from parallel.cases.opinions import opinions_of
from parallel.cases.queries import timeline
from parallel.documents.actions import documents_of
from parallel.documents.models import Document
from parallel.materials.queries import materials_of_case
from parallel.projects.models import Project
from parallel.time_limits.arithmetic import Limit, Pause, standing
from parallel.time_limits.models import ClockPause, TimeLimit
from parallel.time_limits.queries import china_date, pauses_of, time_limits_of
from webapp.inbox.listing import Row, rows_of
from webapp.policy import allows, business_object
from webapp.portal.people import Person, people
from webapp.portal.words import Due, Shown, due_of, pick, shown_case
from webapp.window.review import FormGroup, MaterialSheet, Review, review_of

LOOKS = {"approve": "agreed", "pass": "agreed", "issued": "done", "special": "suspended", "special_ended": "done",
         "refuse": "refused"}
OUTCOMES = {
    "pass": ("审查通过", "Review passed"), "special": ("特别程序", "Special procedure"),
    "special_ended": ("特别程序结束", "Special procedure ended"), "approve": ("准予", "Approved"),
    "refuse": ("不予许可", "Refused"), "issued": ("已送达", "Issued"),
}


@dataclass(frozen=True)
class ClockLine:
    """One of the two clocks, as it stands today. `days_left` are of its unit."""

    limit: TimeLimit
    due_on: date
    used: int
    days_left: int
    state: str
    url: str | None


@dataclass(frozen=True)
class Beside:
    """Another case of the same application or project: its state, its clock, and what was written (互见意见)."""

    case: Case
    shown: Shown
    due: Due | None
    opinions: list[Opinion]
    is_same_application: bool


@dataclass
class TaskPage:
    task: Task
    row: Row
    instance: ProcessInstance
    process_name: str
    may_act: bool
    is_mine: bool
    is_claimable: bool
    case: Case | None = None
    application: Application | None = None
    project: Project | None = None
    shown: Shown | None = None
    sheets: list[MaterialSheet] = field(default_factory=list)
    form: list[FormGroup] = field(default_factory=list)
    review: Review | None = None
    clocks: list[ClockLine] = field(default_factory=list)
    pause: ClockPause | None = None
    pauses: list[ClockPause] = field(default_factory=list)
    history: list[dict[str, Any]] = field(default_factory=list)
    beside: list[Beside] = field(default_factory=list)
    papers: list[Document] = field(default_factory=list)
    people: dict[str, Person] = field(default_factory=dict)

    @property
    def first_shown(self) -> Any:
        return next((sheet.material for sheet in self.sheets if sheet.is_shown_inline), None)


def task_page(task: Task, principal: Any, at: datetime) -> TaskPage:
    instance = db.session.get(ProcessInstance, task.instance_id)
    [row] = rows_of([task], at)
    may_act = task.status == "open" and allows("task.act", task, principal=principal)
    page = TaskPage(
        task=task, row=row, instance=instance, process_name=definition(instance.definition_id).name, may_act=may_act,
        is_mine=task.assignee == principal.account, is_claimable=may_act and task.assignee is None,
    )
    subject = business_object(task.business_key)
    if isinstance(subject, Case):
        _about_case(page, subject, at)
    elif isinstance(subject, Application):
        _about_application(page, subject)
    else:
        page.history = _history_of_process(task)
    return page


def _about_case(page: TaskPage, case: Case, at: datetime) -> None:
    today = at.astimezone(CHINA).date()
    page.case, page.shown = case, shown_case(case)
    _about_application(page, case.application)
    wanted = {use.material.key for use in materials_of_case(case)}
    keys = {row.same_as for row in case.item.requirements}
    page.sheets = [sheet for sheet in page.sheets if sheet.key in keys or sheet.key in wanted]
    page.form = [
        FormGroup(group.name, [row for row in group.rows if not row.field.items or case.item_code in row.field.items])
        for group in page.form
    ]
    page.clocks, page.pauses = _clocks(case, today), pauses_of(case)
    page.pause = next((pause for pause in page.pauses if pause.ended_at is None), None)
    page.papers = documents_of(case.application, case)
    page.beside = _beside(case, today)
    facts = timeline(case)
    writers = [opinion.by for other in page.beside for opinion in other.opinions]
    page.people = people([*(fact.by for fact in facts), *writers, *(pause.by for pause in page.pauses)])
    outcomes = {(opinion.at, opinion.text): opinion.outcome for opinion in opinions_of(case)}
    page.history = [_fact(fact, page.people, outcomes) for fact in reversed(facts)]


def _about_application(page: TaskPage, application: Application) -> None:
    page.application = application
    page.project = db.session.get(Project, application.project_id) if application.project_id else None
    page.review = review_of(application)
    page.sheets, page.form = page.review.sheets, page.review.form


def _clocks(case: Case, today: date) -> list[ClockLine]:
    calendar, lines = working_calendar(), []
    pauses = [
        Pause(china_date(pause.started_at), china_date(pause.ended_at) if pause.ended_at else None)
        for pause in pauses_of(case)
    ]
    for limit in time_limits_of(case):
        day = china_date(limit.ended_at) if limit.ended_at else today
        now = standing(calendar, china_date(limit.started_at), day, Limit(limit.days, limit.unit), pauses)
        state = {"paused": "suspended", "met": "done", "missed": "overdue"}.get(limit.state) or (
            "overdue" if now.overdue else "due_soon" if now.light == "yellow" else "running")
        lines.append(ClockLine(limit, now.due_on, now.used, now.remaining, state, deadline_url(case, limit.kind)))
    return lines


def deadline_url(case: Case, kind: str | None = None) -> str | None:
    """The day by day explanation of a deadline, wherever it is."""
    endpoint = next((each for each in ("portal.deadline", "projects.deadline") if each in current_app.view_functions), None)
    return url_for(endpoint, case_id=case.id, kind=kind) if endpoint else None


def _beside(case: Case, today: date) -> list[Beside]:
    """Others of the application first, then those of the project; only what may be read (policy: case.read).

    Indexes: ix_case_project_id_item_code, ix_opinion_case_id.
    """
    same = Case.application_id == case.application_id
    others = db.session.scalars(
        select(Case).where(
            db.or_(same, Case.project_id == case.project_id) if case.project_id else same,
            Case.id != case.id, Case.state.not_in(("draft", "withdrawn", "not_accepted")),
        ).order_by(Case.id)
    ).all()
    others = sorted(
        (other for other in others if allows("case.read", other)),
        key=lambda other: (other.application_id != case.application_id, other.id),
    )
    written: dict[int, list[Opinion]] = {}
    ids = [other.id for other in others]
    for opinion in db.session.scalars(select(Opinion).where(Opinion.case_id.in_(ids)).order_by(Opinion.id)) if ids else ():
        written.setdefault(opinion.case_id, []).append(opinion)
    return [
        Beside(other, shown_case(other), due_of(other, today), written.get(other.id, []),
               other.application_id == case.application_id)
        for other in others
    ]


def _fact(fact: Any, known: dict[str, Person], outcomes: dict[tuple, str]) -> dict[str, Any]:
    """A fact of the case as an entry of the timeline macro."""
    who = known.get(fact.by) if fact.by else None
    look = "running" if fact.kind == "task" else LOOKS.get(outcomes.get((fact.at, fact.text), ""), "done")
    return {
        "what": pick(fact.title, fact.title_en), "at": fact.at, "who": who.name if who else "",
        "unit": who.unit if who else None, "opinion": fact.text if fact.kind in ("opinion", "closed") else "",
        "state": look, "predicted": False, "papers": [],
    }


def _history_of_process(task: Task) -> list[dict[str, Any]]:
    """What was done in a process without a case behind it: its tasks, newest first, with what was written.

    Index: ix_task_root_id.
    """
    tasks = db.session.scalars(
        select(Task).where(Task.root_id == task.root_id, Task.status != "cancelled").order_by(Task.created_at, Task.id)
    ).all()
    known = people(each.completed_by or each.assignee for each in tasks)
    return [
        {
            "what": each.name, "at": each.completed_at or each.created_at, "state": "done" if each.completed_at else "running",
            "who": getattr(known.get(each.completed_by or each.assignee), "name", ""),
            "unit": getattr(known.get(each.completed_by or each.assignee), "unit", None),
            "opinion": opinion_on(each) if each.completed_at else "", "papers": [], "predicted": False,
        }
        for each in reversed(tasks)
    ]


def opinion_on(task: Task) -> str:
    """The opinion on a task without a case stands in the task's chain of records."""
    said = [json.loads(entry.body)["detail"].get("text", "") for entry in entries(f"task:{task.id}")
            if entry.action == OPINION]
    return said[-1] if said else ""


OPINION = "opinion"


def outcome_word(outcome: str) -> str:
    return pick(*OUTCOMES[outcome]) if outcome in OUTCOMES else gettext("已办理")

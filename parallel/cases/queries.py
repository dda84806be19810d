"""What screens read of applications and cases."""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import ColumnElement, true

from engine.api import Task, db
from parallel.cases.actions.save_draft import fields_of
from parallel.cases.drawings import key_of
from parallel.cases.editing import Editable, editable
from parallel.cases.errors import TrackingNotFound
from parallel.cases.forms import Field
from parallel.cases.licences import licence_of
from parallel.cases.loading import application, case
from parallel.cases.models import Application, Case, Licence, Opinion
from parallel.cases.opinions import opinions_of
from parallel.cases.readiness import missing_prerequisites
from parallel.cases.review_points import open_points
from parallel.cases.states import CASE_ENDED, StateText, allows, text_of
from parallel.documents.actions import documents_of
from parallel.documents.models import Document
from parallel.materials.asked import AskedMaterial
from parallel.materials.models import MaterialUse
from parallel.materials.queries import asked_materials, materials_of_case
from parallel.paging import PER_PAGE, Page, page_of
from parallel.projects.models import Project
from parallel.time_limits.models import ClockPause
from parallel.time_limits.queries import Light, light_of, pauses_of

__all__ = [
    "ApplicationView", "CaseView", "PublicStep", "PublicTracking", "QueueEntry", "TimelineEntry", "application",
    "application_view", "applications_of_id_number", "case", "case_view", "cases_of_project", "editable",
    "my_applications", "public_tracking", "timeline", "window_queue",
]


def my_applications(account: str, *, project_id: int | None = None, states: Iterable[str] = (), page: int = 1,
                    per_page: int = PER_PAGE) -> Page:
    """An applicant's own, newest first (TRACK-1). Index: ix_application_applicant_created_at."""
    query = db.select(Application).where(Application.applicant == account)
    if project_id is not None:
        query = query.where(Application.project_id == project_id)
    if states := list(states):
        query = query.where(Application.state.in_(states))
    return page_of(query.order_by(Application.created_at.desc(), Application.id.desc()), page, per_page)


@dataclass(frozen=True)
class QueueEntry:
    """One line of the window's list."""

    application: Application
    project_name: str | None
    text: StateText


def window_queue(allowed: ColumnElement[bool] | None = None, *, states: Iterable[str] = ("submitted", "pre_accepted"),
                 search: str = "", page: int = 1, per_page: int = PER_PAGE) -> Page:
    """What waits at the window, longest first; rows are `QueueEntry`.

    Args:
        allowed: which applications this clerk may handle (ACCEPT-1), as `webapp.policy` says it in SQL.
        search: a number, an applicant's name, an ID number in full, or a project's name.

    Index: ix_application_state_submitted_at; the search looks through what is left of it.
    """
    query = db.select(Application).where(
        Application.state.in_(list(states)), Application.state != "draft", true() if allowed is None else allowed
    )
    for word in search.split():
        query = query.where(_matches(word))
    found = page_of(query.order_by(Application.submitted_at, Application.id), page, per_page)
    names = _project_names({row.project_id for row in found.rows} - {None})
    entries = [QueueEntry(row, names.get(row.project_id), text_of(row)) for row in found.rows]
    return Page(entries, found.total, found.page, found.per_page)


def _matches(word: str) -> ColumnElement[bool]:
    named = db.select(Project.id).where(Project.name.contains(word, autoescape=True))
    return db.or_(
        Application.number.startswith(word, autoescape=True),
        Application.applicant_name.contains(word, autoescape=True),
        Application.applicant_id_number == word,
        Application.project_id.in_(named),
    )


def _project_names(ids: set[int]) -> dict[int, str]:
    return dict(db.session.execute(db.select(Project.id, Project.name).where(Project.id.in_(ids))).all()) if ids else {}


def applications_of_id_number(id_number: str, allowed: ColumnElement[bool] | None = None) -> list[Application]:
    """刷身份证直接调出原件 (ACCEPT-9): what still runs of a person or organisation, newest first.

    Index: ix_application_applicant_id_number.
    """
    query = db.select(Application).where(
        Application.applicant_id_number == id_number,
        Application.state.in_(["submitted", "pre_accepted", "correcting", "accepted"]),
        true() if allowed is None else allowed,
    )
    return list(db.session.scalars(query.order_by(Application.submitted_at.desc(), Application.id.desc())))


def cases_of_project(project_id: int) -> list[Case]:
    """Every case that was filed for a project, by item. Index: ix_case_project_id_item_code."""
    query = db.select(Case).where(Case.project_id == project_id, Case.state != "draft")
    return list(db.session.scalars(query.order_by(Case.item_code, Case.id)))


# --- one application ------------------------------------------------------------------------------------

@dataclass(frozen=True)
class ApplicationView:
    """Everything the page of an application shows, to its applicant and to the window."""

    application: Application
    text: StateText
    project: Project | None
    cases: list[Case]
    materials: list[AskedMaterial]
    missing: list[AskedMaterial]  # required and not there; what is 可容缺 among them says so itself
    fields: list[Field]
    editable: Editable
    open_points: dict[str, list[str]]  # review points not ticked, by the material's name (ACCEPT-7)
    documents: list[Document]
    can_submit: bool
    can_withdraw: bool
    can_accept: bool  # the state allows it and every point is ticked and nothing required is missing


def application_view(found: Application) -> ApplicationView:
    materials = asked_materials(found)
    missing = [entry for entry in materials if entry.is_missing]
    points = open_points(found)
    complete = not [entry for entry in missing if not entry.tolerable]
    return ApplicationView(
        application=found, text=text_of(found),
        project=db.session.get(Project, found.project_id) if found.project_id else None,
        cases=list(found.cases), materials=materials, missing=missing, fields=fields_of(found),
        editable=editable(found), open_points=points, documents=documents_of(found),
        can_submit=allows(found, "submit") and complete, can_withdraw=_can_withdraw(found),
        can_accept=allows(found, "accept") and not points and complete,
    )


def _can_withdraw(found: Application) -> bool:
    running = any(case.state not in CASE_ENDED for case in found.cases)
    return allows(found, "withdraw") and (running or found.state == "draft")


# --- one case ---------------------------------------------------------------------------------------------

@dataclass(frozen=True)
class CaseView:
    """办理信息, 过程信息, 结果信息 of a case (TRACK-1)."""

    case: Case
    text: StateText
    light: Light | None  # the clock: colour, due date, days left
    waits_for: list[str]  # earlier results still missing
    steps: list[Task]
    opinions: list[Opinion]
    pauses: list[ClockPause]
    materials: list[MaterialUse]
    licence: Licence | None
    documents: list[Document]
    timeline: list[TimelineEntry]


def case_view(found: Case, today: date) -> CaseView:
    return CaseView(
        case=found, text=text_of(found), light=light_of(found, today),
        waits_for=missing_prerequisites(found) if found.state == "waiting" else [],
        steps=steps_of(found), opinions=opinions_of(found), pauses=pauses_of(found),
        materials=materials_of_case(found), licence=licence_of(found),
        documents=documents_of(found.application, found), timeline=timeline(found),
    )


def steps_of(found: Case) -> list[Task]:
    """The tasks of a case's own process, oldest first. Index: ix_task_business_key_status."""
    query = db.select(Task).where(Task.business_key == key_of(found)).order_by(Task.created_at, Task.id)
    return list(db.session.scalars(query.execution_options(populate_existing=True)))


@dataclass(frozen=True)
class TimelineEntry:
    """One fact: when, what, by whom, and what was said. `kind`: application, document, opinion, pause, task, licence,
    closed."""

    at: datetime
    kind: str
    title: str
    title_en: str
    by: str | None = None
    text: str = ""
    step: str | None = None
    until: datetime | None = None


_OUTCOMES = {
    "pass": ("审查通过", "Review passed"), "special": ("启动特别程序", "Special procedure began"),
    "special_ended": ("特别程序结束", "Special procedure ended"), "approve": ("决定：准予", "Decided: approved"),
    "refuse": ("决定：不予许可", "Decided: refused"), "issued": ("制证送达", "Result issued"),
}
_DOCUMENTS = {
    "acceptance": ("出具受理通知书", "Notice of acceptance"), "correction": ("出具补齐补正通知书", "Notice of correction"),
    "non_acceptance": ("出具不予受理通知书", "Notice of non-acceptance"), "decision": ("出具审批决定书", "Decision"),
}


def timeline(found: Case) -> list[TimelineEntry]:
    """The facts of a case in order: filing, papers, opinions, open steps, result, end."""
    filed = found.application
    entries = []
    if filed.submitted_at:
        entries.append(TimelineEntry(filed.submitted_at, "application", "提交申请", "Submitted", filed.applicant))
    if filed.pre_accepted_at:
        entries.append(TimelineEntry(filed.pre_accepted_at, "application", "预审通过", "Pre-accepted"))
    if found.accepted_at:
        entries.append(TimelineEntry(found.accepted_at, "clock", "开始审查，起算时限", "Review and clock began"))
    entries += [_document_entry(document) for document in documents_of(filed, found)]
    entries += [_opinion_entry(opinion) for opinion in opinions_of(found)]
    entries += [_task_entry(task) for task in steps_of(found) if task.status == "open"]
    if licence := licence_of(found):
        entries.append(TimelineEntry(
            licence.issued_at, "licence", f"《{licence.name}》", "Result", licence.issued_by, licence.number))
    if found.ended_at:
        text = text_of(found)
        entries.append(TimelineEntry(found.ended_at, "closed", text.zh, text.en, text=found.decision_reason or ""))
    return sorted(entries, key=lambda entry: entry.at)


def _document_entry(document: Document) -> TimelineEntry:
    zh, en = _DOCUMENTS[document.kind]
    return TimelineEntry(document.created_at, "document", zh, en, document.created_by, document.number)


def _opinion_entry(opinion: Opinion) -> TimelineEntry:
    zh, en = _OUTCOMES[opinion.outcome]
    return TimelineEntry(opinion.at, "opinion", zh, en, opinion.by, opinion.text, opinion.step)


def _task_entry(task: Task) -> TimelineEntry:
    return TimelineEntry(task.created_at, "task", f"待办：{task.name}", f"Open: {task.name}", task.assignee,
                         step=task.step, until=task.due_at)


# --- what anybody may see ---------------------------------------------------------------------------------

@dataclass(frozen=True)
class PublicStep:
    name: str
    state: str  # open, completed
    since: datetime
    until: datetime | None


@dataclass(frozen=True)
class PublicTracking:
    """State, step names and times; nothing personal (TRACK-2, 指南 C25)."""

    number: str
    state: str
    state_zh: str
    state_en: str
    submitted_at: datetime
    accepted_at: datetime | None
    promised_on: date | None
    ended_at: datetime | None
    steps: list[PublicStep] = field(default_factory=list)
    parts: list[PublicTracking] = field(default_factory=list)  # 子件


def public_tracking(number: str) -> PublicTracking:
    """What a number shows without signing in (TRACK-2).

    Indexes: uq_application_number, uq_case_number, ix_task_business_key_status.

    Raises:
        TrackingNotFound: the same for every number that leads nowhere.
    """
    number = number.strip()
    found = db.session.scalar(db.select(Application).where(Application.number == number))
    if found is not None:
        return _public_application(found)
    one = db.session.scalar(db.select(Case).where(Case.number == number))
    if one is None:
        raise TrackingNotFound
    return _public_case(one)


def _public_application(found: Application) -> PublicTracking:
    text = text_of(found)
    promised = [each.promised_on for each in found.cases if each.promised_on]
    return PublicTracking(
        number=found.number, state=found.state, state_zh=text.zh, state_en=text.en, submitted_at=found.submitted_at,
        accepted_at=found.accepted_at, promised_on=max(promised, default=None), ended_at=found.closed_at,
        steps=_public_steps(key_of(found)), parts=[_public_case(each) for each in found.cases],
    )


def _public_case(found: Case) -> PublicTracking:
    text = text_of(found)
    return PublicTracking(
        number=found.number, state=found.state, state_zh=text.zh, state_en=text.en,
        submitted_at=found.application.submitted_at, accepted_at=found.accepted_at, promised_on=found.promised_on,
        ended_at=found.ended_at, steps=_public_steps(key_of(found)),
    )


def _public_steps(business_key: str) -> list[PublicStep]:
    rows = db.session.execute(
        db.select(Task.name, Task.status, Task.created_at, Task.completed_at)
        .where(Task.business_key == business_key, Task.status != "cancelled").order_by(Task.created_at, Task.id)
    )
    return [PublicStep(*row) for row in rows]

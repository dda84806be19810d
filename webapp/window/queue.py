"""The window's queue: which applications wait for this clerk, in the order in which they came."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import lazy_gettext
from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from engine.api import Task, working_calendar
from engine.db import db
from parallel.cases.models import Application
from parallel.paging import PER_PAGE, Page
from parallel.projects.models import Project
from webapp.policy import handleable_applications
from webapp.principal import Principal

ACCEPT_STEP = "accept"


@dataclass(frozen=True)
class Tab:
    """`counted`: work that waits; the number stands beside the word. `newest_first`: what is done is looked up, not queued."""

    key: str
    label: Any
    condition: ColumnElement[bool]
    counted: bool = True
    newest_first: bool = False


_NEVER_CORRECTED = Application.correction_asked_at.is_(None)
TABS = (
    Tab("submitted", lazy_gettext("待预审"), and_(Application.state == "submitted", _NEVER_CORRECTED)),
    Tab("pre_accepted", lazy_gettext("预受理"), Application.state == "pre_accepted"),
    Tab("corrected", lazy_gettext("补正后"), and_(Application.state == "submitted", ~_NEVER_CORRECTED)),
    Tab("correcting", lazy_gettext("补正中"), Application.state == "correcting"),
    Tab("accepted", lazy_gettext("已受理"), Application.state.in_(("accepted", "closed")), False, True),
    Tab("refused", lazy_gettext("不予受理"), Application.state == "not_accepted", False, True),
)
WORK = ("submitted", "pre_accepted", "corrected")  # what the clerk can decide now


def tab_of(key: str | None) -> Tab:
    return next((tab for tab in TABS if tab.key == key), TABS[0])


def tab_for(application: Application) -> str:
    """The tab in which an application stands."""
    if application.state == "submitted" and application.correction_asked_at is not None:
        return "corrected"
    if application.state == "closed":
        return "accepted"
    return {"not_accepted": "refused"}.get(application.state, application.state)


@dataclass(frozen=True)
class QueueRow:
    """One line of the queue. `due_on` and `days_left` tell when the window must have answered."""

    application: Application
    project: Project | None
    due_on: date | None
    days_left: int | None

    @property
    def id(self) -> int:
        return self.application.id

    @property
    def items(self) -> list[Any]:
        return [case.item for case in self.application.cases]

    @property
    def due_state(self) -> str:
        if self.days_left is None:
            return "running"
        return "overdue" if self.days_left < 0 else "due_soon" if self.days_left <= 1 else "running"


def counts(principal: Principal) -> dict[str, int]:
    """How much stands in each tab, in one statement."""
    columns = [func.coalesce(func.sum(db.case((tab.condition, 1), else_=0)), 0).label(tab.key) for tab in TABS]
    open_states = Application.state.in_(("submitted", "pre_accepted", "correcting"))
    row = db.session.execute(select(*columns).where(handleable_applications(principal), open_states)).one()
    return {tab.key: row._mapping[tab.key] for tab in TABS if tab.counted}


def waiting_count(principal: Principal) -> int:
    """What the clerk can decide now; for the menu."""
    work = Application.state.in_(("submitted", "pre_accepted"))
    query = select(func.count()).select_from(Application).where(handleable_applications(principal), work)
    return db.session.scalar(query)


def queue_page(principal: Principal, tab: Tab, text: str, page: int, today: date) -> Page:
    """One page of a tab; a search looks through all tabs, since who stands at the window does not know in which."""
    conditions = [handleable_applications(principal), _found(text) if text else tab.condition]
    total = db.session.scalar(_joined(select(func.count()).select_from(Application)).where(*conditions))
    page = min(max(1, page), max(1, -(-total // PER_PAGE)))
    query = _joined(select(Application, Project)).where(*conditions).order_by(*_order(tab, bool(text)))
    rows = db.session.execute(query.limit(PER_PAGE).offset((page - 1) * PER_PAGE)).all()
    due = _due_dates([application for application, _ in rows])
    calendar = working_calendar()
    return Page([
        QueueRow(application, project, due.get(application.id),
                 calendar.between(today, due[application.id]) if application.id in due else None)
        for application, project in rows
    ], total, page, PER_PAGE)


def next_in_tab(principal: Principal, tab: Tab, after: Application) -> Application | None:
    """What to open when an application is done with: the one behind it in its tab, else the first of the tab, else
    the first of any tab that holds work. Index: ix_application_state_submitted_at."""
    mine = handleable_applications(principal)
    first = select(Application).where(mine, Application.id != after.id).order_by(*_order(tab, False)).limit(1)
    if not tab.newest_first:
        behind = or_(Application.submitted_at > after.submitted_at,
                     and_(Application.submitted_at == after.submitted_at, Application.id > after.id))
        found = db.session.scalar(first.where(tab.condition, behind))
        if found is not None:
            return found
    for condition in (tab.condition, *(other.condition for other in TABS if other.key in WORK)):
        found = db.session.scalar(first.where(condition, Application.state.in_(("submitted", "pre_accepted"))))
        if found is not None:
            return found
    return None


def exactly(principal: Principal, text: str) -> Application | None:
    """The one application that a full number, or the ID number of a card that was swiped, stands for (ACCEPT-9).

    Of several of one person the one that came back corrected wins, then the one being corrected.
    Indexes: uq_application_number, ix_application_applicant_id_number.
    """
    mine = handleable_applications(principal)
    found = db.session.scalar(select(Application).where(mine, Application.number == text))
    if found is not None:
        return found
    theirs = db.session.scalars(
        select(Application).where(mine, Application.applicant_id_number == text.upper(),
                                  Application.state.in_(("submitted", "pre_accepted", "correcting")))
    ).all()
    if len(theirs) == 1:
        return theirs[0]
    corrected = [each for each in theirs if each.correction_asked_at is not None]
    back = [each for each in corrected if each.state == "submitted"]
    return next((group[0] for group in (back, corrected) if len(group) == 1), None)


def _joined(query: Select) -> Select:
    return query.outerjoin(Project, Project.id == Application.project_id)


def _order(tab: Tab, searching: bool) -> tuple:
    if tab.newest_first or searching:
        return Application.submitted_at.desc(), Application.id.desc()
    return Application.submitted_at, Application.id


def _found(text: str) -> ColumnElement[bool]:
    """Every word is in the number, the applicant, the ID number, or the project's name, code or pinyin."""
    return and_(*(_has(word) for word in text.split()))


def _has(word: str) -> ColumnElement[bool]:
    return or_(
        Application.number.icontains(word, autoescape=True),
        Application.applicant_name.icontains(word, autoescape=True),
        Application.applicant_id_number == word.upper(),
        Project.search_text.contains(word.lower(), autoescape=True),
        Project.name.icontains(word, autoescape=True),
        Project.code.icontains(word, autoescape=True),
    )


def row_of(application: Application, today: date) -> QueueRow:
    """The line of one application: with the last day on which the window must have answered, while it has not."""
    due_on = _due_dates([application]).get(application.id)
    return QueueRow(application, None, due_on, working_calendar().between(today, due_on) if due_on else None)


def _due_dates(applications: list[Application]) -> dict[int, date]:
    """Index: ix_task_instance_id."""
    by_instance = {each.instance_id: each.id for each in applications if each.instance_id}
    if not by_instance:
        return {}
    tasks = db.session.scalars(
        select(Task).where(Task.instance_id.in_(by_instance), Task.step == ACCEPT_STEP, Task.status == "open")
    )
    return {by_instance[task.instance_id]: task.due_on for task in tasks if task.due_on is not None}

"""部门收件箱, the list: whose tasks, which of them, in which order. Never a row that its reader may not open."""
from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from flask_babel import lazy_gettext
from sqlalchemy import ColumnElement, Select, String, and_, cast, false, func, literal, or_, select

from engine.api import CHINA, Task, TaskCandidate, end_of, working_calendar
from engine.db import db
from parallel.cases.models import Application, Case
from parallel.cases.states import CASE_ENDED
from parallel.items.models import ServiceItem
from parallel.paging import PER_PAGE, Page
from parallel.projects.models import Project
from parallel.time_limits.arithmetic import Limit, yellow_from
from webapp.policy import handleable_applications, handleable_cases, tasks_asked_for
from webapp.principal import WINDOW_CLERK, Principal

NEIGHBOURS = 200
MINE, CLAIMABLE, DONE = "mine", "claimable", "done"
BOXES = {MINE: lazy_gettext("我的待办"), CLAIMABLE: lazy_gettext("可领取"), DONE: lazy_gettext("我已办")}
DUES = {"overdue": lazy_gettext("已超期"), "today": lazy_gettext("今天到期"), "week": lazy_gettext("本周到期")}
SORTS = {
    "due": lazy_gettext("先到期的在前"), "new": lazy_gettext("新到的在前"), "old": lazy_gettext("早到的在前"),
    "project": lazy_gettext("按项目"),
}
STEPS = {
    "review": lazy_gettext("审查"), "special": lazy_gettext("特别程序"), "decide": lazy_gettext("决定"),
    "issue": lazy_gettext("制证送达"), "other": lazy_gettext("其他环节"),
}
AT_THE_WINDOW = ("accept", "correct")  # steps of the window's page and of the applicant's


@dataclass(frozen=True)
class Filters:
    """What the reader asked for, as it stands in the address."""

    box: str = MINE
    step: str = ""
    item: str = ""
    project: int | None = None
    due: str = ""
    sort: str = "due"
    q: str = ""
    page: int = 1

    @classmethod
    def of(cls, arguments: Any, default_box: str = MINE) -> Filters:
        """What is not understood is left out."""
        def one_of(name: str, known: Any, otherwise: str) -> str:
            return arguments.get(name) if arguments.get(name) in known else otherwise

        return cls(
            box=one_of("box", BOXES, default_box), step=one_of("step", STEPS, ""), due=one_of("due", DUES, ""),
            sort=one_of("sort", SORTS, "due"), item=arguments.get("item", "")[:20],
            project=arguments.get("project", type=int), q=" ".join(arguments.get("q", "").split())[:100],
            page=max(1, arguments.get("page", 1, type=int) or 1),
        )

    def as_arguments(self, **changes: Any) -> dict[str, Any]:
        """For an address: only what is not the default, but always the box."""
        values = vars(replace(self, **changes))
        default = vars(Filters())
        return {name: value for name, value in values.items() if name == "box" or value != default[name]}

    @property
    def narrowed(self) -> bool:
        return bool(self.step or self.item or self.project or self.due or self.q)


@dataclass(frozen=True)
class Row:
    """One line: a task and what it is about."""

    task: Task
    case: Case | None
    project: Project | None
    due_on: date | None
    days_left: int | None
    due_state: str

    @property
    def id(self) -> str:
        return self.task.id

    @property
    def step(self) -> str:
        return self.task.step if self.task.step in STEPS else "other"

    @property
    def step_name(self) -> Any:
        """The word of a known step; a step of the department's own has the name that was drawn."""
        return STEPS[self.step] if self.step != "other" else self.task.name.partition(" · ")[0]


# --- whose --------------------------------------------------------------------------------------------

def _case_key() -> ColumnElement[str]:
    return literal("case:") + cast(Case.id, String)


def _application_key() -> ColumnElement[str]:
    return literal("application:") + cast(Application.id, String)


def _may_move(principal: Principal) -> ColumnElement[bool]:
    """What `task.act` says of the business behind a task, in SQL (webapp/policy.py)."""
    about_business = or_(Task.business_key.like("case:%"), Task.business_key.like("application:%"))
    cases = select(_case_key()).where(handleable_cases(principal), Case.state.not_in(CASE_ENDED))
    beside = select(literal("application:") + cast(Case.application_id, String)).where(handleable_cases(principal))
    allowed = [
        ~about_business, Task.business_key.in_(cases), Task.business_key.in_(beside), tasks_asked_for(principal),
    ]
    if principal.has(WINDOW_CLERK):
        handled = select(Application.id).where(handleable_applications(principal))
        allowed.append(Task.business_key.in_(select(_application_key()).where(Application.id.in_(handled))))
        allowed.append(Task.business_key.in_(select(_case_key()).where(Case.application_id.in_(handled))))
    return or_(*allowed)


def _of_box(principal: Principal, box: str) -> ColumnElement[bool]:
    """Indexes: ix_task_assignee_status_due_at, ix_task_candidate_group_name_task_id, ix_task_completed_by_completed_at."""
    here = or_(Task.step.is_(None), Task.step.not_in(AT_THE_WINDOW))
    if box == DONE:
        return and_(Task.completed_by == principal.account, Task.status == "completed", here)
    if box == MINE:
        return and_(Task.assignee == principal.account, Task.status == "open", here)
    groups = sorted(principal.groups)
    offered = select(TaskCandidate.task_id).where(TaskCandidate.group_name.in_(groups))
    return and_(Task.status == "open", Task.assignee.is_(None), Task.id.in_(offered), here, _may_move(principal))


# --- which --------------------------------------------------------------------------------------------

def _narrowing(filters: Filters, at: datetime) -> list[ColumnElement[bool]]:
    conditions = []
    if filters.step == "other":
        conditions.append(or_(Task.step.is_(None), Task.step.not_in([step for step in STEPS if step != "other"])))
    elif filters.step:
        conditions.append(Task.step == filters.step)
    if filters.item:
        conditions.append(Task.business_key.in_(select(_case_key()).where(Case.item_code == filters.item)))
    if filters.project is not None:
        conditions.append(Task.business_key.in_(select(_case_key()).where(Case.project_id == filters.project)))
    if filters.due:
        conditions.append(_due(filters.due, at))
    return conditions + [_has(word) for word in filters.q.split()]


def _due(due: str, at: datetime) -> ColumnElement[bool]:
    """A task is due at the end of its last day in China."""
    today = at.astimezone(CHINA).date()
    morning = datetime.combine(today, time(), CHINA)
    if due == "overdue":
        return Task.due_at < morning
    last = today if due == "today" else today + timedelta(days=6 - today.weekday())
    return Task.due_at.between(morning, end_of(last))


def _has(word: str) -> ColumnElement[bool]:
    about = (
        select(_case_key()).join(Application, Application.id == Case.application_id)
        .join(ServiceItem, ServiceItem.id == Case.item_id).outerjoin(Project, Project.id == Case.project_id)
        .where(or_(
            Case.number.icontains(word, autoescape=True), Application.applicant_name.icontains(word, autoescape=True),
            ServiceItem.search_text.contains(word.lower(), autoescape=True), Project.name.icontains(word, autoescape=True),
            Project.search_text.contains(word.lower(), autoescape=True),
        ))
    )
    return or_(Task.name.icontains(word, autoescape=True), Task.business_key.in_(about))


def _order(filters: Filters) -> tuple:
    if filters.box == DONE:
        return Task.completed_at.desc(), Task.id
    by_due = (Task.due_at.is_(None), Task.due_at, Task.created_at, Task.id)
    if filters.sort == "new":
        return Task.created_at.desc(), Task.id
    if filters.sort == "old":
        return Task.created_at, Task.id
    if filters.sort == "project":
        project = select(Case.project_id).where(_case_key() == Task.business_key).correlate(Task).scalar_subquery()
        return project, *by_due
    return by_due


def _query(principal: Principal, filters: Filters, at: datetime) -> Select[tuple[Task]]:
    return select(Task).where(_of_box(principal, filters.box), *_narrowing(filters, at))


# --- read ---------------------------------------------------------------------------------------------

def listing(principal: Principal, filters: Filters, at: datetime) -> Page:
    query = _query(principal, filters, at)
    total = db.session.scalar(select(func.count()).select_from(query.subquery()))
    page = min(filters.page, max(1, -(-total // PER_PAGE)))
    tasks = db.session.scalars(query.order_by(*_order(filters)).limit(PER_PAGE).offset((page - 1) * PER_PAGE)).all()
    return Page(rows_of(list(tasks), at), total, page, PER_PAGE)


def order_of(principal: Principal, filters: Filters, at: datetime) -> list[str]:
    """The ids of the list in its order, from its head; for what comes next."""
    ids = _query(principal, filters, at).with_only_columns(Task.id).order_by(*_order(filters))
    return list(db.session.scalars(ids.limit(NEIGHBOURS)))


def counts(principal: Principal) -> dict[str, int]:
    """How much is in the two boxes of open work."""
    return {box: _count(_of_box(principal, box)) for box in (MINE, CLAIMABLE)}


def open_count(principal: Principal) -> int:
    """For the menu."""
    return sum(counts(principal).values())


def due_counts(principal: Principal, at: datetime) -> dict[str, int]:
    """Of all open work of this person: how much is overdue, due today, due this week."""
    theirs = or_(_of_box(principal, MINE), _of_box(principal, CLAIMABLE))
    return {due: _count(and_(theirs, _due(due, at))) for due in DUES}


def _count(condition: ColumnElement[bool]) -> int:
    return db.session.scalar(select(func.count()).select_from(Task).where(condition))


@dataclass(frozen=True)
class Choices:
    """What may be chosen in the filters: only what is there."""

    items: list[tuple[str, Any]]
    projects: list[tuple[int, str]]


def choices(principal: Principal, filters: Filters, pick: Any) -> Choices:
    keys = select(Task.business_key).where(_of_box(principal, filters.box))
    within = _case_key().in_(keys)
    items = db.session.execute(
        select(ServiceItem.code, func.max(ServiceItem.name), func.max(ServiceItem.name_en))
        .join(Case, Case.item_id == ServiceItem.id).where(within).group_by(ServiceItem.code).order_by(ServiceItem.code)
    )
    projects = db.session.execute(
        select(Project.id, Project.name).join(Case, Case.project_id == Project.id).where(within).distinct()
        .order_by(Project.name)
    )
    return Choices([(code, pick(name, name_en)) for code, name, name_en in items], [tuple(row) for row in projects])


def rows_of(tasks: list[Task], at: datetime) -> list[Row]:
    """Tasks with the cases behind them: two more statements, however many."""
    numbers = {task.id: _number(task.business_key, "case") for task in tasks}
    wanted = set(numbers.values()) - {None}
    cases = {case.id: case for case in db.session.scalars(select(Case).where(Case.id.in_(wanted)) if wanted else
                                                           select(Case).where(false()))}
    projects = {case.project_id for case in cases.values()} - {None}
    names = {row.id: row for row in db.session.scalars(select(Project).where(Project.id.in_(projects)))} if projects else {}
    today, calendar = at.astimezone(CHINA).date(), working_calendar()
    rows = []
    for task in tasks:
        case = cases.get(numbers[task.id])
        left = calendar.between(today, task.due_on) if task.due_on else None
        rows.append(Row(task, case, names.get(case.project_id) if case else None, task.due_on, left,
                        due_state(task, case, left)))
    return rows


def due_state(task: Task, case: Case | None, left: int | None) -> str:
    if task.status != "open":
        return "overdue" if task.due_at and task.completed_at and task.completed_at > task.due_at else "done"
    if case is not None and case.state == "suspended":
        return "suspended"
    if left is None:
        return "running"
    if left < 0:
        return "overdue"
    days = case.item.promised_days if case is not None else None
    near = yellow_from(Limit(days, case.item.promised_unit)) if days else 1
    return "due_soon" if left <= near else "running"


def _number(business_key: str, kind: str) -> int | None:
    prefix, _, number = business_key.partition(":")
    return int(number) if prefix == kind and number.isdecimal() and len(number) < 19 else None

"""What the monitor's lists and numbers read: lights told in SQL, so that filters and sorting work on all rows."""
from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import aliased, lazyload

from engine.api import Task, db, working_calendar
from parallel.cases.drawings import key_of
from parallel.cases.models import Application, Case
from parallel.cases.states import CASE_ENDED, text_of
from parallel.items.models import Department, Division, ServiceItem
from parallel.paging import Page
from parallel.projects.models import Project, Stage
from parallel.time_limits.models import TimeLimit
from parallel.time_limits.queries import china_date
from webapp.diagrams.board import is_english
from webapp.diagrams.facts import CASE_OPEN, WITHOUT_LISTS, Names, names_of
from webapp.policy import visible_cases, visible_projects
from webapp.principal import Principal

RED, YELLOW, SUSPENDED, GREEN, NO_CLOCK = "red", "yellow", "suspended", "green", "none"
LIGHTS = (RED, YELLOW, SUSPENDED, GREEN, NO_CLOCK)  # the worst first
RANK = {light: len(LIGHTS) - 1 - position for position, light in enumerate(LIGHTS)}
LIGHT_OF_RANK = {rank: light for light, rank in RANK.items()}
STATES_OF_LIGHT = {RED: "overdue", YELLOW: "due_soon", SUSPENDED: "suspended", GREEN: "running", NO_CLOCK: "not_started"}
NEAR_AT_MOST = 20  # a fifth of a limit of a hundred days; longer limits turn yellow here

_promised, _legal = aliased(TimeLimit), aliased(TimeLimit)


def light_rank(today: date) -> ColumnElement[int]:
    """The light of an open case as a number, the worst the highest; for statements joined by `with_clocks`.

    As `time_limits.arithmetic.standing`: red after the last day of either clock, yellow when a fifth of the limit
    or less is left; a clock that stands is neither.
    """
    due, state = func.coalesce(_promised.due_on, _legal.due_on), func.coalesce(_promised.state, _legal.state)
    days, unit = func.coalesce(_promised.days, _legal.days), func.coalesce(_promised.unit, _legal.unit)
    return case(
        (or_(due.is_(None), Case.state.not_in(CASE_OPEN)), RANK[NO_CLOCK]),
        (state == "paused", RANK[SUSPENDED]),
        (or_(due < today, _legal.due_on < today), RANK[RED]),
        (due <= case((unit == "ND", _near(days, today, _calendar_day)), else_=_near(days, today, _working_day)), RANK[YELLOW]),
        else_=RANK[GREEN],
    )


def _near(days: Any, today: date, after: Any) -> ColumnElement[date]:
    fifth = (days + 4) // 5
    return case(*((fifth <= number, after(today, number)) for number in range(1, NEAR_AT_MOST)),
                else_=after(today, NEAR_AT_MOST))


def _working_day(today: date, number: int) -> date:
    return working_calendar().add(today, number)


def _calendar_day(today: date, number: int) -> date:
    return today + timedelta(days=number)


def with_clocks(statement: Select) -> Select:
    """Index: uq_time_limit_case_id_kind."""
    return statement.outerjoin(_promised, and_(_promised.case_id == Case.id, _promised.kind == "promised")).outerjoin(
        _legal, and_(_legal.case_id == Case.id, _legal.kind == "statutory")
    )


def due_column() -> ColumnElement[date]:
    return func.coalesce(_promised.due_on, _legal.due_on)


# --- projects ---------------------------------------------------------------------------------------

@dataclass(frozen=True)
class ProjectFilter:
    q: str = ""
    stage: int | None = None
    state: str = ""  # running, quiet, done
    light: str = ""
    department: str = ""
    division: str = ""
    sort: str = ""


@dataclass
class ProjectRow:
    """One project in the list. `days`: working days since its first application was accepted."""

    project: Project
    open_cases: int
    cases: int
    light: str
    due_on: date | None
    days_left: int | None
    days: int | None

    @property
    def id(self) -> int:
        return self.project.id


def _sums(today: date) -> Any:
    """Per project: cases, open ones, the worst light and the next day something is due."""
    is_open = Case.state.in_(CASE_OPEN)
    statement = with_clocks(
        select(
            Case.project_id.label("project_id"), func.count(Case.id).label("cases"),
            func.sum(case((is_open, 1), else_=0)).label("open_cases"), func.max(light_rank(today)).label("rank"),
            func.min(case((and_(is_open, func.coalesce(_promised.state, _legal.state) == "running"), due_column()))).label("due_on"),
        ).select_from(Case)
    ).where(Case.project_id.is_not(None), Case.state != "draft").group_by(Case.project_id)
    return statement.subquery()


def project_rows(principal: Principal, wanted: ProjectFilter, today: date, page: int, per_page: int) -> Page:
    sums = _sums(today)
    rank, open_cases = func.coalesce(sums.c.rank, 0), func.coalesce(sums.c.open_cases, 0)
    found = select(Project, sums).outerjoin(sums, sums.c.project_id == Project.id).where(
        visible_projects(principal), *_project_conditions(wanted, rank, open_cases)
    )
    total = db.session.scalar(select(func.count()).select_from(found.with_only_columns(Project.id).subquery()))
    columns = {
        "code": Project.code, "name": Project.search_text, "open": open_cases, "light": rank,
        "due": func.coalesce(sums.c.due_on, date.max), "created": Project.created_at,
    }
    order = columns.get(wanted.sort.lstrip("-"))
    if order is None:
        ordered = found.order_by(rank.desc(), columns["due"], Project.id)
    else:
        ordered = found.order_by(order.desc() if wanted.sort.startswith("-") else order, Project.id)
    page = min(max(1, page), max(1, -(-total // per_page)))
    records = db.session.execute(ordered.limit(per_page).offset((page - 1) * per_page)).all()
    began = _began([record.Project.id for record in records])
    calendar = working_calendar()
    rows = [
        ProjectRow(
            record.Project, record.open_cases or 0, record.cases or 0, LIGHT_OF_RANK[record.rank or 0], record.due_on,
            calendar.between(today, record.due_on) if record.due_on else None,
            calendar.between(began[record.Project.id], today) if record.Project.id in began else None,
        )
        for record in records
    ]
    return Page(rows, total, page, per_page)


def _project_conditions(wanted: ProjectFilter, rank: Any, open_cases: Any) -> list[ColumnElement[bool]]:
    conditions = [Project.search_text.contains(word, autoescape=True) for word in wanted.q.lower().split()]
    if wanted.stage:
        conditions.append(Project.stages.any(and_(Stage.number == wanted.stage, Stage.state == "open")))
    if wanted.state == "running":
        conditions.append(open_cases > 0)
    elif wanted.state == "done":
        conditions.append(~Project.stages.any(and_(Stage.number < 5, Stage.state != "closed")))
    elif wanted.state == "quiet":
        conditions += [open_cases == 0, Project.stages.any(and_(Stage.number < 5, Stage.state != "closed"))]
    if wanted.light in RANK:
        conditions.append(rank == RANK[wanted.light])
    if wanted.department:
        conditions.append(Project.id.in_(
            select(Case.project_id).where(Case.department_code == wanted.department, Case.state.in_(CASE_OPEN))
        ))
    if wanted.division:
        conditions.append(Project.division_code.startswith(_shared_digits(wanted.division), autoescape=True))
    return conditions


def _shared_digits(division: str) -> str:
    while division.endswith("00") and len(division) > 2:
        division = division[:-2]
    return division


def _began(project_ids: list[int]) -> dict[int, date]:
    if not project_ids:
        return {}
    rows = db.session.execute(
        select(Application.project_id, func.min(Application.accepted_at))
        .where(Application.project_id.in_(project_ids), Application.accepted_at.is_not(None))
        .group_by(Application.project_id)
    )
    return {project_id: china_date(moment) for project_id, moment in rows}


# --- cases ------------------------------------------------------------------------------------------

@dataclass(frozen=True)
class CaseFilter:
    q: str = ""
    stage: int | None = None
    state: str = ""  # open (the default), ended, or one of the case's states
    light: str = ""
    department: str = ""
    division: str = ""
    sort: str = ""


@dataclass
class CaseRow:
    case: Case
    project: Project | None
    light: str
    shown: str
    word: str
    due_on: date | None
    days_left: int | None
    who: str | None

    @property
    def id(self) -> int:
        return self.case.id


CASE_SHOWN = {
    "submitted": "ready", "waiting": "not_started", "accepted": "running", "in_review": "running", "decided": "running",
    "suspended": "suspended", "approved": "agreed", "refused": "refused", "not_accepted": "refused",
    "withdrawn": "cancelled", "terminated": "cancelled",
}


def case_shown(found: Case, light: str) -> str:
    """The state of the look: what runs is late before it is running."""
    shown = CASE_SHOWN.get(found.state, "running")
    return STATES_OF_LIGHT[light] if shown == "running" and light in (RED, YELLOW) else shown


def case_word(found: Case) -> str:
    text = text_of(found)
    return text.en if is_english() else text.zh


def case_rows(principal: Principal, wanted: CaseFilter, today: date, page: int, per_page: int) -> Page:
    rank = light_rank(today)
    found = with_clocks(
        select(Case, Project, rank.label("rank"), due_column().label("due_on"))
        .join(Case.item).join(Application, Application.id == Case.application_id)
        .outerjoin(Project, Project.id == Case.project_id)
    ).where(Case.state != "draft", visible_cases(principal), *_case_conditions(wanted, rank))
    total = db.session.scalar(select(func.count()).select_from(found.with_only_columns(Case.id).subquery()))
    columns = {
        "number": Case.number, "item": ServiceItem.search_text, "light": rank, "due": func.coalesce(due_column(), date.max),
        "department": Case.department_code,
    }
    order = columns.get(wanted.sort.lstrip("-"))
    if order is None:
        ordered = found.order_by(rank.desc(), columns["due"], Case.id)
    else:
        ordered = found.order_by(order.desc() if wanted.sort.startswith("-") else order, Case.id)
    page = min(max(1, page), max(1, -(-total // per_page)))
    records = db.session.execute(
        ordered.options(*WITHOUT_LISTS, lazyload(Project.stages)).limit(per_page).offset((page - 1) * per_page)
    ).all()
    who = holders([record.Case for record in records])
    return Page([_case_row(record, who, today) for record in records], total, page, per_page)


def _case_row(record: Any, who: dict[int, str], today: date) -> CaseRow:
    found, light = record.Case, LIGHT_OF_RANK[record.rank]
    is_open = found.state not in CASE_ENDED
    return CaseRow(
        found, record.Project, light if is_open else NO_CLOCK, case_shown(found, light), case_word(found),
        record.due_on if is_open else None,
        working_calendar().between(today, record.due_on) if record.due_on and is_open else None, who.get(found.id),
    )


def _case_conditions(wanted: CaseFilter, rank: Any) -> list[ColumnElement[bool]]:
    conditions = [
        or_(Case.number.contains(word, autoescape=True), ServiceItem.search_text.contains(word, autoescape=True),
            Project.search_text.contains(word, autoescape=True), Application.applicant_name.contains(word, autoescape=True))
        for word in wanted.q.lower().split()
    ]
    if wanted.state in ("", "open"):
        conditions.append(Case.state.in_(CASE_OPEN))
    elif wanted.state == "ended":
        conditions.append(Case.state.in_(CASE_ENDED))
    elif wanted.state != "all":
        conditions.append(Case.state == wanted.state)
    if wanted.stage:
        conditions.append(ServiceItem.stage == wanted.stage)
    if wanted.light in RANK:
        conditions.append(rank == RANK[wanted.light])
    if wanted.department:
        conditions.append(Case.department_code == wanted.department)
    if wanted.division:
        conditions.append(Application.division_code.startswith(_shared_digits(wanted.division), autoescape=True))
    return conditions


def holders(cases: list[Case]) -> dict[int, str]:
    """Case id → who has its open tasks in hand. Index: ix_task_business_key_status."""
    keys = {key_of(found): found.id for found in cases}
    tasks = db.session.execute(
        select(Task.business_key, Task.assignee).where(Task.business_key.in_(keys), Task.status == "open", Task.assignee.is_not(None))
    ).all() if keys else []
    names: Names = names_of({task.assignee for task in tasks})
    found: dict[int, list[str]] = defaultdict(list)
    for task in tasks:
        name, _ = names.people.get(task.assignee, (task.assignee, None))
        found[keys[task.business_key]].append(name)
    return {case_id: "、".join(dict.fromkeys(people)) for case_id, people in found.items()}


# --- numbers ----------------------------------------------------------------------------------------

@dataclass
class Bar:
    """One row of a chart: how many open cases of each light."""

    key: str
    label: str
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(LIGHTS, 0))

    @property
    def total(self) -> int:
        return sum(self.counts.values())


@dataclass
class Overview:
    by_department: list[Bar]
    by_stage: list[Bar]
    totals: dict[str, int]
    projects: int
    running_projects: int

    @property
    def open_cases(self) -> int:
        return sum(self.totals.values())


def overview(principal: Principal, today: date, stage_names: dict[int, str], department_names: dict[str, str]) -> Overview:
    """Counts of open cases by light, department and stage: three statements."""
    rank = light_rank(today)
    counted = with_clocks(
        select(Case.department_code, ServiceItem.stage, rank.label("rank"), func.count().label("number"))
        .select_from(Case).join(Case.item)
    ).where(Case.state.in_(CASE_OPEN), visible_cases(principal)).group_by(Case.department_code, ServiceItem.stage, rank)
    departments: dict[str, Bar] = {}
    stages = {str(number): Bar(str(number), name) for number, name in stage_names.items()}
    totals = dict.fromkeys(LIGHTS, 0)
    for code, stage, worst, number in db.session.execute(counted):
        light = LIGHT_OF_RANK[worst]
        totals[light] += number
        departments.setdefault(code, Bar(code, department_names.get(code, code))).counts[light] += number
        stages.setdefault(str(stage), Bar(str(stage), str(stage))).counts[light] += number
    visible = visible_projects(principal)
    running = select(Case.project_id).where(Case.state.in_(CASE_OPEN), Case.project_id.is_not(None))
    return Overview(
        sorted(departments.values(), key=lambda bar: (-bar.counts[RED], -bar.counts[YELLOW], -bar.total, bar.key)),
        list(stages.values()), totals,
        db.session.scalar(select(func.count()).select_from(Project).where(visible)),
        db.session.scalar(select(func.count()).select_from(Project).where(visible, Project.id.in_(running))),
    )


def division_choices(principal: Principal) -> list[tuple[str, str]]:
    """The divisions that have projects this person may see."""
    codes = select(Project.division_code).where(visible_projects(principal)).distinct()
    rows = db.session.execute(select(Division.code, Division.name).where(Division.code.in_(codes)).order_by(Division.code))
    return [(code, name) for code, name in rows]


def department_choices() -> list[Department]:
    """Departments with cases, as far as any were ever filed."""
    with_cases = select(Case.department_code).where(Case.state != "draft").distinct()
    return list(db.session.scalars(select(Department).where(Department.code.in_(with_cases)).order_by(Department.code)))

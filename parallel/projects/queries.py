"""What screens read of projects, and what actions ask about prerequisites and stages."""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from engine.api import db, working_calendar
from parallel.cases.models import Case
from parallel.items.models import Department, ServiceItem
from parallel.items.queries import current_item, current_items
from parallel.paging import PER_PAGE, Page, page_of
from parallel.projects.applicability import holds
from parallel.projects.errors import ProjectNotFound, StageNotFound
from parallel.projects.models import Project, Stage
from parallel.projects.notice import Notice, project_notice
from parallel.projects.plan import Plan, make_plan
from parallel.projects.templates import ANY_DONE

APPROVED, WAITING = "approved", "waiting"
NOT_FILED = "not_filed"  # the state of an item that has no case
_SUPERSEDED = ("not_accepted", "refused", "terminated", "withdrawn")  # a later case may take their place


def project(project_id: int) -> Project:
    """Raises ProjectNotFound."""
    found = db.session.get(Project, project_id)
    if found is None:
        raise ProjectNotFound
    return found


def project_by_code(code: str) -> Project | None:
    return db.session.scalar(db.select(Project).where(Project.code == code.strip().upper()))


def stage_of(project: Project, number: int) -> Stage:
    """Raises StageNotFound."""
    for stage in project.stages:
        if stage.number == number:
            return stage
    raise StageNotFound


def search_projects(text: str = "", owner: str | None = None, divisions: Iterable[str] | None = None,
                    page: int = 1, per_page: int = PER_PAGE) -> Page:
    """Projects by text (name, code, organisation, pinyin), newest first.

    An owner's list is served by `ix_project_owner_created_at`.
    """
    conditions = [Project.search_text.contains(word, autoescape=True) for word in text.lower().split()]
    if owner is not None:
        conditions.append(Project.owner == owner)
    if divisions is not None:
        conditions.append(Project.division_code.in_(list(divisions)))
    query = db.select(Project).where(*conditions).order_by(Project.created_at.desc(), Project.id.desc())
    return page_of(query, page, per_page)


def project_plan(project: Project, start_on: date | None = None) -> Plan:
    """The plan of a project by the catalogue of today, dated when a first day is given."""
    calendar = working_calendar() if start_on is not None else None
    return make_plan(current_items(), project.attributes, start_on, calendar)


def notice_of(project: Project) -> Notice:
    """The one-form notice of a project (PARALLEL-INV-2)."""
    return project_notice(current_items(), project.attributes)


# --- prerequisites ------------------------------------------------------------------------------------

@dataclass(frozen=True)
class Missing:
    """A prerequisite group of which no applicable item is approved yet. One of `any_of` is enough."""

    group_no: int
    need: str  # the paper that is missing, such as 规划条件
    any_of: tuple[str, ...]
    names: tuple[str, ...]  # of the items

    def __str__(self) -> str:
        items = "或".join(f"“{name}”" for name in self.names)
        return f"{self.need}（须先办结{items}）" if self.need else f"须先办结{items}"


def missing_results(project: Project, item: ServiceItem | str) -> list[Missing]:
    """What an item of a project still waits for; an empty list when all its prerequisites are met.

    A member that does not apply to the project, and a group whose condition is false, are skipped.
    """
    item = current_item(item) if isinstance(item, str) else item
    applicable = _applicable(project, {row.item_code for row in item.prerequisites})
    return _missing(item, project, applicable, approved_items(project))


def waiting_cases_ready(project: Project) -> list[Case]:
    """Cases of a project that wait for earlier results and need not any more. Index: ix_case_project_id_item_code."""
    cases = list(db.session.scalars(
        db.select(Case).where(Case.project_id == project.id, Case.state == WAITING).order_by(Case.id)
    ))
    if not cases:
        return []
    applicable = _applicable(project, {row.item_code for case in cases for row in case.item.prerequisites})
    approved = approved_items(project)
    return [case for case in cases if not _missing(case.item, project, applicable, approved)]


def approved_items(project: Project) -> set[str]:
    """Codes of the items that are 办结(通过) for a project. Index: ix_case_project_id_item_code."""
    query = db.select(Case.item_code).where(Case.project_id == project.id, Case.state == APPROVED)
    return set(db.session.scalars(query))


def _missing(item: ServiceItem, project: Project, applicable: Mapping[str, str],
             approved: set[str]) -> list[Missing]:
    groups: dict[int, list] = {}
    for row in item.prerequisites:
        if row.item_code in applicable and holds(row.condition, project.attributes):
            groups.setdefault(row.group_no, []).append(row)
    return [
        Missing(number, rows[0].need, tuple(row.item_code for row in rows),
                tuple(applicable[row.item_code] for row in rows))
        for number, rows in groups.items() if not any(row.item_code in approved for row in rows)
    ]


def _applicable(project: Project, codes: Iterable[str] | None = None, stage: int | None = None) -> dict[str, str]:
    """Published items that apply to a project, among some codes or of one stage: code → name."""
    query = db.select(ServiceItem.code, ServiceItem.name, ServiceItem.applicability).where(
        ServiceItem.is_current, ServiceItem.status == "published"
    )
    if codes is not None:
        query = query.where(ServiceItem.code.in_(list(codes)))
    if stage is not None:
        query = query.where(ServiceItem.stage == stage)
    rows = db.session.execute(query)
    return {code: name for code, name, expression in rows if holds(expression, project.attributes)}


# --- stages ----------------------------------------------------------------------------------------------

@dataclass(frozen=True)
class Milestone:
    """How far a stage is from its end: which items decide it, and which of them are approved."""

    items: frozenset[str]
    approved: frozenset[str]
    any_one: bool

    @property
    def met(self) -> bool:
        """里程碑类型: 1 全部办结, 2 任一办结. A stage that no item applies to has nothing to wait for."""
        if not self.items:
            return True
        return bool(self.approved) if self.any_one else self.items == self.approved


def milestone_of(project: Project, stage: Stage) -> Milestone:
    """The milestone items of a stage that apply; where none does, all items of the stage that apply."""
    applicable = set(_applicable(project, stage.milestone_items)) if stage.milestone_items else set()
    chosen_by_rule = bool(applicable)
    items = applicable or set(_applicable(project, stage=stage.number))
    approved = items & approved_items(project)
    return Milestone(frozenset(items), frozenset(approved), chosen_by_rule and stage.milestone_type == ANY_DONE)


@dataclass(frozen=True)
class StageItem:
    """One applicable item in the overview: its state is its case's, or `not_filed`."""

    item: ServiceItem
    state: str
    case: Case | None
    department: Department
    due_on: date | None
    is_milestone: bool
    waits_for: list[Missing]


@dataclass(frozen=True)
class StageView:
    """One stage in the strip."""

    stage: Stage
    items: list[StageItem]

    @property
    def done(self) -> int:
        return sum(entry.state == APPROVED for entry in self.items)


@dataclass(frozen=True)
class ProjectOverview:
    """What the project page shows: the strip of stages with every applicable item."""

    project: Project
    stages: list[StageView] = field(default_factory=list)

    @property
    def done(self) -> int:
        return sum(view.done for view in self.stages)

    @property
    def total(self) -> int:
        return sum(len(view.items) for view in self.stages)

    @property
    def current_stage(self) -> Stage | None:
        """The first stage of the main line that is open."""
        return next((view.stage for view in self.stages if view.stage.state == "open"), None)


def project_overview(project: Project) -> ProjectOverview:
    """Every stage with its applicable items: state, department, case, due date. Five queries, however many items."""
    items = [item for item in current_items() if holds(item.applicability, project.attributes)]
    applicable, approved = {item.code: item.name for item in items}, approved_items(project)
    cases = latest_cases(project)
    stages = []
    for stage in project.stages:
        milestones = [code for code in stage.milestone_items if code in applicable]
        rows = [
            _stage_item(item, cases.get(item.code), item.code in milestones, project, applicable, approved)
            for item in items if item.stage == stage.number
        ]
        stages.append(StageView(stage, rows))
    return ProjectOverview(project, stages)


def _stage_item(item: ServiceItem, case: Case | None, is_milestone: bool, project: Project,
                applicable: Mapping[str, str], approved: set[str]) -> StageItem:
    open_case = case is not None and case.ended_at is None
    return StageItem(
        item=item, state=case.state if case else NOT_FILED, case=case,
        department=case.item.department if case else item.department,
        due_on=(case.promised_on or case.legal_on) if open_case else None, is_milestone=is_milestone,
        waits_for=[] if item.code in approved else _missing(item, project, applicable, approved),
    )


def latest_cases(project: Project) -> dict[str, Case]:
    """The case that stands for each item: the newest that is not refused or withdrawn, else the newest."""
    rows = db.session.scalars(db.select(Case).where(Case.project_id == project.id).order_by(Case.id))
    found: dict[str, Case] = {}
    for case in rows:
        earlier = found.get(case.item_code)
        if earlier is None or case.state not in _SUPERSEDED or earlier.state in _SUPERSEDED:
            found[case.item_code] = case
    return found

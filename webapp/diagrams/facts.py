"""Everything a diagram is coloured by, read in one pass: the number of statements does not grow with the diagram."""
from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import lazyload

from engine.api import Picture, ProcessInstance, Task, db, picture
from parallel.cases.drawings import subject_id
from parallel.cases.models import Application, Case, Opinion
from parallel.items.models import Department, Prerequisite, ServiceItem
from parallel.projects.applicability import holds
from parallel.projects.models import Project
from webapp.diagrams.clocks import CaseClock, clocks_at
from webapp.identity.models import Account

CASE_OPEN = ("submitted", "waiting", "accepted", "in_review", "suspended", "decided")
# A case is read with its item; what the item asks for is read apart, for all at once.
WITHOUT_LISTS = (lazyload(Case.item, ServiceItem.requirements), lazyload(Case.item, ServiceItem.prerequisites))


@dataclass
class Facts:
    """What is known of one instance and of the cases on its drawing, at a moment."""

    at: datetime
    picture: Picture
    application: Application | None = None
    project: Project | None = None
    cases: dict[int, Case] = field(default_factory=dict)
    clocks: dict[int, CaseClock] = field(default_factory=dict)
    tasks: dict[str, list[Task]] = field(default_factory=dict)  # instance → its tasks
    opinions: dict[str, Opinion] = field(default_factory=dict)  # task → what was written at it
    missing: dict[int, list[Need]] = field(default_factory=dict)
    names: Names = field(default_factory=lambda: Names({}, {}))

    def case_of(self, instance: ProcessInstance) -> Case | None:
        return self.cases.get(subject_id(instance.business_key, "case"))


@dataclass(frozen=True)
class Need:
    """One group of earlier results that a case waits for: any one of these will do."""

    any_of: tuple[ServiceItemName, ...]


@dataclass(frozen=True)
class ServiceItemName:
    code: str
    name: str
    name_en: str


@dataclass
class Names:
    """People and departments, read once."""

    people: dict[str, tuple[str, str | None]]  # account → (name, department)
    departments: dict[str, Department]


def read_facts(instance_id: str, at: datetime) -> Facts:
    """Raises NotFound."""
    shown = picture(instance_id)
    instance = shown.instance
    facts = Facts(at=at, picture=shown)
    facts.application, case = _subject(instance.business_key)
    children = [child for state in shown.elements.values() for child in state.children]
    ids = {subject_id(each.business_key, "case") for each in [instance, *children]} - {None}
    if facts.application is not None and case is None:
        ids |= {each.id for each in facts.application.cases}
    facts.cases = cases_by_id(ids)
    facts.clocks = clocks_at(facts.cases.keys(), at)
    for task in db.session.scalars(
        select(Task).where(Task.root_id == instance.root_id).options(lazyload(Task.candidates)).order_by(Task.created_at)
    ):
        facts.tasks.setdefault(task.instance_id, []).append(task)
    if facts.cases:
        written = select(Opinion).where(Opinion.case_id.in_(facts.cases.keys())).order_by(Opinion.id)
        facts.opinions = {opinion.task_id: opinion for opinion in db.session.scalars(written)}
    if facts.application is not None and facts.application.project_id is not None:
        facts.project = db.session.get(Project, facts.application.project_id, options=[lazyload(Project.stages)])
    facts.missing = missing_prerequisites(
        [each for each in facts.cases.values() if each.state in ("submitted", "waiting", "accepted")], facts.project
    )
    facts.names = names_of(_accounts(facts))
    return facts


def _subject(business_key: str) -> tuple[Application | None, Case | None]:
    number = subject_id(business_key, "application")
    if number is not None:
        return db.session.get(Application, number), None
    number = subject_id(business_key, "case")
    case = db.session.get(Case, number) if number is not None else None
    return (case.application, case) if case is not None else (None, None)


def cases_by_id(ids: Collection[int]) -> dict[int, Case]:
    if not ids:
        return {}
    query = select(Case).where(Case.id.in_(ids)).order_by(Case.id).options(*WITHOUT_LISTS)
    return {case.id: case for case in db.session.scalars(query)}


def _accounts(facts: Facts) -> set[str]:
    found = {account for tasks in facts.tasks.values() for task in tasks for account in (task.assignee, task.completed_by)}
    return {account for account in found | {opinion.by for opinion in facts.opinions.values()} if account}


def names_of(accounts: Iterable[str]) -> Names:
    """Two statements."""
    accounts = set(accounts)
    people = {}
    if accounts:
        rows = db.session.execute(
            select(Account.id, Account.name, Account.department_code).where(Account.id.in_(accounts))
        )
        people = {account: (name, department) for account, name, department in rows}
    departments = {row.code: row for row in db.session.scalars(select(Department).order_by(Department.code))}
    return Names(people, departments)


def missing_prerequisites(cases: Collection[Case], project: Project | None) -> dict[int, list[Need]]:
    """Case id → the results it still waits for. Members that do not apply to the project are passed over."""
    if not cases or project is None:
        return {}
    rows = db.session.scalars(
        select(Prerequisite).where(Prerequisite.item_id.in_({case.item_id for case in cases})).order_by(Prerequisite.id)
    ).all()
    items = {
        row.code: row for row in db.session.execute(
            select(ServiceItem.code, ServiceItem.name, ServiceItem.name_en, ServiceItem.applicability)
            .where(ServiceItem.is_current, ServiceItem.code.in_({row.item_code for row in rows}))
        )
    }
    approved = set(db.session.scalars(
        select(Case.item_code).where(Case.project_id == project.id, Case.state == "approved")
    ))
    values = project.attributes
    applies = {code for code, item in items.items() if holds(item.applicability, values)}
    groups: dict[int, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        if row.item_code in applies and holds(row.condition, values):
            groups[row.item_id][row.group_no].append(row.item_code)
    return {
        case.id: [
            Need(tuple(ServiceItemName(code, items[code].name, items[code].name_en) for code in codes))
            for codes in groups[case.item_id].values() if not approved & set(codes)
        ]
        for case in cases
    }

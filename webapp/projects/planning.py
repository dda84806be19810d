"""A plan as its pages show it: stages with their waves, what applies and why, what does not, dates, bars."""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from engine.api import working_calendar
from parallel.items.models import ServiceItem
from parallel.items.queries import current_items
from parallel.projects.applicability import ItemDecision, decide
from parallel.projects.plan import BESIDE, Plan, PlannedItem, make_plan
from parallel.projects.templates import StageTemplate, TemplateChoice, choose_template, stage_name
from webapp.formats import MONTHS
from webapp.portal.words import item_limit, name_of, pick


@dataclass(frozen=True)
class Row:
    """One applicable item in its place."""

    planned: PlannedItem
    decision: ItemDecision
    waits: list[str]  # the names of what it waits for; alternatives joined by "/"
    left: float  # of the bar, percent of the whole time
    width: float

    @property
    def item(self) -> ServiceItem:
        return self.planned.item

    @property
    def code(self) -> str:
        return self.planned.code

    @property
    def name(self) -> str:
        return name_of(self.item)

    @property
    def department(self) -> str:
        return name_of(self.item.department)

    @property
    def reason(self) -> str:
        return pick(self.decision.reason_zh, self.decision.reason_en)

    @property
    def limit(self) -> str:
        return item_limit(self.item)


@dataclass(frozen=True)
class StageRows:
    number: int
    name: str
    waves: list[list[Row]]
    promised_days: int | None
    milestones: list[str]
    end_on: date | None

    @property
    def rows(self) -> list[Row]:
        return [row for wave in self.waves for row in wave]

    @property
    def runs_beside(self) -> bool:
        return self.number == BESIDE


@dataclass(frozen=True)
class PlanPage:
    plan: Plan
    choice: TemplateChoice
    stages: list[StageRows]
    critical: list[Row]
    not_needed: list[ItemDecision]
    start_on: date
    months: list[tuple[str, float]] = field(default_factory=list)  # the first of each, with its place in percent

    @property
    def count(self) -> int:
        return len(self.plan.items)

    @property
    def departments(self) -> int:
        return len({planned.item.department_code for planned in self.plan.items.values()})

    @property
    def days_one_by_one(self) -> int:
        """What the items would take one after the other."""
        return sum(planned.days for planned in self.plan.items.values())


def plan_page(values: Mapping[str, Any], start_on: date) -> PlanPage:
    items = current_items()
    plan = make_plan(items, values, start_on, working_calendar())
    decisions = {decision.item.code: decision for decision in decide(items, values)}
    choice = choose_template(values)
    span = max((plan.finish_on - start_on).days, 1)
    rows = {code: _row(planned, decisions[code], plan, start_on, span) for code, planned in plan.items.items()}
    return PlanPage(
        plan, choice, list(_stages(plan, rows, choice.template.stages)), [rows[code] for code in plan.critical_path],
        [decision for decision in decisions.values() if not decision.applies], start_on,
        list(_months(start_on, plan.finish_on, span)),
    )


def _row(planned: PlannedItem, decision: ItemDecision, plan: Plan, start_on: date, span: int) -> Row:
    waits = [" / ".join(name_of(plan.items[code].item) for code in need.any_of) for need in planned.needs]
    left = 100 * (planned.start_on - start_on).days / span
    width = 100 * (planned.due_on - planned.start_on).days / span
    return Row(planned, decision, waits, round(min(left, 99), 2), round(max(width, 0.8), 2))


def _stages(plan: Plan, rows: Mapping[str, Row], templates: Iterable[StageTemplate]) -> Iterable[StageRows]:
    known = {each.number: each for each in templates}
    for number, waves in plan.stages.items():
        stage, codes = known.get(number), [code for wave in waves for code in wave]
        yield StageRows(
            number, pick(*stage_name(number)), [[rows[code] for code in wave] for wave in waves],
            stage.promised_days if stage else None,
            [rows[code].name for code in stage.milestone_items if code in rows] if stage else [],
            max(plan.items[code].due_on for code in codes),
        )


def _months(start: date, end: date, span: int) -> Iterable[tuple[str, float]]:
    year, month = start.year, start.month
    while True:
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
        first = date(year, month, 1)
        if first >= end:
            return
        yield _month_name(first), round(100 * (first - start).days / span, 2)


def _month_name(first: date) -> str:
    """1月, Feb; January says its year."""
    zh, en = f"{first.month}月", MONTHS[first.month - 1]
    return pick(f"{first.year}年{zh}", f"{en} {first.year}") if first.month == 1 else pick(zh, en)

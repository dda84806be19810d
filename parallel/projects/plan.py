"""The plan of a project: which applicable item waits for which, waves, critical path, float and dates.

The semantics are the catalogue's: prerequisite groups are ANDed; of a group one applicable member is enough; a
member that does not apply, and a group whose condition is false, are skipped.

* days(c) = promised days, else legal days, else 0
* finish(c) = days(c) + the maximum over c's groups of the minimum finish over the group's applicable members
* the critical path's length is the largest finish

Items of stage 5 (并行推进) stand in no stage of the main line; where one is a prerequisite it is waited for like any.

指南 C40: a joint limit is the sum along the critical path, not the sum of the parts.
"""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import networkx as nx

from parallel.items.models import ServiceItem
from parallel.projects.applicability import applicable_items, holds
from parallel.time_limits.arithmetic import Limit, WorkingCalendar, due_on

BESIDE = 5  # the stage that runs beside the main line


@dataclass(frozen=True)
class Need:
    """One group that an item waits for, reduced to the members that apply."""

    any_of: tuple[str, ...]
    need: str


@dataclass
class PlannedItem:
    """An applicable item in its place. Days count from the project's first day; `slack` is 总时差."""

    item: ServiceItem
    days: int
    needs: list[Need]
    wave: int = 0
    start: int = 0
    finish: int = 0
    waits_for: str | None = None  # the item whose finish decides this one's start
    slack: int = 0
    critical: bool = False
    start_on: date | None = None
    due_on: date | None = None

    @property
    def code(self) -> str:
        return self.item.code


@dataclass
class Plan:
    """What a project is told before anything is filed."""

    items: dict[str, PlannedItem]
    stages: dict[int, list[list[str]]] = field(default_factory=dict)  # stage → waves of codes
    critical_path: list[str] = field(default_factory=list)
    critical_path_days: int = 0
    finish_on: date | None = None

    @property
    def codes_by_stage(self) -> dict[int, list[str]]:
        """Stage → codes in the catalogue's order."""
        found: dict[int, list[str]] = {}
        for code, planned in self.items.items():
            found.setdefault(planned.item.stage, []).append(code)
        return dict(sorted(found.items()))


def make_plan(items: Iterable[ServiceItem], values: Mapping[str, Any], start_on: date | None = None,
              calendar: WorkingCalendar | None = None) -> Plan:
    """The plan for a project's attributes.

    Args:
        items: the current versions of the catalogue, applicable or not, in its order.
        values: all attributes of the project.
        start_on: the day of the first acceptance; with it and a calendar the plan has dates.
    """
    applicable = applicable_items(items, values)
    codes = {item.code for item in applicable}
    plan = Plan({item.code: PlannedItem(item, days_of(item), needs_of(item, codes, values)) for item in applicable})
    order = list(nx.lexicographical_topological_sort(waiting_graph(plan.items), key=list(plan.items).index))
    _measure(plan, order)
    _find_critical_path(plan)
    _measure_slack(plan, order)
    _sort_into_waves(plan, order)
    if start_on is not None and calendar is not None:
        _date(plan, order, start_on, calendar)
    return plan


def days_of(item: ServiceItem) -> int:
    """Promised days, else legal days, else 0."""
    if item.promised_days is not None:
        return item.promised_days
    return item.legal_days or 0


def needs_of(item: ServiceItem, applicable: set[str], values: Mapping[str, Any]) -> list[Need]:
    """The groups that count for a project."""
    groups: dict[int, list] = {}
    for row in item.prerequisites:
        if row.item_code in applicable and holds(row.condition, values):
            groups.setdefault(row.group_no, []).append(row)
    return [Need(tuple(row.item_code for row in rows), rows[0].need) for rows in groups.values()]


def waiting_graph(items: Mapping[str, PlannedItem]) -> nx.DiGraph:
    """earlier → later, for every applicable prerequisite. A cycle in the catalogue is an error of the catalogue."""
    graph = nx.DiGraph()
    graph.add_nodes_from(items)
    graph.add_edges_from((earlier, code) for code, planned in items.items()
                         for need in planned.needs for earlier in need.any_of)
    return graph


def _measure(plan: Plan, order: list[str]) -> None:
    """Start and finish of every item. Of groups that end together the one listed last is waited for."""
    for code in order:
        planned = plan.items[code]
        for need in planned.needs:
            first = _first_of(plan, need)
            if plan.items[first].finish >= planned.start:
                planned.start, planned.waits_for = plan.items[first].finish, first
        planned.finish = planned.start + planned.days


def _first_of(plan: Plan, need: Need) -> str:
    """The member of a group that ends first."""
    return min(need.any_of, key=lambda code: plan.items[code].finish)


def _find_critical_path(plan: Plan) -> None:
    if not plan.items:
        return
    last = max(plan.items.values(), key=lambda planned: planned.finish)
    plan.critical_path_days = last.finish
    code: str | None = last.code
    while code is not None:
        plan.items[code].critical = True
        plan.critical_path.insert(0, code)
        code = plan.items[code].waits_for


def _measure_slack(plan: Plan, order: list[str]) -> None:
    """总时差: how many days an item may end later without moving the project's end."""
    latest = dict.fromkeys(order, plan.critical_path_days)
    for code in reversed(order):
        planned = plan.items[code]
        planned.slack = latest[code] - planned.finish
        for need in planned.needs:
            first = _first_of(plan, need)
            latest[first] = min(latest[first], latest[code] - planned.days)


def _sort_into_waves(plan: Plan, order: list[str]) -> None:
    """Waves of a stage: items of one wave need nothing of one another and may run at the same time."""
    for code in order:
        planned = plan.items[code]
        earlier = [plan.items[other] for need in planned.needs for other in need.any_of]
        planned.wave = 1 + max((other.wave for other in earlier if other.item.stage == planned.item.stage), default=0)
    for stage, codes in plan.codes_by_stage.items():
        count = max(plan.items[code].wave for code in codes)
        plan.stages[stage] = [[code for code in codes if plan.items[code].wave == wave] for wave in range(1, count + 1)]


def _date(plan: Plan, order: list[str], start_on: date, calendar: WorkingCalendar) -> None:
    """Each item's first day and promised last day when every one starts the day its prerequisites are through."""
    for code in order:
        planned = plan.items[code]
        planned.start_on = max(
            (min(plan.items[other].due_on for other in need.any_of) for need in planned.needs), default=start_on
        )
        planned.due_on = due_on(calendar, planned.start_on, Limit(planned.days, _unit_of(planned.item)))
    plan.finish_on = max((planned.due_on for planned in plan.items.values()), default=start_on)


def _unit_of(item: ServiceItem) -> str:
    return item.promised_unit if item.promised_days is not None else item.legal_unit

from __future__ import annotations

from datetime import datetime

from engine.api import db, working_calendar
from parallel.time_limits.arithmetic import PROMISED, STATUTORY, Limit
from parallel.time_limits.arithmetic import due_on as last_day
from parallel.time_limits.errors import ClocksAlreadyStarted
from parallel.time_limits.models import TimeLimit
from parallel.time_limits.queries import china_date, time_limits_of


def start_clocks(case, at: datetime) -> list[TimeLimit]:
    """起表: both clocks run from the day of acceptance (行政许可法 第四十二条; 指南 A1 已受理).

    The limits are those of the item's version that the case holds (ITEM-2). An item without a promised or without
    a statutory limit has no such clock.
    """
    if time_limits_of(case):
        raise ClocksAlreadyStarted
    calendar, start = working_calendar(), china_date(at)
    clocks = [
        TimeLimit(case_id=case.id, kind=kind, days=limit.days, unit=limit.unit, started_at=at,
                  due_on=last_day(calendar, start, limit), state="running")
        for kind, limit in limits_of_item(case.item).items()
    ]
    db.session.add_all(clocks)
    db.session.flush()
    for clock in clocks:
        write_due_date(case, clock)
    return clocks


def limits_of_item(item) -> dict[str, Limit]:
    """The clocks that a version of an item starts."""
    limits = {}
    if item.promised_days is not None:
        limits[PROMISED] = Limit(item.promised_days, item.promised_unit)
    if item.legal_days is not None:
        limits[STATUTORY] = Limit(item.legal_days, item.legal_unit)
    return limits


def write_due_date(case, clock: TimeLimit) -> None:
    """Keep the case's own due dates, which lists read, equal to its clocks'."""
    if clock.kind == PROMISED:
        case.promised_on = clock.due_on
    else:
        case.legal_on = clock.due_on

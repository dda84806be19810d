"""What screens and rules read of the clocks."""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from engine.api import CHINA, CalendarDay, db, working_calendar
from parallel.time_limits.arithmetic import (
    PROMISED, RED, STATUTORY, DayCounted, Limit, Pause, Standing, WorkingCalendar, day_by_day, standing,
)
from parallel.time_limits.arithmetic import due_on as last_day
from parallel.time_limits.models import ClockPause, TimeLimit

def china_date(at: datetime) -> date:
    return at.astimezone(CHINA).date()


def time_limits_of(case) -> list[TimeLimit]:
    """The clocks of a case, promised first."""
    rows = db.session.scalars(db.select(TimeLimit).where(TimeLimit.case_id == case.id).order_by(TimeLimit.kind))
    return list(rows)


def pauses_of(case) -> list[ClockPause]:
    """The special procedures that stopped the clocks of a case, oldest first."""
    return _pauses_of_case(case.id)


def _pauses_of_case(case_id: int) -> list[ClockPause]:
    query = db.select(ClockPause).where(ClockPause.case_id == case_id).order_by(ClockPause.started_at, ClockPause.id)
    return list(db.session.scalars(query))


def due_on_of(clock: TimeLimit, pauses: Iterable[ClockPause], calendar: WorkingCalendar, at: datetime) -> date:
    """The last day of a clock as it stands at a moment."""
    return last_day(calendar, china_date(clock.started_at), _limit(clock), _intervals(pauses), china_date(at))


def _limit(clock: TimeLimit) -> Limit:
    return Limit(clock.days, clock.unit)


def _intervals(pauses: Iterable[ClockPause]) -> tuple[Pause, ...]:
    return tuple(
        Pause(china_date(pause.started_at), china_date(pause.ended_at) if pause.ended_at else None)
        for pause in pauses
    )


# --- lights -----------------------------------------------------------------------------------------

@dataclass(frozen=True)
class Light:
    """灯: the colour of a case on a day, and the clock that gave it. `missed` lists the clocks that ran out."""

    colour: str
    kind: str
    due_on: date
    remaining: int
    used: int
    days: int
    unit: str
    paused: bool
    provisional: bool  # the due date lies in a year whose calendar is not official yet
    missed: tuple[str, ...] = ()


def light_of(case, today: date) -> Light | None:
    """The light of a case: red when any clock ran out, else the promised clock's (指南 C12); None without a clock.

    Once a case has ended its light no longer changes.
    """
    return lights_of([case], today).get(case.id)


def lights_of(cases: Iterable, today: date) -> dict[int, Light]:
    """The lights of the cases that have clocks, by their ids: two queries, however long the list."""
    ids = [case.id for case in cases]
    clocks = _by_case(TimeLimit, ids, TimeLimit.kind)
    pauses = _by_case(ClockPause, clocks, ClockPause.started_at)
    calendar = working_calendar()
    return {
        case_id: _light(rows, _intervals(pauses.get(case_id, ())), calendar, today) for case_id, rows in clocks.items()
    }


def _by_case(model, case_ids: Iterable[int], order) -> dict[int, list]:
    found: dict[int, list] = {}
    for row in db.session.scalars(db.select(model).where(model.case_id.in_(list(case_ids))).order_by(order, model.id)):
        found.setdefault(row.case_id, []).append(row)
    return found


def _light(clocks: list[TimeLimit], pauses: tuple[Pause, ...], calendar, today: date) -> Light:
    found = {clock.kind: _standing(clock, pauses, calendar, today) for clock in clocks}
    missed = tuple(kind for kind, position in found.items() if position.overdue)
    kind = STATUTORY if STATUTORY in missed else PROMISED if PROMISED in found else STATUTORY
    clock, position = next(clock for clock in clocks if clock.kind == kind), found[kind]
    return Light(
        colour=RED if missed else position.light, kind=kind, due_on=position.due_on,
        remaining=position.remaining, used=position.used, days=clock.days, unit=clock.unit,
        paused=clock.state == "paused", provisional=not calendar.covers(position.due_on), missed=missed,
    )


def _standing(clock: TimeLimit, pauses: tuple[Pause, ...], calendar, today: date) -> Standing:
    day = china_date(clock.ended_at) if clock.ended_at else today
    return standing(calendar, china_date(clock.started_at), day, _limit(clock), pauses)


# --- explanation --------------------------------------------------------------------------------------

_REASONS = {
    "start": ("起算日，不计入（民法典第二百零一条）", "Day of acceptance, not counted (Civil Code, art. 201)"),
    "weekend": ("周末，不计入", "Weekend, not counted"),
    "holiday": ("法定节假日，不计入", "Public holiday, not counted"),
    "moved": ("末日遇休假日，顺延（民法典第二百零三条）", "Last day moved past days off (Civil Code, art. 203)"),
}


@dataclass(frozen=True)
class ExplainedDay:
    """One line of the explanation behind a due date."""

    day: date
    counts: bool
    number: int | None
    is_last: bool
    reason: str
    reason_zh: str
    reason_en: str
    provisional: bool


@dataclass(frozen=True)
class Explanation:
    """Why a clock ends on its day: every day from acceptance to the last."""

    kind: str
    limit_days: int
    unit: str
    started_on: date
    due_on: date
    days: list[ExplainedDay] = field(default_factory=list)
    pauses: list[ClockPause] = field(default_factory=list)
    provisional: bool = False


def explain(time_limit: TimeLimit, today: date | None = None) -> Explanation:
    """Day by day, which days count and why. `today` is how far a pause that still stands is reckoned."""
    calendar, pauses = working_calendar(), _pauses_of_case(time_limit.case_id)
    start, intervals = china_date(time_limit.started_at), _intervals(pauses)
    days = day_by_day(calendar, start, _limit(time_limit), intervals, today or _last_known_day(time_limit, pauses))
    names = _names_between(days[0].day, days[-1].day)
    procedures = dict(zip(intervals, pauses, strict=True))
    explained = [_explained(day, calendar, names, procedures) for day in days]
    return Explanation(
        kind=time_limit.kind, limit_days=time_limit.days, unit=time_limit.unit, started_on=start,
        due_on=days[-1].day, days=explained, pauses=pauses, provisional=any(day.provisional for day in explained),
    )


def _last_known_day(time_limit: TimeLimit, pauses: list[ClockPause]) -> date:
    moments = [time_limit.started_at, *(pause.started_at for pause in pauses)]
    return china_date(time_limit.ended_at or max(moments))


def _names_between(first: date, last: date) -> dict[date, tuple[str, bool]]:
    rows = db.session.scalars(db.select(CalendarDay).where(CalendarDay.day.between(first, last)))
    return {row.day: (row.name, row.is_workday) for row in rows}


def _explained(day: DayCounted, calendar, names: dict, procedures: dict[Pause, ClockPause]) -> ExplainedDay:
    zh, en = _sentence(day, names, procedures)
    return ExplainedDay(
        day=day.day, counts=day.number is not None, number=day.number, is_last=day.last, reason=day.reason,
        reason_zh=zh, reason_en=en, provisional=not calendar.covers(day.day),
    )


def _sentence(day: DayCounted, names: dict, procedures: dict[Pause, ClockPause]) -> tuple[str, str]:
    name, is_workday = names.get(day.day, ("", False))
    if day.reason == "counted":
        made_up = is_workday and day.day.weekday() > 4
        return (f"第 {day.number} 日" + (f"（{name}调休上班）" if made_up else ""),
                f"Day {day.number}" + (" (worked weekend)" if made_up else ""))
    if day.reason == "paused":
        procedure = procedures[day.pause].procedure
        return (f"“{procedure}”期间，不计入（行政许可法第四十五条）",
                f"Special procedure “{procedure}”, not counted (Administrative Licence Law, art. 45)")
    if name and day.reason in ("weekend", "holiday"):
        return f"{name}放假，不计入", f"Public holiday ({name}), not counted"
    return _REASONS[day.reason]

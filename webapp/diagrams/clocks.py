"""The clocks of many cases at one moment, in two statements."""
from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import or_, select

from engine.api import db, working_calendar
from parallel.time_limits.arithmetic import PROMISED, RED, STATUTORY, Limit, Pause, standing
from parallel.time_limits.models import ClockPause, TimeLimit
from parallel.time_limits.queries import china_date


@dataclass(frozen=True)
class CaseClock:
    """Where the clock that counts stands: the statutory one once it ran out, else the promised (指南 C12)."""

    kind: str
    days: int
    unit: str
    started_at: datetime
    due_on: date
    used: int
    left: int
    light: str
    pause: ClockPause | None  # the special procedure that stands at the moment
    ended: bool

    @property
    def is_overdue(self) -> bool:
        return self.light == RED


def clocks_at(case_ids: Collection[int], at: datetime) -> dict[int, CaseClock]:
    """Case id → its clock as it stood at a moment; cases whose clock had not started are left out."""
    if not case_ids:
        return {}
    limits: dict[int, dict[str, TimeLimit]] = defaultdict(dict)
    for row in db.session.scalars(
        select(TimeLimit).where(TimeLimit.case_id.in_(case_ids), TimeLimit.started_at <= at)
    ):
        limits[row.case_id][row.kind] = row
    pauses: dict[int, list[ClockPause]] = defaultdict(list)
    for pause in db.session.scalars(
        select(ClockPause).where(
            ClockPause.case_id.in_(case_ids), ClockPause.started_at <= at,
            or_(ClockPause.ended_at.is_(None), ClockPause.ended_at > ClockPause.started_at),
        ).order_by(ClockPause.started_at)
    ):
        pauses[pause.case_id].append(pause)
    return {case_id: _clock(kinds, pauses[case_id], at) for case_id, kinds in limits.items()}


def _clock(kinds: dict[str, TimeLimit], pauses: list[ClockPause], at: datetime) -> CaseClock:
    calendar = working_calendar()
    standing_pause = next((pause for pause in pauses if pause.ended_at is None or pause.ended_at > at), None)
    found = {}
    for kind, row in kinds.items():
        ended = row.ended_at is not None and row.ended_at <= at
        day = china_date(row.ended_at if ended else at)
        limit = Limit(row.days, row.unit)
        found[kind] = (row, ended, standing(calendar, china_date(row.started_at), day, limit, _intervals(pauses, at)))
    missed = {kind for kind, (_, _, position) in found.items() if position.overdue}
    kind = STATUTORY if STATUTORY in missed else PROMISED if PROMISED in found else STATUTORY
    row, ended, position = found[kind]
    return CaseClock(
        kind=kind, days=row.days, unit=row.unit, started_at=row.started_at, due_on=position.due_on,
        used=position.used, left=position.remaining, light=RED if missed else position.light,
        pause=None if ended else standing_pause, ended=ended,
    )


def _intervals(pauses: list[ClockPause], at: datetime) -> tuple[Pause, ...]:
    """What was known of the pauses at the moment."""
    return tuple(
        Pause(china_date(pause.started_at), china_date(pause.ended_at) if pause.ended_at and pause.ended_at <= at else None)
        for pause in pauses
    )

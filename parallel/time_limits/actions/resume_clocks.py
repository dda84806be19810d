from __future__ import annotations

from datetime import datetime

from engine.api import db, working_calendar
from parallel.time_limits.actions.start_clocks import write_due_date
from parallel.time_limits.errors import ClocksNotPaused
from parallel.time_limits.models import ClockPause
from parallel.time_limits.queries import due_on_of, pauses_of, time_limits_of


def resume_clocks(case, result: str, by: str, at: datetime, procedure: str | None = None) -> list[ClockPause]:
    """恢复计时: the special procedure has its result; due dates move by what it took (行政许可法 第四十五条; SPECIAL-2).

    Args:
        procedure: end only this procedure; without it all that stand. Clocks run again when none stands any more.
    """
    standing = [pause for pause in pauses_of(case) if pause.ended_at is None]
    ended = [pause for pause in standing if procedure in (None, pause.procedure)]
    if not ended:
        raise ClocksNotPaused
    for pause in ended:
        pause.ended_at, pause.result = at, result
    db.session.flush()
    if len(ended) == len(standing):
        _run_again(case, at)
    return ended


def _run_again(case, at: datetime) -> None:
    calendar, pauses = working_calendar(), pauses_of(case)
    for clock in time_limits_of(case):
        if clock.state == "paused":
            clock.state = "running"
            clock.due_on = due_on_of(clock, pauses, calendar, at)
            write_due_date(case, clock)
    db.session.flush()

from __future__ import annotations

from datetime import datetime

from engine.api import db, working_calendar
from parallel.time_limits.actions.start_clocks import write_due_date
from parallel.time_limits.models import TimeLimit
from parallel.time_limits.queries import china_date, due_on_of, pauses_of, time_limits_of


def stop_clocks(case, at: datetime) -> list[TimeLimit]:
    """停表: the case has ended; each clock is met or missed for good (指南 A2: 已办结件以办结日代替今天).

    A pause that still stands ends with the case. A case whose clocks never ran has none to stop.
    """
    calendar, pauses = working_calendar(), pauses_of(case)
    for pause in pauses:
        pause.ended_at = pause.ended_at or at
    clocks = [clock for clock in time_limits_of(case) if clock.ended_at is None]
    for clock in clocks:
        clock.due_on = due_on_of(clock, pauses, calendar, at)
        clock.state = "met" if china_date(at) <= clock.due_on else "missed"
        clock.ended_at = at
        write_due_date(case, clock)
    db.session.flush()
    return clocks

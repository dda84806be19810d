from __future__ import annotations

from datetime import datetime

from engine.api import db
from parallel.time_limits.errors import ClocksNotRunning, PauseReasonMissing
from parallel.time_limits.models import ClockPause
from parallel.time_limits.queries import time_limits_of


def pause_clocks(case, procedure: str, reason: str, by: str, at: datetime) -> ClockPause:
    """停表: a special procedure takes its time out of both clocks (行政许可法 第四十五条; SPECIAL-1).

    A case may be in several special procedures at once; a day is taken out once however many cover it.
    """
    if not procedure.strip() or not reason.strip():
        raise PauseReasonMissing
    clocks = [clock for clock in time_limits_of(case) if clock.state in ("running", "paused")]
    if not clocks:
        raise ClocksNotRunning
    pause = ClockPause(case_id=case.id, procedure=procedure.strip(), reason=reason.strip(), started_at=at, by=by)
    db.session.add(pause)
    for clock in clocks:
        clock.state = "paused"
    db.session.flush()
    return pause

"""Moments that instances wait for are rows; a poll finds the due ones. No broker message ever carries a date."""
from datetime import datetime

from sqlalchemy import select

from engine.db import db
from engine.execution import execution
from engine.models import Timer

CLOCK = "system:clock"


def due_instances(at: datetime, limit: int = 200) -> list[str]:
    """Instances with a timer that is due, longest waiting first. Index: ix_timer_status_due_at."""
    rows = db.session.execute(
        select(Timer.instance_id, Timer.due_at)
        .where(Timer.status == "waiting", Timer.due_at <= at)
        .order_by(Timer.due_at)
        .limit(limit)
    )
    return list(dict.fromkeys(instance_id for instance_id, _ in rows))


def fire_due_timers(instance_id: str, at: datetime) -> bool:
    """Let one instance see what time it is. False when another worker was first or it is suspended."""
    with execution(CLOCK, at) as running:
        live = running.load(instance_id)
        if live.ended or live.row.status != "active":
            return False
        due = [token for token, moment, paused in live.runtime.timers() if moment <= at and not paused]
        if not due:
            return False
        live.history.append(["timers", [token.task_spec.bpmn_id for token in due]])
        running.move(live)
        return True

"""What runs by itself. A job is a tick: it looks what is due in the database and does it.

A broker message carries no work, only "look now"; what it loses the next tick finds (reliability 2j).
"""
from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from flask import Flask
from sqlalchemy import select, update

from engine.api import OutboxEvent, due_instances, fire_due_timers
from engine.db import db, unit_of_work
from integrations.errors import PartnerRefused, PartnerUnreachable
from webapp import clock
from webapp.identity.sessions import sweep_sessions
from webapp.wiring import Event, Hearer, hearers

log = structlog.get_logger(__name__)

RETRY_EVERY = timedelta(minutes=5)
TIMER_BATCH = 200
ATTEMPTS = 49  # at once, then 48 times in four hours; then a person sees it
BATCH = 20  # a call takes ten seconds at most, so a batch ends before its claim does
FAILURE_LENGTH = 500


@dataclass
class Job:
    """`every`: seconds between two ticks. A tick that finds the one before still running leaves it to that."""

    name: str
    every: float
    act: Callable[[], Any]
    _running: threading.Lock = field(default_factory=threading.Lock)

    def run(self, app: Flask) -> None:
        if not self._running.acquire(blocking=False):
            return
        try:
            with app.app_context():
                self.act()
        except Exception:
            log.exception("job failed", job=self.name)
        finally:
            self._running.release()


JOBS: dict[str, Job] = {}


def job(*, every: float) -> Callable[[Callable[[], Any]], Callable[[], Any]]:
    def register(act: Callable[[], Any]) -> Callable[[], Any]:
        JOBS[act.__name__] = Job(act.__name__, every, act)
        return act

    return register


@job(every=5)
def fire_timers() -> int:
    """Fire every timer that is due, one instance a transaction; one that fails does not hold up the others."""
    fired, seen = 0, set()
    while due := [i for i in due_instances(clock.now(), limit=TIMER_BATCH + len(seen)) if i not in seen]:
        for instance_id in due:
            try:
                at = clock.now()
                fired += unit_of_work(lambda instance_id=instance_id, at=at: fire_due_timers(instance_id, at))
            except Exception:
                log.exception("a timer cannot fire", instance=instance_id)
        seen |= set(due)  # fired or not: what is due again or still is the next tick's
    return fired


@job(every=1)
def relay_outbox() -> int:
    """Carry what was announced to whoever hears it, at least once, oldest first. Returns how many arrived."""
    heard = hearers()
    at = clock.now()
    if not _is_anything_due(at):
        return 0
    unit_of_work(lambda: _settle_unheard(set(heard), at))
    arrived, unreachable = 0, set()
    while kinds := set(heard) - unreachable:
        claimed = unit_of_work(lambda kinds=kinds: _claim(kinds, at))
        if not claimed:
            break
        db.session.remove()  # no transaction stays open while we call others
        for event in claimed:
            if event.kind in unreachable:
                _postpone(event)
            elif _deliver(event, heard[event.kind], unreachable):
                arrived += 1
    return arrived


def _is_anything_due(at: datetime) -> bool:
    due = select(OutboxEvent.id).where(OutboxEvent.delivered_at.is_(None), OutboxEvent.next_attempt_at <= at)
    found = db.session.scalar(due.where(OutboxEvent.failure.is_(None)).limit(1)) is not None
    db.session.rollback()
    return found


def _settle_unheard(kinds: set[str], at: datetime) -> None:
    """What nobody outside hears has done its work: live pages read it from the table."""
    unheard = OutboxEvent.kind.not_in(kinds)
    db.session.execute(
        update(OutboxEvent).where(OutboxEvent.delivered_at.is_(None), unheard).values(delivered_at=at)
    )


def _claim(kinds: set[str], at: datetime) -> list[Event]:
    """Take the oldest due events. Until `next_attempt_at` they are ours; if we die, they are due again then."""
    due = (
        select(OutboxEvent)
        .where(
            OutboxEvent.delivered_at.is_(None), OutboxEvent.failure.is_(None), OutboxEvent.next_attempt_at <= at,
            OutboxEvent.kind.in_(kinds),
        )
        .order_by(OutboxEvent.id).limit(BATCH).with_for_update(skip_locked=True)
    )
    rows = list(db.session.scalars(due))
    for row in rows:
        row.attempts += 1
        row.next_attempt_at = at + RETRY_EVERY
    return [Event(row.id, row.key, row.kind, row.payload, row.created_at, row.attempts) for row in rows]


def _deliver(event: Event, hearing: list[Hearer], unreachable: set[str]) -> bool:
    try:
        for hearer in hearing:
            hearer.hear(event)
    except PartnerRefused as refusal:
        _give_up(event, hearing, str(refusal))
    except Exception as error:
        if isinstance(error, PartnerUnreachable):
            unreachable.add(event.kind)  # the others of this kind wait for the next round
        log.warning("not delivered", kind=event.kind, key=event.key, attempt=event.attempts, error=str(error))
        if event.attempts >= ATTEMPTS:
            _give_up(event, hearing, str(error) or type(error).__name__)
    else:
        _set(event, delivered_at=clock.now())
        return True
    return False


def _give_up(event: Event, hearing: list[Hearer], reason: str) -> None:
    log.error("given up", kind=event.kind, key=event.key, attempts=event.attempts, reason=reason)
    _set(event, failure=reason[:FAILURE_LENGTH])
    for hearer in hearing:
        hearer.given_up(event)


def _postpone(event: Event) -> None:
    """It was claimed and not tried: the attempt does not count."""
    _set(event, attempts=event.attempts - 1)


def _set(event: Event, **values: Any) -> None:
    changed = update(OutboxEvent).where(OutboxEvent.id == event.id).values(**values)
    unit_of_work(lambda: db.session.execute(changed))


@job(every=600)
def sweep() -> int:
    """Forget sessions that are over."""
    return unit_of_work(lambda: sweep_sessions(clock.now()))

"""What leaves the house: written with the change, sent after the commit, at least once."""
from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from sqlalchemy import insert

from engine.db import db
from engine.models import OutboxEvent


def event_row(kind: str, payload: dict, topics: list[str], at: datetime, key: str | None = None) -> dict:
    return {
        "key": key or uuid4().hex, "kind": kind, "payload": payload, "topics": topics,
        "created_at": at, "next_attempt_at": at,
    }


def announce(kind: str, payload: dict, *, topics: list[str], at: datetime, key: str | None = None) -> None:
    """Put one event into the outbox of the current unit of work.

    Args:
        topics: what live pages listen to, such as `case:12` or `group:officer@zrzy`.
        key: the receiver's idempotency key, when the event has a natural one (unique; a second is refused).
    """
    db.session.execute(insert(OutboxEvent), [event_row(kind, payload, topics, at, key)])

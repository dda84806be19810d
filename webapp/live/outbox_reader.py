"""Reading new outbox rows in the order they become visible, none twice, none missed."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Flask
from sqlalchemy import Connection, or_, select

from engine.api import OutboxEvent
from engine.db import db
from webapp import clock

LOOK_BACK = timedelta(seconds=10)
GAP_LIFETIME = timedelta(seconds=60)
BATCH = 1000


@dataclass(frozen=True)
class Change:
    id: int
    kind: str
    topics: tuple[str, ...]


class OutboxReader:
    """Remembers what it has read.

    PostgreSQL hands ids out when a row is written, not when it is committed: row 12 may be seen before row 11.
    Ids that were jumped over stay wanted for a minute; after that they belong to a transaction that was undone.
    """

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._highest = 0
        self._gaps: dict[int, datetime] = {}  # id -> since when it is missing
        self._read_at: datetime | None = None

    def read(self) -> list[Change]:
        with self._app.app_context(), db.engine.connect() as connection:
            if self._read_at is None or clock.now() - self._read_at > LOOK_BACK:  # nobody listened for a while
                self._highest, self._gaps = _start(connection), {}
            self._read_at = clock.now()
            columns = select(OutboxEvent.id, OutboxEvent.kind, OutboxEvent.topics)
            wanted = or_(OutboxEvent.id > self._highest, OutboxEvent.id.in_(list(self._gaps)))
            rows = connection.execute(columns.where(wanted).order_by(OutboxEvent.id).limit(BATCH)).all()
        self._remember([row.id for row in rows])
        return [Change(row.id, row.kind, tuple(row.topics)) for row in rows if row.topics]

    def _remember(self, ids: list[int]) -> None:
        now = clock.now()
        for number in ids:
            self._gaps.pop(number, None)
            if number > self._highest:
                self._gaps |= dict.fromkeys(range(max(self._highest + 1, number - BATCH), number), now)
                self._highest = number
        self._gaps = {number: since for number, since in self._gaps.items() if now - since < GAP_LIFETIME}


def _start(connection: Connection) -> int:
    """The id after which to begin: a page shown a moment ago must hear what happened since."""
    newest = select(OutboxEvent.id, OutboxEvent.created_at).order_by(OutboxEvent.id.desc()).limit(BATCH)
    rows = connection.execute(newest).all()
    before = clock.now() - LOOK_BACK
    return next((row.id for row in rows if row.created_at < before), rows[-1].id - 1 if rows else 0)

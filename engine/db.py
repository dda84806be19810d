"""The database and the one place that commits.

Everything an action writes (engine state, task rows, timers, audit entry, outbox) is written inside
one `unit_of_work` and commits together or not at all.
"""
from __future__ import annotations

import fcntl
import json
import random
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import orjson
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import JSON, Connection, DateTime, Engine, MetaData, TypeDecorator, event
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.orm.exc import StaleDataError

from engine.errors import Conflict

T = TypeVar("T")

ATTEMPTS = 5
BUSY_TIMEOUT_SECONDS = 30
_RETRIED_SQLSTATES = {
    "40001",  # serialization failure
    "40P01",  # deadlock
    "55P03",  # lock not available
    "23505",  # unique violation: two writers took the same number; the second takes the next
}


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class UtcDateTime(TypeDecorator):
    """An aware moment. Stored in UTC; SQLite, which keeps no zone, gets it back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a moment needs a time zone: {value!r}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is not None and value.tzinfo is None:
            return value.replace(tzinfo=UTC)
        return value


class Json(TypeDecorator):
    """JSON whose keys keep their order (PostgreSQL `json`, never `jsonb`)."""

    impl = JSON
    cache_ok = True


db = SQLAlchemy(
    model_class=Base,
    engine_options={
        "json_serializer": lambda value: orjson.dumps(value).decode(),
        "json_deserializer": json.loads,
    },
    session_options={"expire_on_commit": False},
)


# --- SQLite -----------------------------------------------------------------------------------

class _FairLock:
    """First come, first served among the threads of this process.

    SQLite lets writers race for its lock: with eight of them one may starve for seconds.
    """

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._queue: deque[threading.Lock] = deque()
        self._held = False

    def acquire(self) -> None:
        with self._mutex:
            if not self._held:
                self._held = True
                return
            turn = threading.Lock()
            turn.acquire()
            self._queue.append(turn)
        turn.acquire()

    def release(self) -> None:
        with self._mutex:
            if self._queue:
                self._queue.popleft().release()
            else:
                self._held = False


_fair_locks: dict[str, _FairLock] = {}
_fair_locks_guard = threading.Lock()


@contextmanager
def _writers_queue(engine: Engine):
    """Stand in line before writing. PostgreSQL keeps its own order, so there it is no line at all."""
    if engine.dialect.name != "sqlite":
        yield
        return
    path = engine.url.database or ":memory:"
    with _fair_locks_guard:
        lock = _fair_locks.setdefault(path, _FairLock())
    lock.acquire()
    try:
        if path == ":memory:" or path.startswith("file:"):
            yield
            return
        with Path(path + ".writers").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # the queue between processes
            yield
    finally:
        lock.release()


@event.listens_for(Engine, "connect")
def _configure_sqlite(connection: Any, record: Any) -> None:
    if type(connection).__module__ != "sqlite3":
        return
    connection.isolation_level = None  # we say BEGIN ourselves, see _begin
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_SECONDS * 1000}")
    cursor.close()


_writing: ContextVar[bool] = ContextVar("writing", default=False)
_undo: ContextVar[list[Callable[[], None]]] = ContextVar("undo")


@event.listens_for(Engine, "begin")
def _begin(connection: Any) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE" if _writing.get() else "BEGIN")


# --- the unit of work ----------------------------------------------------------------------------

def unit_of_work(act: Callable[[], T]) -> T:
    """Run `act` in one transaction, commit, and return what it returned.

    A conflict with another writer rolls everything back and runs `act` again, at most five times;
    so `act` must load what it changes itself. Inside another unit of work it simply joins it.

    Raises:
        Conflict: five attempts met five conflicts.
    """
    if _writing.get():
        return act()
    db.session.rollback()  # leave the reading transaction: a writer must see the newest rows
    token = _writing.set(True)
    try:
        return _with_retries(act)
    finally:
        _writing.reset(token)


def on_rollback(undo: Callable[[], None]) -> None:
    """Call `undo` if the current unit of work is rolled back: for what memory holds of rows that then never were."""
    _undo.get().append(undo)


def _with_retries(act: Callable[[], T]) -> T:
    for attempt in range(1, ATTEMPTS + 1):
        _undo.set([])
        try:
            with _writers_queue(db.engine):
                result = act()
                db.session.commit()
                return result
        except BaseException as error:
            db.session.rollback()
            for undo in _undo.get():
                undo()
            if not _is_conflict(error):
                raise
            if attempt == ATTEMPTS:
                raise Conflict from error
        time.sleep(random.uniform(0, 0.01 * 2**attempt))
    raise AssertionError("unreachable")


def _is_conflict(error: BaseException) -> bool:
    if isinstance(error, (StaleDataError, Conflict)):
        return True
    driver_error = getattr(error, "orig", error)  # inside `one_round_trip` the driver's own error comes up
    if getattr(driver_error, "sqlstate", None) in _RETRIED_SQLSTATES:
        return True
    if isinstance(error, IntegrityError):
        return "UNIQUE constraint" in str(driver_error)
    return isinstance(error, OperationalError) and "locked" in str(driver_error)


@contextmanager
def one_round_trip(connection: Connection) -> Iterator[None]:
    """On PostgreSQL the statements inside travel together; their results may not be looked at before the end."""
    driver = connection.connection.driver_connection
    if connection.dialect.driver != "psycopg":
        yield
        return
    with driver.pipeline():
        yield


def is_writing() -> bool:
    """Whether the caller runs inside a unit of work."""
    return _writing.get()


def canonical(value: Any) -> bytes:
    """The one spelling of a JSON value: sorted keys, UTF-8, no blanks. What hashes are taken over."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str).encode()

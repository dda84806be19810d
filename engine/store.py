"""The rows of running instances, read and written in as few statements as it takes."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, delete, insert, select, update

from engine.audit import entry
from engine.calendar import Calendar
from engine.db import db, is_writing
from engine.errors import Conflict
from engine.hooks import NewTask
from engine.models import (
    AuditEntry, CalendarDay, OutboxEvent, ProcessInstance, Task, TaskCandidate, Timer,
)
from engine.outbox import event_row

INSTANCE = ProcessInstance.__table__
_COLUMNS = [column for column in INSTANCE.columns]


@dataclass
class InstanceRow:
    """A row of `process_instance`, loose from the session: the hot path needs no identity map."""

    id: str
    definition_id: int
    root_id: str
    parent_id: str | None
    parent_task_id: str | None
    parent_element_id: str | None
    business_key: str
    status: str
    revision: int
    state: bytes
    audit_seq: int
    audit_hash: bytes
    started_at: datetime
    started_by: str
    ended_at: datetime | None


@dataclass(frozen=True)
class TimerRow:
    id: str
    element_id: str
    due_at: datetime
    status: str


@dataclass
class InstanceChanges:
    """Everything one execution writes about one instance."""

    row: InstanceRow
    is_new: bool
    state: bytes
    history: list[list[Any]]
    opened: list[NewTask]
    closed: dict[str, tuple[str, str]]
    timers: list[TimerRow]
    timers_gone: list[str]


def require_unit_of_work() -> None:
    if not is_writing():
        raise RuntimeError("a verb of the engine runs inside engine.db.unit_of_work")


# --- reading -------------------------------------------------------------------------------------

def read_instance(instance_id: str) -> InstanceRow | None:
    """By primary key, locked until the unit of work ends (PostgreSQL; SQLite has one writer anyway)."""
    found = db.session.execute(select(*_COLUMNS).where(INSTANCE.c.id == instance_id).with_for_update()).first()
    return InstanceRow(*found) if found else None


def read_instance_of_task(task_id: str) -> tuple[InstanceRow, str | None, str] | None:
    """(instance, the task's assignee, the task's status) in one statement, the instance locked."""
    found = db.session.execute(
        select(*_COLUMNS, Task.assignee, Task.status)
        .join(Task, Task.instance_id == INSTANCE.c.id)
        .where(Task.id == task_id)
        .with_for_update(of=INSTANCE)
    ).first()
    return (InstanceRow(*found[:-2]), found[-2], found[-1]) if found else None


def active_children(instance_id: str) -> list[str]:
    """Index: ix_process_instance_parent_id."""
    return list(
        db.session.scalars(
            select(INSTANCE.c.id)
            .where(INSTANCE.c.parent_id == instance_id, INSTANCE.c.status.in_(("active", "suspended")))
            .order_by(INSTANCE.c.id)
        )
    )


def active_instances(business_key: str) -> list[str]:
    """Index: ix_process_instance_business_key_status."""
    return list(
        db.session.scalars(
            select(INSTANCE.c.id)
            .where(INSTANCE.c.business_key == business_key, INSTANCE.c.status == "active")
            .order_by(INSTANCE.c.id)
        )
    )


_calendars: WeakKeyDictionary = WeakKeyDictionary()


def working_calendar() -> Calendar:
    """The calendar of `calendar_day`, read once and again after `forget_calendar`."""
    if db.engine not in _calendars:
        days = {row.day: row.is_workday for row in db.session.execute(select(CalendarDay.day, CalendarDay.is_workday))}
        _calendars[db.engine] = Calendar(days)
    return _calendars[db.engine]


def forget_calendar() -> None:
    """Call after changing `calendar_day`."""
    _calendars.pop(db.engine, None)


# --- writing -------------------------------------------------------------------------------------

def write(changes: list[InstanceChanges], by: str, at: datetime) -> None:
    """Instances, tasks, candidates, timers, audit entries and one outbox event, in that order."""
    connection = db.session.connection()
    audit = [_audit(change, by, at) for change in changes]
    _insert(connection, ProcessInstance, [_instance_values(c) for c in changes if c.is_new])
    for change in changes:
        if not change.is_new:
            _update_instance(connection, change)
    groups = _close_tasks(connection, changes, at)
    _insert(connection, Task, [_task_values(task, at) for change in changes for task in change.opened])
    _insert(connection, TaskCandidate, [
        {"task_id": task.id, "group_name": group}
        for change in changes for task in change.opened for group in dict.fromkeys(task.candidates)
    ])
    _write_timers(connection, changes)
    _insert(connection, AuditEntry, audit)
    _insert(connection, OutboxEvent, [_announcement(changes, groups, by, at)])


def _insert(connection: Connection, model: type, rows: list[dict]) -> None:
    if rows:
        connection.execute(insert(model.__table__), rows)


def _audit(change: InstanceChanges, by: str, at: datetime) -> dict:
    row = change.row
    action = change.history[0][0]
    link = entry(f"process:{row.id}", row.audit_seq + 1, row.audit_hash, action, by, at, change.history)
    row.audit_seq, row.audit_hash = link["seq"], link["hash"]
    return link


def _instance_values(change: InstanceChanges) -> dict:
    return {**vars(change.row), "state": change.state}


def _update_instance(connection: Connection, change: InstanceChanges) -> None:
    row = change.row
    result = connection.execute(
        update(INSTANCE)
        .where(INSTANCE.c.id == row.id, INSTANCE.c.revision == row.revision)
        .values(
            state=change.state, status=row.status, revision=row.revision + 1, ended_at=row.ended_at,
            audit_seq=row.audit_seq, audit_hash=row.audit_hash,
        )
    )
    if result.rowcount != 1:
        raise Conflict
    row.revision += 1


def _close_tasks(connection: Connection, changes: list[InstanceChanges], at: datetime) -> set[str]:
    """The groups that lose an open task."""
    closed = [(task_id, *how) for change in changes for task_id, how in change.closed.items()]
    for status, by in dict.fromkeys((status, by) for _, status, by in closed):
        ids = [task_id for task_id, its_status, its_by in closed if (its_status, its_by) == (status, by)]
        values = {"status": status, "completed_at": at, "completed_by": by if status == "completed" else None}
        connection.execute(update(Task.__table__).where(Task.id.in_(ids)).values(values))
    if not closed:
        return set()
    ids = [task_id for task_id, *_ in closed]
    gone = delete(TaskCandidate.__table__).where(TaskCandidate.task_id.in_(ids)).returning(TaskCandidate.group_name)
    return set(connection.scalars(gone))


def _task_values(task: NewTask, at: datetime) -> dict:
    values = {name: value for name, value in vars(task).items() if name != "candidates"}
    return {**values, "status": "open", "created_at": at}


def _write_timers(connection: Connection, changes: list[InstanceChanges]) -> None:
    gone = [timer_id for change in changes for timer_id in change.timers_gone]
    rows = [
        {"id": t.id, "instance_id": change.row.id, "element_id": t.element_id, "due_at": t.due_at, "status": t.status}
        for change in changes for t in change.timers
    ]
    replaced = gone + [row["id"] for row in rows]
    if replaced:
        connection.execute(delete(Timer.__table__).where(Timer.id.in_(replaced)))
    _insert(connection, Timer, rows)


def _announcement(changes: list[InstanceChanges], groups: set[str], by: str, at: datetime) -> dict:
    topics = {f"group:{group}": None for group in sorted(groups)}
    for change in changes:
        topics[f"process:{change.row.root_id}"] = None
        topics[change.row.business_key] = None
        for task in change.opened:
            topics.update(dict.fromkeys(f"group:{group}" for group in task.candidates))
            if task.assignee:
                topics[f"user:{task.assignee}"] = None
        if change.closed:
            topics[f"user:{by}"] = None
    payload = {"instances": [{"id": c.row.id, "business_key": c.row.business_key, "changes": c.history} for c in changes]}
    return event_row("ProcessChanged", payload, list(topics), at)

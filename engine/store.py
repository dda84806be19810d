"""The rows of running instances, read and written in as few statements as it takes."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Executable, bindparam, delete, insert, select, update

from engine.audit import entry
from engine.calendar import Calendar
from engine.db import db, is_writing, one_round_trip
from engine.hooks import NewTask
from engine.models import (
    AuditEntry, CalendarDay, OutboxEvent, ProcessInstance, Task, TaskCandidate, Timer,
)
from engine.outbox import event_row

INSTANCE = ProcessInstance.__table__
_COLUMNS = list(INSTANCE.columns)


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
    groups_served: list[str]  # whose inbox lost an open task
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
#
# Nothing is read while writing, so that on PostgreSQL all statements travel in one round trip.

_TASK, _CANDIDATE, _TIMER = Task.__table__, TaskCandidate.__table__, Timer.__table__
_INSERT = {model: insert(model.__table__).inline() for model in (  # inline: no number is fetched back
    ProcessInstance, Task, TaskCandidate, Timer, AuditEntry, OutboxEvent
)}
_UPDATE_INSTANCE = (
    update(INSTANCE)
    .where(INSTANCE.c.id == bindparam("its_id"), INSTANCE.c.revision == bindparam("its_revision"))
    .values({
        name: bindparam(name) for name in ("state", "status", "revision", "ended_at", "audit_seq", "audit_hash")
    })
)
_CLOSE_TASK = (
    update(_TASK).where(_TASK.c.id == bindparam("its_id"))
    .values({name: bindparam(name) for name in ("status", "completed_at", "completed_by")})
)
_FORGET_CANDIDATES = delete(_CANDIDATE).where(_CANDIDATE.c.task_id == bindparam("its_id"))
_FORGET_TIMER = delete(_TIMER).where(_TIMER.c.id == bindparam("its_id"))


def write(changes: list[InstanceChanges], by: str, at: datetime) -> None:
    """Instances, tasks, candidates, timers, audit entries and one outbox event, in that order.

    Two writers of the same instance cannot both succeed: besides the lock they would both add the same number
    to its chain of records, whose key is unique; the second is run again by the unit of work.
    """
    audit = [_audit(change, by, at) for change in changes]
    changed = [change for change in changes if not change.is_new]
    closed = [(task_id, *how) for change in changes for task_id, how in change.closed.items()]
    opened = [task for change in changes for task in change.opened]
    timers = [
        {"id": t.id, "instance_id": change.row.id, "element_id": t.element_id, "due_at": t.due_at, "status": t.status}
        for change in changes for t in change.timers
    ]
    timers_gone = [timer_id for change in changes for timer_id in change.timers_gone] + [row["id"] for row in timers]
    statements: list[tuple[Executable, list[dict]]] = [
        (_INSERT[ProcessInstance], [_instance_values(change) for change in changes if change.is_new]),
        (_UPDATE_INSTANCE, [_instance_update(change) for change in changed]),
        (_CLOSE_TASK, [_closing(task_id, status, who, at) for task_id, status, who in closed]),
        (_FORGET_CANDIDATES, [{"its_id": task_id} for task_id, *_ in closed]),
        (_INSERT[Task], [_task_values(task, at) for task in opened]),
        (_INSERT[TaskCandidate], [
            {"task_id": task.id, "group_name": group} for task in opened for group in dict.fromkeys(task.candidates)
        ]),
        (_FORGET_TIMER, [{"its_id": timer_id} for timer_id in timers_gone]),
        (_INSERT[Timer], timers),
        (_INSERT[AuditEntry], audit),
        (_INSERT[OutboxEvent], [_announcement(changes, by, at)]),
    ]
    connection = db.session.connection()
    with one_round_trip(connection):
        for statement, rows in statements:
            if rows:
                connection.execute(statement, rows)


def _audit(change: InstanceChanges, by: str, at: datetime) -> dict:
    row = change.row
    link = entry(f"process:{row.id}", row.audit_seq + 1, row.audit_hash, change.history[0][0], by, at, change.history)
    row.audit_seq, row.audit_hash = link["seq"], link["hash"]
    return link


def _instance_values(change: InstanceChanges) -> dict:
    return {**vars(change.row), "state": change.state}


def _instance_update(change: InstanceChanges) -> dict:
    row = change.row
    row.revision += 1
    return {
        "its_id": row.id, "its_revision": row.revision - 1, "revision": row.revision, "state": change.state,
        "status": row.status, "ended_at": row.ended_at, "audit_seq": row.audit_seq, "audit_hash": row.audit_hash,
    }


def _closing(task_id: str, status: str, by: str, at: datetime) -> dict:
    who = by if status == "completed" else None
    return {"its_id": task_id, "status": status, "completed_at": at, "completed_by": who}


def _task_values(task: NewTask, at: datetime) -> dict:
    values = {name: value for name, value in vars(task).items() if name != "candidates"}
    return {**values, "status": "open", "created_at": at}


def _announcement(changes: list[InstanceChanges], by: str, at: datetime) -> dict:
    topics: dict[str, None] = {}
    for change in changes:
        topics[f"process:{change.row.root_id}"] = None
        topics[change.row.business_key] = None
        topics.update(dict.fromkeys(f"group:{group}" for group in change.groups_served))
        for task in change.opened:
            topics.update(dict.fromkeys(f"group:{group}" for group in task.candidates))
            if task.assignee:
                topics[f"user:{task.assignee}"] = None
        if change.closed:
            topics[f"user:{by}"] = None
    payload = {"instances": [{"id": c.row.id, "business_key": c.row.business_key, "changes": c.history} for c in changes]}
    return event_row("ProcessChanged", payload, list(topics), at)

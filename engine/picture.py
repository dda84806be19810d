"""The state of a drawing's elements, for the diagram (SUPERV-RUN-1): what is done, running, not reached."""
from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime

from SpiffWorkflow.util.task import TaskState
from sqlalchemy import select

from engine import codec
from engine.db import db
from engine.definitions import definition_row, model_of
from engine.errors import NotFound
from engine.models import ProcessInstance, Task

_ACTIVE = {TaskState.READY: "running", TaskState.STARTED: "running", TaskState.WAITING: "waiting"}
_RANK = ["cancelled", "skipped", "done", "waiting", "running"]  # the strongest state of an element's tasks shows


@dataclass
class ElementState:
    """How one element of a drawing stands. `times` counts how often it was done."""

    state: str
    since: datetime
    until: datetime | None = None
    times: int = 0
    tasks: list[Task] = field(default_factory=list)
    children: list[ProcessInstance] = field(default_factory=list)


@dataclass
class Picture:
    instance: ProcessInstance
    elements: dict[str, ElementState]
    flows: set[tuple[str, str]]  # (from, to) elements between which a token went


def picture(instance_id: str) -> Picture:
    """The picture of one instance. Three statements, whatever its history: instance, tasks, children.

    Raises:
        NotFound: there is no such instance.
    """
    instance = db.session.get(ProcessInstance, instance_id)
    if instance is None:
        raise NotFound("没有找到这一流程实例。")
    model = model_of(definition_row(instance.definition_id))
    stored = codec.read(instance.state)
    shown: dict[str, ElementState] = {}
    flows: set[tuple[str, str]] = set()
    for element_id, (times, since) in stored["f"].items():
        _show(shown, element_id, "done", since, times)
    for spec, row in [(model.spec, stored["t"]), *((model.subprocess_specs[r[0]], r) for _, r in stored["s"])]:
        _show_rows(shown, flows, spec, row[1])
    known = {element_id: state for element_id, state in shown.items() if element_id in model.elements}
    _add_tasks(known, instance_id)
    _add_children(known, instance_id)
    return Picture(instance, known, flows)


def _show_rows(shown: dict[str, ElementState], flows: set, spec: object, rows: list) -> None:
    ids = [spec.task_specs[row[codec.ELEMENT]].bpmn_id for row in rows]
    for row, element_id in zip(rows, ids, strict=True):
        state = _state(row)
        if element_id is None or state is None:
            continue
        _show(shown, element_id, state, row[codec.SINCE], int(state == "done"))
        before = _element_before(rows, ids, row)
        if before is not None and before != element_id:
            flows.add((before, element_id))


def _element_before(rows: list, ids: list, row: list) -> str | None:
    """The element whose token came here: tasks that SpiffWorkflow adds of its own are stepped over."""
    parent = row[codec.PARENT]
    while parent >= 0 and ids[parent] is None:
        parent = rows[parent][codec.PARENT]
    return ids[parent] if parent >= 0 else None


def _state(row: list) -> str | None:
    state = row[codec.STATE]
    if state == TaskState.COMPLETED:
        return "skipped" if row[codec.INTERNAL] and row[codec.INTERNAL].get("skipped") else "done"
    if state in (TaskState.CANCELLED, TaskState.ERROR):
        return "cancelled"
    return _ACTIVE.get(state)


def _show(shown: dict[str, ElementState], element_id: str, state: str, since: float, times: int) -> None:
    moment = datetime.fromtimestamp(since, UTC)
    until = moment if state in ("done", "cancelled", "skipped") else None
    known = shown.get(element_id)
    if known is None:
        shown[element_id] = ElementState(state, moment, until, times)
        return
    known.times += times
    if (_RANK.index(state), moment) >= (_RANK.index(known.state), known.since):
        known.state, known.since, known.until = state, moment, until


def _add_tasks(shown: dict[str, ElementState], instance_id: str) -> None:
    """Index: ix_task_instance_id."""
    tasks = db.session.scalars(select(Task).where(Task.instance_id == instance_id).order_by(Task.created_at))
    for task in tasks:
        if task.element_id in shown:
            shown[task.element_id].tasks.append(task)
            if len(shown[task.element_id].tasks) == 1:
                shown[task.element_id].since = task.created_at


def _add_children(shown: dict[str, ElementState], instance_id: str) -> None:
    """Index: ix_process_instance_parent_id."""
    by_element: dict[str, list[ProcessInstance]] = defaultdict(list)
    for child in db.session.scalars(
        select(ProcessInstance).where(ProcessInstance.parent_id == instance_id).order_by(ProcessInstance.started_at)
    ):
        by_element[child.parent_element_id].append(child)
    for element_id, children in by_element.items():
        if element_id in shown:
            shown[element_id].children = children
            shown[element_id].since = children[0].started_at

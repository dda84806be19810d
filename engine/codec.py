"""The state of a running instance as bytes, without its drawing.

SpiffWorkflow's own serialisation carries the whole definition and every task's copy of the data. Ours shares
the definition (parsed once a version), stores equal data once, drops what finished inside embedded
sub-processes, and compresses. A state of 5 departments' steps takes half a kilobyte.

One task is a row: [id, parent row, state, element, triggered, since, internal, data, [child rows]].
`since` is the moment (Unix seconds) its state last changed, by the clock of the caller, not of this machine.
Ids are read back as text: SpiffWorkflow makes UUIDs, whose hashing alone costs a tenth of a step.
No type tags: form data can never make an instance unreadable.
"""
from __future__ import annotations

from typing import Any

import orjson
import zstandard
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.specs.mixins.events.event_types import CatchingEvent
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

FORMAT = 1
_registry = BpmnWorkflowSerializer.configure()  # only for events that an event gateway has already seen
_compress = zstandard.ZstdCompressor(level=3).compress
_decompress = zstandard.ZstdDecompressor().decompress

ID, PARENT, STATE, ELEMENT, TRIGGERED, SINCE, INTERNAL, DATA, CHILDREN = range(9)


class UnknownFormat(ValueError):
    pass


def read(state: bytes) -> dict:
    """The stored form itself, for readers that need no live workflow (diagrams, checks)."""
    stored = orjson.loads(_decompress(state))
    if stored["v"] != FORMAT:
        raise UnknownFormat(f"state format {stored['v']}, this engine reads {FORMAT}")
    return stored


# --- writing -------------------------------------------------------------------------------------

class _DataPool:
    """Every distinct data dictionary once."""

    def __init__(self) -> None:
        self.items: list[orjson.Fragment] = []
        self._index: dict[bytes, int] = {}

    def add(self, data: dict) -> int:
        if not data:
            return -1
        encoded = orjson.dumps(data, option=orjson.OPT_NON_STR_KEYS)
        position = self._index.get(encoded)
        if position is None:
            position = self._index[encoded] = len(self.items)
            self.items.append(orjson.Fragment(encoded))
        return position


def write(workflow: BpmnWorkflow, stamps: dict[str, tuple[int, float]], at: float, finished: dict) -> bytes:
    """Encode `workflow`.

    Args:
        stamps: what each task's state was, and since when, when the state was read.
        at: the moment of this change; given to every task whose state differs from its stamp.
        finished: elements of sub-processes that were dropped before, element -> [times, since]; added to.
    """
    pool = _DataPool()
    top = _workflow_row(workflow, pool, stamps, at)
    subprocesses = []
    for owner_id, subprocess in workflow.subprocesses.items():
        if subprocess.completed and _is_finished(workflow.get_task_from_id(owner_id)):
            _remember(subprocess, finished, stamps, at)
            continue
        subprocesses.append((str(owner_id), _workflow_row(subprocess, pool, stamps, at)))
    return _compress(orjson.dumps({"v": FORMAT, "t": top, "s": subprocesses, "p": pool.items, "f": finished}))


def _workflow_row(workflow: Any, pool: _DataPool, stamps: dict, at: float) -> tuple:
    position = {task_id: i for i, task_id in enumerate(workflow.tasks)}
    rows = [
        (
            str(task.id),
            position.get(task._parent, -1),
            task._state,
            task.task_spec.name,
            task.triggered,
            _since(task, stamps, at),
            _plain_internal(task.internal_data),
            pool.add(task.data),
            [position[child] for child in task._children],
        )
        for task in workflow.tasks.values()
    ]
    last = str(workflow.last_task.id) if workflow.last_task is not None else None
    root = position[workflow.task_tree.id]
    return workflow.spec.name, rows, workflow.data, workflow.correlations, last, workflow.success, workflow.completed, root


def _since(task: Task, stamps: dict, at: float) -> float:
    state, since = stamps.get(task.id, (None, at))
    return since if state == task._state else at


def _plain_internal(internal: dict) -> dict | int:
    if not internal:
        return 0
    if internal.get("seen_events"):
        return {**internal, "seen_events": {"~": [_registry.convert(e) for e in internal["seen_events"]]}}
    return internal


def _is_finished(task: Task | None) -> bool:
    return task is None or task.state >= TaskState.COMPLETED


def _remember(subprocess: BpmnSubWorkflow, finished: dict, stamps: dict, at: float) -> None:
    for task in subprocess.tasks.values():
        if task._state == TaskState.COMPLETED:
            times, _ = finished.get(task.task_spec.bpmn_id or task.task_spec.name, (0, 0))
            finished[task.task_spec.bpmn_id or task.task_spec.name] = (times + 1, _since(task, stamps, at))


# --- reading -------------------------------------------------------------------------------------

def fill(workflow: BpmnWorkflow, stored: dict) -> dict:
    """Give an empty workflow over shared specs its tasks; the stamps of these tasks for the next `write`."""
    stamps: dict[str, tuple[int, float]] = {}
    waiting: list[Task] = []
    _fill(workflow, stored["t"], stored["p"], stamps, waiting)
    for owner_id, row in stored["s"]:
        owner = workflow.get_task_from_id(owner_id)
        subprocess = BpmnSubWorkflow(workflow.subprocess_specs[row[0]], owner.id, workflow, deserializing=True)
        _fill(subprocess, row, stored["p"], stamps, waiting)
        workflow.subprocesses[owner.id] = subprocess
        subprocess.completed_event.connect(owner.task_spec._on_subworkflow_completed, owner)
    for task in waiting:
        workflow.event_manager.add_task(task)
    return stamps


def _fill(workflow: Any, row: list, pool: list, stamps: dict, waiting: list) -> None:
    _, rows, workflow.data, workflow.correlations, last, workflow.success, workflow.completed, root = row
    specs = workflow.spec.task_specs
    tasks = [_task(workflow, fields, specs, pool, stamps, waiting) for fields in rows]
    for task, fields in zip(tasks, rows, strict=True):
        task._parent = tasks[fields[PARENT]].id if fields[PARENT] >= 0 else None
        task._children = [tasks[child].id for child in fields[CHILDREN]]
    workflow.tasks = {task.id: task for task in tasks}
    workflow.task_tree = tasks[root]
    workflow.last_task = workflow.tasks.get(last) if last else None


def _task(workflow: Any, fields: list, specs: dict, pool: list, stamps: dict, waiting: list) -> Task:
    task = Task.__new__(Task)  # not __init__: that would link it to a parent and stamp it with the wall clock
    task.id = fields[ID]
    task.workflow = workflow
    task._state = fields[STATE]
    task.task_spec = specs[fields[ELEMENT]]
    task.triggered = fields[TRIGGERED]
    task.thread_id = 0
    task.last_state_change = fields[SINCE]
    task.internal_data = _live_internal(fields[INTERNAL])
    task.data = _copy(pool[fields[DATA]]) if fields[DATA] >= 0 else {}
    stamps[task.id] = (task._state, task.last_state_change)
    if task._state == TaskState.WAITING and isinstance(task.task_spec, CatchingEvent):
        waiting.append(task)
    return task


def _live_internal(internal: dict | int) -> dict:
    if not internal:
        return {}
    seen = internal.get("seen_events")
    if isinstance(seen, dict):
        internal["seen_events"] = [_registry.restore(event) for event in seen["~"]]
    return internal


def _copy(data: dict) -> dict:
    """One level deep, as SpiffWorkflow's own merge copies: task data is flat by rule."""
    return {key: value.copy() if type(value) in (dict, list) else value for key, value in data.items()}

"""What one unit of work does to running instances, from the first verb to the rows it writes.

A verb opens an execution, moves one or more instances in memory, and when the outermost verb ends the
execution settles: operations are called, children start, finished children wake their parents, until nothing
moves; then every change is written in a few statements. Verbs called from an operation join the same execution.
"""
from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

from SpiffWorkflow.task import Task as Token

from bpmn.durations import due_moment
from bpmn.expressions import ExpressionError, evaluate, render, render_names
from bpmn.parser import Element
from engine import store
from engine.definitions import called_definition, definition_row, model_of
from engine.errors import NotFound, ProcessNotActive, TaskNotOpen
from engine.hooks import (
    ChildStart, InstanceChange, NewTask, OperationCall, call_operation, prepare_child, prepare_tasks, tell,
)
from engine.models import ProcessDefinition
from engine.runtime import Runtime, ScriptEngine

MAX_ROUNDS = 1000  # moves of one execution; more means that a drawing and an operation chase each other

_current: ContextVar[Execution | None] = ContextVar("execution", default=None)


@dataclass
class Live:
    """An instance in memory with what will be written about it."""

    row: store.InstanceRow
    definition: ProcessDefinition
    runtime: Runtime
    is_new: bool = False
    history: list[list[Any]] = field(default_factory=list)  # what the audit entry will tell
    closed: dict[str, tuple[str, str]] = field(default_factory=dict)  # task -> (status, by)
    ended: bool = False


class Execution:
    def __init__(self, by: str, at: datetime) -> None:
        self.by = by
        self.at = at
        self.engine = ScriptEngine(at, store.working_calendar())
        self._live: dict[str, Live] = {}
        self._moving: list[Live] = []

    # --- instances --------------------------------------------------------------------------------

    def load(self, instance_id: str, row: store.InstanceRow | None = None) -> Live:
        """The instance, read and locked once an execution. Raises NotFound."""
        live = self._live.get(instance_id)
        if live is None:
            row = row or store.read_instance(instance_id)
            if row is None:
                raise NotFound("没有找到这一流程实例。")
            definition = definition_row(row.definition_id)
            runtime = Runtime.read(model_of(definition), row.state, self.engine)
            live = self._live[instance_id] = Live(row, definition, runtime)
        return live

    def load_active(self, instance_id: str, row: store.InstanceRow | None = None) -> Live:
        live = self.load(instance_id, row)
        if live.row.status != "active" or live.ended:
            raise ProcessNotActive
        return live

    def start(
        self, definition: ProcessDefinition, business_key: str, variables: dict,
        parent: Live | None = None, parent_token: Token | None = None,
    ) -> Live:
        instance_id = uuid4().hex
        row = store.InstanceRow(
            id=instance_id, definition_id=definition.id, root_id=parent.row.root_id if parent else instance_id,
            parent_id=parent.row.id if parent else None,
            parent_task_id=str(parent_token.id) if parent_token else None,
            parent_element_id=parent_token.task_spec.bpmn_id if parent_token else None,
            business_key=business_key, status="active", revision=1, state=b"", audit_seq=0, audit_hash=b"",
            started_at=self.at, started_by=self.by, ended_at=None,
        )
        runtime = Runtime.start(model_of(definition), variables, self.engine)
        live = Live(row, definition, runtime, is_new=True, history=[["started", definition.key, definition.version]])
        self._live[instance_id] = live
        self.move(live)
        tell("started", self._change(live, None))
        return live

    def move(self, live: Live) -> None:
        """Say that this instance has something to do when the execution settles."""
        if live not in self._moving:
            self._moving.append(live)

    # --- verbs' parts -------------------------------------------------------------------------------

    def complete(self, live: Live, task_id: str, variables: dict) -> None:
        if not live.runtime.is_open(task_id) or task_id in live.closed:
            raise TaskNotOpen
        live.closed[task_id] = ("completed", self.by)
        live.history.append(["completed", task_id])
        live.runtime.complete(task_id, variables)
        self.move(live)

    def cancel(self, live: Live, reason: str) -> None:
        """End an instance and everything it called, whatever is still open."""
        for child_id in store.active_children(live.row.id):
            self.cancel(self.load(child_id), reason)
        if live.ended or live.row.status in ("completed", "cancelled"):
            return
        live.runtime.cancel()
        live.history.append(["cancelled", reason])
        self._end(live, "cancelled", "cancelled")

    # --- settling -----------------------------------------------------------------------------------

    def settle(self) -> None:
        rounds = 0
        while self._moving:
            rounds += 1
            if rounds > MAX_ROUNDS:
                raise ProcessNotActive("流程在自动环节之间无休止地往返，已停止。")
            self._advance(self._moving.pop(0))
        self._write()

    def _advance(self, live: Live) -> None:
        if live.ended:
            return
        live.runtime.advance()
        for token in live.runtime.operations():
            self._operate(live, token)
        for token in live.runtime.calls():
            self._call(live, token)
        for event in live.runtime.thrown():
            live.history.append(["thrown", event.event_definition.name])
        if live.runtime.completed and not live.ended:
            self._finish(live)

    def _operate(self, live: Live, token: Token) -> None:
        element = live.runtime.element(token)
        name = element.extensions.operation
        call = OperationCall(live.row.id, live.row.business_key, element.id, dict(token.data), self.by, self.at)
        live.history.append(["operation", element.id, name])
        live.runtime.finish_started(token, call_operation(name, call))
        self.move(live)

    def _call(self, live: Live, token: Token) -> None:
        element = live.runtime.element(token)
        expression = element.extensions.business_key
        start = ChildStart(
            parent_id=live.row.id, root_id=live.row.root_id, element_id=element.id, item=element.extensions.item,
            called=str(render(token.task_spec.called, token.data)),
            business_key=str(evaluate(expression, token.data)) if expression else live.row.business_key,
            variables=dict(token.data), by=self.by, at=self.at,
        )
        prepare_child(start)
        definition = called_definition(live.definition, start.called)
        child = self.start(definition, start.business_key, start.variables, live, token)
        token.internal_data["child"] = child.row.id
        live.history.append(["called", element.id, child.row.id])

    def _finish(self, live: Live) -> None:
        live.history.append(["ended", live.runtime.ended_in])
        self._end(live, "completed", live.runtime.ended_in)
        if live.row.parent_id is not None:
            parent = self.load(live.row.parent_id)
            if not parent.ended and parent.row.status in ("active", "suspended"):
                token = parent.runtime.task(live.row.parent_task_id)
                outputs = {name: live.runtime.variables.get(name) for name in _outputs(parent.runtime.element(token))}
                parent.history.append(["returned", live.row.parent_element_id, live.row.id])
                parent.runtime.finish_started(token, outputs)
                self.move(parent)

    def _end(self, live: Live, status: str, ended_in: str | None) -> None:
        live.ended = True
        live.row.status = status
        live.row.ended_at = self.at
        tell("ended", self._change(live, ended_in))

    def _change(self, live: Live, ended_in: str | None) -> InstanceChange:
        return InstanceChange(
            live.row.id, live.row.root_id, live.row.parent_id, live.row.business_key, live.definition.key,
            live.runtime.variables, ended_in, self.by, self.at,
        )

    # --- writing ------------------------------------------------------------------------------------

    def _write(self) -> None:
        changed = [live for live in self._live.values() if live.history]
        opened = {live.row.id: self._open_new_tasks(live) for live in changed}
        prepare_tasks([task for tasks in opened.values() for task in tasks])
        if changed:
            store.write([self._changes_of(live, opened[live.row.id]) for live in changed], self.by, self.at)
        self._live.clear()

    def _open_new_tasks(self, live: Live) -> list[NewTask]:
        """Rows for what has become open; what is open no longer without having been completed is cancelled."""
        open_now = {} if live.ended else {str(token.id): token for token in live.runtime.open_tasks()}
        before = live.runtime.open_before
        for task_id in before - open_now.keys() - live.closed.keys():
            live.closed[task_id] = ("cancelled", self.by)
        opened = [self._new_task(live, token) for task_id, token in open_now.items() if task_id not in before]
        live.history += [["opened", task.id, task.element_id] for task in opened]
        return opened

    def _changes_of(self, live: Live, opened: list[NewTask]) -> store.InstanceChanges:
        runtime = live.runtime
        for task in opened:
            runtime.task(task.id).internal_data["groups"] = task.candidates
        timers_now = {} if live.ended else {str(token.id): (token, due, paused) for token, due, paused in runtime.timers()}
        return store.InstanceChanges(
            row=live.row, is_new=live.is_new, state=runtime.write(self.at), history=live.history, opened=opened,
            closed=live.closed, groups_served=runtime.groups_of(live.closed),
            timers=[
                store.TimerRow(task_id, token.task_spec.bpmn_id, due, "paused" if paused else "waiting")
                for task_id, (token, due, paused) in timers_now.items()
                if runtime.timers_before.get(task_id) != due or paused
            ],
            timers_gone=list(runtime.timers_before.keys() - timers_now.keys()),
        )

    def _new_task(self, live: Live, token: Token) -> NewTask:
        element = live.runtime.element(token)
        extensions = element.extensions
        candidates = render_names(extensions.candidate_groups, token.data)
        candidates += [f"user:{account}" for account in render_names(extensions.candidate_users, token.data)]
        assignee = render(extensions.assignee, token.data) if extensions.assignee else None
        if not candidates and not assignee:
            candidates = [element.lane or "administrator"]
        return NewTask(
            id=str(token.id), instance_id=live.row.id, root_id=live.row.root_id, business_key=live.row.business_key,
            element_id=element.id, name=element.name or element.id, step=extensions.step,
            form_key=extensions.form_key, assignee=str(assignee) if assignee else None,
            due_at=self._due_at(live, element, token.data), candidates=candidates,
        )

    def _due_at(self, live: Live, element: Element, variables: dict) -> datetime | None:
        """A limit that makes no sense for this case leaves the task without one, and says so in its history."""
        limit = element.extensions.limit
        if not limit:
            return None
        try:
            return due_moment(limit, self.at, self.engine.calendar, lambda text: evaluate(text, variables))[1]
        except ExpressionError as error:
            live.history.append(["limit not understood", element.id, str(error)])
            return None


def _outputs(element: Element) -> list[str]:
    """The variables a call activity takes back, as in `binglian:outputs="decision, licence"`. Nothing else comes back,
    so that parallel branches cannot overwrite one another's answers."""
    return [name.strip() for name in element.attributes.get("outputs", "").split(",") if name.strip()]


@contextmanager
def execution(by: str, at: datetime) -> Iterator[Execution]:
    """The execution of this unit of work; it settles and writes when the outermost verb ends."""
    running = _current.get()
    if running is not None:
        yield running
        return
    store.require_unit_of_work()
    running = Execution(by, at)
    token = _current.set(running)
    try:
        yield running
        running.settle()
    finally:
        _current.reset(token)

"""A running instance in memory: the one caller of SpiffWorkflow's workflow.

SpiffWorkflow moves tokens and nothing else. Who may act, what is stored and what leaves the house is decided
by `engine/execution.py`.
"""
from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from SpiffWorkflow.bpmn import BpmnEvent, BpmnWorkflow
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.script_engine.python_environment import BasePythonScriptEngineEnvironment
from SpiffWorkflow.bpmn.specs.event_definitions import MessageEventDefinition
from SpiffWorkflow.bpmn.util.task import BpmnTaskIterator
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskIterator, TaskState

from bpmn import expressions
from bpmn.parser import Element, ProcessModel
from bpmn.specs import DetachedCall, OperationTask, awaited_events
from engine import codec
from engine.calendar import Calendar

# SpiffWorkflow stops looking at a depth of 1000 tasks: a long case would end with an open task nobody is told of.
TaskIterator.__init__.__defaults__ = (None, 10**9, True, None)
BpmnTaskIterator.__init__.__defaults__ = (None, 10**9, True, False, None)


class SafeEnvironment(BasePythonScriptEngineEnvironment):
    """Every expression of a drawing goes through our own language, never through Python's `eval`."""

    def __init__(self) -> None:
        super().__init__({})

    def evaluate(self, expression: str, context: dict, external_context: dict | None = None) -> Any:
        return expressions.evaluate(expression, external_context or {}, context)

    def execute(self, script: str, context: dict, external_context: dict | None = None) -> bool:
        expressions.compile_script(script).run(context, external_context or {})
        return True

    def call_service(self, context: dict, **kwargs: Any) -> Any:
        raise PermissionError("service tasks call operations, never code")


class ScriptEngine(PythonScriptEngine):
    """Carries the moment and the calendar to the timers of a drawing."""

    def __init__(self, now: datetime, calendar: Calendar) -> None:
        super().__init__(SafeEnvironment())
        self.now = now
        self.calendar = calendar


class Workflow(BpmnWorkflow):
    """Finds tasks by looking at each once; SpiffWorkflow walks the tree through parents and children."""

    def get_tasks(self, first_task: Task | None = None, **kwargs: Any) -> list[Task]:
        if first_task is not None or kwargs.keys() != {"state"}:
            return super().get_tasks(first_task, **kwargs)
        state = kwargs["state"]
        return [task for workflow in (self, *self.subprocesses.values())
                for task in workflow.tasks.values() if task._state & state]


class Runtime:
    """One instance's tokens between reading and writing its state."""

    def __init__(self, model: ProcessModel, workflow: Workflow, stamps: dict, finished: dict) -> None:
        self.model = model
        self.workflow = workflow
        self._stamps = stamps
        self._finished = finished
        self.open_before = {str(task.id) for task in self.open_tasks()}
        self.timers_before = {str(task.id): due for task, due, _ in self.timers()}

    @classmethod
    def start(cls, model: ProcessModel, variables: dict, engine: ScriptEngine) -> Runtime:
        workflow = Workflow(model.spec, model.subprocess_specs, script_engine=engine)
        workflow.task_tree.data.update(variables)
        return cls(model, workflow, {}, {})

    @classmethod
    def read(cls, model: ProcessModel, state: bytes, engine: ScriptEngine) -> Runtime:
        stored = codec.read(state)
        workflow = Workflow(model.spec, model.subprocess_specs, script_engine=engine, deserializing=True)
        stamps = codec.fill(workflow, stored)
        return cls(model, workflow, stamps, stored["f"])

    def write(self, at: datetime) -> bytes:
        return codec.write(self.workflow, self._stamps, at.timestamp(), self._finished)

    # --- moving ---------------------------------------------------------------------------------

    def advance(self) -> None:
        """Run everything that needs nobody, until only people, timers, messages or operations are waited for."""
        self.workflow.refresh_timers()
        self.workflow.do_engine_steps()
        while any(t._state == TaskState.READY and not t.task_spec.manual for t in self.tasks()):
            self.workflow.do_engine_steps()  # it ends with the timers, and one of them has fired

    def complete(self, task_id: str, variables: dict) -> None:
        """End an open task. The caller has made sure that it is open."""
        task = self.task(task_id)
        task.data.update(variables)
        task.run()

    def finish_started(self, task: Task, variables: dict) -> None:
        """End a task that was waiting for an operation or a child instance."""
        task.data.update(variables)
        task.complete()

    def receive(self, message: str, variables: dict) -> bool:
        """Hand a message to whatever waits for it. False when nothing does."""
        event = BpmnEvent(MessageEventDefinition(message), variables)
        waiting = [t for t in self.workflow.event_manager.tasks.values() if _waits_for(t, message)]
        for task in waiting:
            task.data.update(variables)
            task.task_spec.catch(task, event)
            task.task_spec._update(task)
        return bool(waiting)

    def cancel(self) -> None:
        self.workflow.cancel()

    def thrown(self) -> list[Any]:
        """Events thrown by the drawing that nothing inside it catches."""
        return self.workflow.get_events()

    # --- looking --------------------------------------------------------------------------------

    @property
    def completed(self) -> bool:
        return self.workflow.completed

    @property
    def variables(self) -> dict:
        last = self.workflow.last_task
        return dict(last.data) if last is not None else {}

    @property
    def ended_in(self) -> str | None:
        """The end event that was reached last."""
        ends = [t for t in self.workflow.tasks.values() if t._state == TaskState.COMPLETED and self._is_end(t)]
        return max(ends, key=lambda t: t.last_state_change).task_spec.bpmn_id if ends else None

    def _is_end(self, task: Task) -> bool:
        element = self.model.elements.get(task.task_spec.bpmn_id or "")
        return element is not None and element.type == "endEvent"

    def task(self, task_id: str) -> Task | None:
        """The task of this id: text when it was read back, a UUID when it was made since."""
        for workflow in (self.workflow, *self.workflow.subprocesses.values()):
            found = workflow.tasks.get(task_id) or workflow.tasks.get(UUID(task_id))
            if found is not None:
                return found
        return None

    def is_open(self, task_id: str) -> bool:
        return task_id in self.open_before

    def element(self, task: Task) -> Element:
        return self.model.elements[task.task_spec.bpmn_id]

    def tasks(self) -> Iterator[Task]:
        yield from self.workflow.tasks.values()
        for subprocess in self.workflow.subprocesses.values():
            yield from subprocess.tasks.values()

    def groups_of(self, task_ids: Iterable[str]) -> list[str]:
        """The groups that could claim these tasks; a cancelled branch has forgotten them."""
        tokens = (self.task(task_id) for task_id in task_ids)
        return [group for token in tokens if token is not None for group in token.internal_data.get("groups", ())]

    def open_tasks(self) -> list[Task]:
        return [t for t in self.tasks() if t._state == TaskState.READY and t.task_spec.manual]

    def operations(self) -> list[Task]:
        return [t for t in self.tasks() if t._state == TaskState.STARTED and isinstance(t.task_spec, OperationTask)]

    def calls(self) -> list[Task]:
        """Call activities whose child instance has yet to start."""
        return [
            t for t in self.tasks()
            if t._state == TaskState.STARTED and isinstance(t.task_spec, DetachedCall) and "child" not in t.internal_data
        ]

    def timers(self) -> list[tuple[Task, datetime, bool]]:
        """(task, due, paused) of every moment this instance waits for."""
        return [
            (task, datetime.fromisoformat(value["due"]), bool(value.get("paused")))
            for task in self.workflow.event_manager.tasks.values()
            if (value := task.internal_data.get("event_value")) and value["due"]
        ]


def _waits_for(task: Task, message: str) -> bool:
    return any(
        isinstance(definition, MessageEventDefinition) and definition.name == message
        for definition in awaited_events(task.task_spec)
    )

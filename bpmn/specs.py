"""The kinds of elements that run differently here than in SpiffWorkflow.

SpiffWorkflow moves tokens; these classes tell it where our rules differ: a called process is an instance of its
own, a timer asks the engine for the time, a countersigned task counts votes as they come.

The engine's script engine offers, besides ``evaluate``: ``now`` (an aware datetime) and ``calendar`` (something
with ``due_at(start, working_days)``).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from SpiffWorkflow.bpmn.exceptions import WorkflowTaskException
from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.specs.data_spec import TaskDataReference
from SpiffWorkflow.bpmn.specs.defaults import (
    EventBasedGateway,
    ManualTask,
    NoneTask,
    ParallelMultiInstanceTask,
    SequentialMultiInstanceTask,
    ServiceTask,
    UserTask,
)
from SpiffWorkflow.bpmn.specs.event_definitions.base import EventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.multiple import MultipleEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.timer import CycleTimerEventDefinition, TimerEventDefinition
from SpiffWorkflow.bpmn.specs.mixins.bpmn_spec_mixin import BpmnSpecMixin
from SpiffWorkflow.bpmn.specs.mixins.multiinstance_task import LoopTask
from SpiffWorkflow.bpmn.util import PendingBpmnEvent
from SpiffWorkflow.specs.base import TaskSpec
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from bpmn.durations import due_moment, read_cycle
from bpmn.extensions import ElementExtensions

MAX_INSTANCES = 200
"""Instances of one multi-instance task. Each copies the data of the task, so time grows with the square."""

# --- skipping ----------------------------------------------------------------------------------------------------


def is_skipped(my_task: Task) -> bool:
    """Whether the element's ``skip`` expression is true for this task."""
    extensions: ElementExtensions = my_task.task_spec.extensions
    if extensions.skip is None:
        return False
    skipped = bool(my_task.workflow.script_engine.evaluate(my_task, extensions.skip))
    if skipped:
        my_task.internal_data["skipped"] = True
    return skipped


class _SkippableByPeople:
    """A person's task is passed over before anyone sees it: it completes instead of becoming READY."""

    def _update_hook(self, my_task: Task) -> bool | None:
        ready = super()._update_hook(my_task)
        if ready and is_skipped(my_task):
            my_task.complete()
            return None
        return ready


class SkippableUserTask(_SkippableByPeople, UserTask):
    pass


class SkippableManualTask(_SkippableByPeople, ManualTask):
    pass


class SkippableTask(_SkippableByPeople, NoneTask):
    pass


# --- work the engine does ----------------------------------------------------------------------------------------


class OperationTask(ServiceTask):
    """A service task: STARTED until the engine has called its ``operation`` and completes it."""

    @property
    def operation(self) -> str | None:
        return self.extensions.operation

    def _run_hook(self, my_task: Task) -> bool | None:
        return True if is_skipped(my_task) else None


class DetachedCall(BpmnSpecMixin):
    """A call activity: STARTED until the engine completes it with what the called process left.

    The called process is an instance of its own, with a row of its own; there is no sub-workflow inside this one.
    ``called`` is the key of the called process; it may hold ``${…}``.
    """

    def __init__(self, wf_spec: BpmnProcessSpec, bpmn_id: str, subworkflow_spec: str, **kwargs: Any):
        super().__init__(wf_spec, bpmn_id, **kwargs)
        self.called = subworkflow_spec

    def _run_hook(self, my_task: Task) -> bool | None:
        return True if is_skipped(my_task) else None


# --- timers ------------------------------------------------------------------------------------------------------


class WorkingTimer(TimerEventDefinition):
    """A timer that never reads a clock.

    When the task first waits, the due time is computed once and kept in ``internal_data['event_value']`` as
    ``{'kind': 'working_days' | 'duration' | 'date', 'due': ISO text}``. The engine may move ``due``, or add
    ``paused`` (then it does not fire), and is expected to call ``refresh_timers()`` when ``due`` has come.
    """

    def has_fired(self, my_task: Task) -> bool:
        value = my_task.internal_data.get("event_value")
        if value is None:
            value = my_task.internal_data["event_value"] = self._first_value(my_task)
        if _is_due(value, my_task):
            my_task.internal_data["event_fired"] = True
        return my_task.internal_data.get("event_fired", False)

    def details(self, my_task: Task) -> PendingBpmnEvent:
        return PendingBpmnEvent(self.name, type(self).__name__, my_task.internal_data.get("event_value"))

    def _first_value(self, my_task: Task) -> dict[str, Any]:
        engine = my_task.workflow.script_engine
        kind, due = due_moment(
            self.expression, engine.now, engine.calendar, lambda text: engine.evaluate(my_task, text)
        )
        return {"kind": kind, "due": due.isoformat()}


class WorkingCycle(CycleTimerEventDefinition):
    """``R3/P2WD`` on a non-interrupting boundary event: a reminder every second working day, three times.

    ``event_value`` is ``{'kind': 'cycle', 'due': ISO text or None, 'left': number or None}``; ``left`` is None
    where the cycle has no end.
    """

    def cycle_complete(self, my_task: Task) -> bool:
        """Called at every refresh; true when one turn is due (Spiff then starts the branch after the event)."""
        value = my_task.internal_data.get("event_value")
        if value is None:
            value = self._turn(my_task, read_cycle(self.expression).times)
            my_task.internal_data["event_value"] = value
        if not _is_due(value, my_task):
            return False
        left = None if value["left"] is None else value["left"] - 1
        my_task.internal_data["event_value"] = self._turn(my_task, left)
        my_task.internal_data["event_fired"] = left == 0
        return True

    def details(self, my_task: Task) -> PendingBpmnEvent:
        return PendingBpmnEvent(self.name, type(self).__name__, my_task.internal_data.get("event_value"))

    def _turn(self, my_task: Task, left: int | None) -> dict[str, Any]:
        engine = my_task.workflow.script_engine
        due = None if left == 0 else read_cycle(self.expression).every.after(engine.now, engine.calendar)
        return {"kind": "cycle", "due": due and due.isoformat(), "left": left}


class ForgetfulEventGateway(EventBasedGateway):
    """Waits for several events and takes the first. The events to wait for are moved here from behind it.

    SpiffWorkflow keeps the event that came, definition and all, in the data of the finished task; there is no use
    for it any more, and a stored instance should hold nothing but JSON.
    """

    def _run_hook(self, my_task: Task) -> bool:
        result = super()._run_hook(my_task)
        my_task.internal_data.pop("seen_events", None)
        return result


def awaited_events(task_spec: TaskSpec) -> list[EventDefinition]:
    """What a waiting element waits for: several things behind an event-based gateway, else one.

    Behind a gateway the timer's ``event_value`` is in the data of the gateway's task.
    """
    definition = task_spec.event_definition
    return definition.event_definitions if isinstance(definition, MultipleEventDefinition) else [definition]


def _is_due(value: dict[str, Any], my_task: Task) -> bool:
    if value.get("paused") or value["due"] is None:
        return False
    return datetime.fromisoformat(value["due"]) <= my_task.workflow.script_engine.now


# --- several people, one task ------------------------------------------------------------------------------------


class Collection(TaskDataReference):
    """The list that a multi-instance task runs over: a variable or an expression."""

    def exists(self, my_task: Task) -> bool:
        return True  # ``get`` says what is missing; SpiffWorkflow would look for a variable of this very name

    def get(self, my_task: Task) -> Any:
        if self.bpmn_id in my_task.data:
            values = my_task.data[self.bpmn_id]
        else:
            values = my_task.workflow.script_engine.evaluate(my_task, self.bpmn_id)
        if not isinstance(values, (list, tuple, dict)):
            raise WorkflowTaskException(f"“{self.bpmn_id}” is no list; a multi-instance task needs one.", task=my_task)
        return values


class _CountedInstances:
    """Evaluates the completion condition on what has been handed in so far.

    SpiffWorkflow evaluates it on the last instance's copy of the data, which knows nothing of the other votes.
    The condition sees the merged data, the BPMN counters ``nrOfInstances``, ``nrOfCompletedInstances`` and
    ``nrOfActiveInstances``, and the last instance's own item and result.
    """

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if self.data_input is not None:
            self.data_input = Collection(self.data_input.bpmn_id, self.data_input.bpmn_name)

    def create_child(self, my_task: Task, item: Any, key_or_index: Any = None) -> None:
        if sum(1 for _ in self._instances(my_task)) >= MAX_INSTANCES:
            raise WorkflowTaskException(f"More than {MAX_INSTANCES} instances of one task.", task=my_task)
        super().create_child(my_task, item, key_or_index)

    def merge_child(self, workflow: Any, child: Task) -> None:
        if self.input_item is not None:
            # Merged into the whole, the item would be taken for a name in use by the next instance.
            child.data.pop(self.input_item.bpmn_id, None)
        if self.output_item is not None and child.internal_data.get("skipped"):
            child.data.setdefault(self.output_item.bpmn_id, None)
        super().merge_child(workflow, child)

    def check_completion_condition(self, my_task: Task) -> bool:
        merged = my_task.internal_data.get("merged", [])
        if not merged or self.condition is None:
            return False
        last = next(child for child in my_task.children if str(child.id) == merged[-1])
        context = {**self._counters(my_task, len(merged)), **self._own_values(my_task, last)}
        return bool(my_task.workflow.script_engine.evaluate(my_task, self.condition, external_context=context))

    def _counters(self, my_task: Task, completed: int) -> dict[str, int]:
        instances = list(self._instances(my_task))
        active = sum(1 for child in instances if not child.has_state(TaskState.FINISHED_MASK))
        return {
            "nrOfInstances": self._total(my_task, len(instances)),
            "nrOfCompletedInstances": completed,
            "nrOfActiveInstances": active,
        }

    def _total(self, my_task: Task, created: int) -> int:
        """Sequential instances are created one by one, so counting them is not enough."""
        if self.data_input is not None:
            return len(self.data_input.get(my_task))
        return my_task.internal_data.get("cardinality") or created

    def _own_values(self, my_task: Task, child: Task) -> dict[str, Any]:
        values = {}
        if self.input_item is not None:
            values[self.input_item.bpmn_id] = self._item_of(my_task, child)
        if self.output_item is not None and self.output_item.exists(child):
            values[self.output_item.bpmn_id] = self.output_item.get(child)
        return values

    def _item_of(self, my_task: Task, child: Task) -> Any:
        key = child.internal_data.get("key_or_index", child.internal_data.get("item"))
        return self.data_input.get(my_task)[key] if self.data_input is not None else key


class ParallelInstances(_CountedInstances, ParallelMultiInstanceTask):
    pass


class SequentialInstances(_CountedInstances, SequentialMultiInstanceTask):
    pass


def connect_instances(spec: BpmnProcessSpec) -> None:
    """Connects every loop and multi-instance task with its instances.

    SpiffWorkflow does so when the first instance is created. A workflow restored onto a spec on which none was
    ever created would wait for ever for instances that are already complete.
    """
    for task_spec in spec.task_specs.values():
        if isinstance(task_spec, LoopTask):
            completed = spec.task_specs[task_spec.task_spec].completed_event
            if not completed.is_connected(task_spec.merge_child):
                completed.connect(task_spec.merge_child)

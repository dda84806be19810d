"""The smallest engine that can run what ``bpmn.parse`` returns: a fixed clock and a calendar without holidays."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.script_engine.python_environment import BasePythonScriptEngineEnvironment
from SpiffWorkflow.bpmn.specs.event_definitions.message import MessageEventDefinition
from SpiffWorkflow.bpmn.util import BpmnEvent
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from bpmn import parse
from bpmn.expressions import compile_script, evaluate

CHINA = ZoneInfo("Asia/Shanghai")


class Weekdays:
    """A calendar where Monday to Friday are worked."""

    def due_at(self, start: datetime, working_days: int) -> datetime:
        day = start.astimezone(CHINA)
        while working_days > 0:
            day += timedelta(days=1)
            working_days -= day.weekday() < 5
        return day.replace(hour=23, minute=59, second=59)


class Environment(BasePythonScriptEngineEnvironment):
    def evaluate(self, expression, context, external_context=None):
        return evaluate(expression, external_context or {}, context)

    def execute(self, script, context, external_context=None):
        compile_script(script).run(context, external_context or {})
        return True


class Engine(PythonScriptEngine):
    def __init__(self, now: datetime):
        super().__init__(Environment())
        self.now = now
        self.calendar = Weekdays()


class Play:
    """One running instance of a process."""

    def __init__(self, source: bytes, *, now: str = "2026-03-02T09:00", **variables: Any):
        model = next(iter(parse(source).processes.values()))
        self.engine = Engine(datetime.fromisoformat(now).replace(tzinfo=CHINA))
        self.workflow = BpmnWorkflow(model.spec, model.subprocess_specs, script_engine=self.engine)
        self.workflow.task_tree.data.update(variables)
        self.go()

    def go(self) -> Play:
        self.workflow.do_engine_steps()
        self.workflow.do_engine_steps()
        return self

    def tasks(self, state: int) -> list[Task]:
        return self.workflow.get_tasks(state=state)

    def waiting_for(self) -> list[str]:
        """The ids of what someone or the engine has to complete, in the order of the file."""
        tasks = [*self.workflow.get_tasks(state=TaskState.READY, manual=True), *self.started()]
        return [task.task_spec.bpmn_id for task in tasks]

    def started(self) -> list[Task]:
        """What the engine completes: calls and operations, not the frames of sub-processes and instances."""
        kinds = ("DetachedCall", "OperationTask")
        return [task for task in self.tasks(TaskState.STARTED) if type(task.task_spec).__name__ in kinds]

    def do(self, element_id: str, **variables: Any) -> Play:
        """Completes the first open task of an element."""
        tasks = [*self.workflow.get_tasks(state=TaskState.READY, manual=True), *self.started()]
        task = next(task for task in tasks if task.task_spec.bpmn_id == element_id)
        task.data.update(variables)
        if task.state == TaskState.READY:
            task.run()
        else:
            task.complete()
        return self.go()

    def wait_until(self, moment: str) -> Play:
        self.engine.now = datetime.fromisoformat(moment).replace(tzinfo=CHINA)
        self.workflow.refresh_timers()
        return self.go()

    def send(self, message: str, **payload: Any) -> Play:
        self.workflow.send_event(BpmnEvent(MessageEventDefinition(message), payload))
        return self.go()

    def timer(self, element_id: str) -> dict[str, Any]:
        task = next(task for task in self.tasks(TaskState.WAITING) if task.task_spec.bpmn_id == element_id)
        return task.internal_data["event_value"]

    @property
    def data(self) -> dict[str, Any]:
        return self.workflow.last_task.data

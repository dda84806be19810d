"""The engine's door. Whoever runs processes comes in here and nowhere else."""
from bpmn import Finding, ProcessRefused
from bpmn.expressions import ExpressionError, compile_expression
from bpmn.expressions import evaluate as evaluate_expression
from engine.audit import BrokenLink, broken_links, entries, record
from engine.calendar import CHINA, Calendar, end_of
from engine.db import Json, UtcDateTime, canonical, db, is_writing, unit_of_work
from engine.definitions import (
    definition, definition_elements, definition_xml, definitions, deploy, latest_definition,
)
from engine.errors import (
    Conflict, EngineError, NotFound, NotYourTask, ProcessNotActive, ProcessNotFound, TaskNotOpen,
)
from engine.hooks import (
    ChildStart, InstanceChange, NewTask, OperationCall, hears, operation, operation_names, prepares_child,
    prepares_tasks,
)
from engine.inbox import claimable, inbox, mine
from engine.models import (
    AuditEntry, CalendarDay, OutboxEvent, ProcessDefinition, ProcessFile, ProcessInstance, Task, TaskCandidate, Timer,
)
from engine.outbox import announce
from engine.picture import ElementState, Picture, picture
from engine.store import forget_calendar, working_calendar
from engine.timers import due_instances, fire_due_timers
from engine.verbs.cancel import cancel_process
from engine.verbs.claim import claim_task, release_task
from engine.verbs.complete import complete_task
from engine.verbs.send_message import send_message
from engine.verbs.start import start_process
from engine.verbs.suspend import resume_process, suspend_process

__all__ = [
    "AuditEntry", "BrokenLink", "CHINA", "Calendar", "CalendarDay", "ChildStart", "Conflict", "ElementState",
    "EngineError", "ExpressionError", "Finding", "InstanceChange", "Json", "NewTask", "NotFound", "NotYourTask",
    "OperationCall", "OutboxEvent", "Picture", "ProcessDefinition", "ProcessFile", "ProcessInstance",
    "ProcessNotActive", "ProcessNotFound", "ProcessRefused", "Task", "TaskCandidate", "TaskNotOpen", "Timer",
    "UtcDateTime", "announce", "broken_links", "cancel_process", "canonical", "claim_task", "claimable",
    "compile_expression", "complete_task", "db", "definition", "definition_elements", "definition_xml", "definitions",
    "deploy", "due_instances", "end_of", "entries", "evaluate_expression", "fire_due_timers", "forget_calendar",
    "hears", "inbox", "is_writing", "latest_definition", "mine", "operation", "operation_names", "picture",
    "prepares_child", "prepares_tasks", "record", "release_task", "resume_process", "send_message", "start_process",
    "suspend_process", "unit_of_work", "working_calendar",
]

from engine.models.audit_entry import AuditEntry
from engine.models.calendar_day import CalendarDay
from engine.models.outbox import OutboxEvent
from engine.models.process_definition import ProcessDefinition, ProcessFile
from engine.models.process_instance import ProcessInstance
from engine.models.task import Task, TaskCandidate
from engine.models.timer import Timer

__all__ = [
    "AuditEntry", "CalendarDay", "OutboxEvent", "ProcessDefinition", "ProcessFile", "ProcessInstance",
    "Task", "TaskCandidate", "Timer",
]

from datetime import datetime

from engine import store
from engine.errors import NotYourTask, TaskNotOpen
from engine.execution import execution


def complete_task(task_id: str, *, by: str, at: datetime, variables: dict | None = None) -> None:
    """End a task with the variables its outcome sets (`{"decision": "approve"}`); flat values only.

    Raises:
        TaskNotOpen: it was done or cancelled before.
        NotYourTask: somebody else has claimed it.
        ProcessNotActive: its process is suspended.
    """
    with execution(by, at) as running:
        found = store.read_instance_of_task(task_id)
        if found is None or found[2] != "open":
            raise TaskNotOpen
        row, assignee, _ = found
        if assignee not in (None, by):
            raise NotYourTask
        running.complete(running.load_active(row.id, row), task_id, variables or {})

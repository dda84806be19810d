from datetime import datetime

from sqlalchemy import select, update

from engine.audit import record
from engine.db import db
from engine.errors import NotYourTask, TaskNotOpen
from engine.models import Task, TaskCandidate
from engine.outbox import announce


def claim_task(task_id: str, *, by: str, at: datetime) -> Task:
    """Take a task out of the common inbox. Of fifty who try at once one wins.

    Raises:
        TaskNotOpen: it was done or cancelled before.
        NotYourTask: somebody else was first.
    """
    free = update(Task).where(Task.id == task_id, Task.status == "open", Task.assignee.is_(None))
    return _assign(task_id, free.values(assignee=by, claimed_at=at), "claimed", by, at)


def release_task(task_id: str, *, by: str, at: datetime) -> Task:
    """Put a claimed task back into the common inbox. A task drawn for one person has no inbox to go to.

    Raises:
        TaskNotOpen, NotYourTask: as `claim_task`.
    """
    mine = update(Task).where(
        Task.id == task_id, Task.status == "open", Task.assignee == by,
        select(TaskCandidate.task_id).where(TaskCandidate.task_id == task_id).exists(),
    )
    return _assign(task_id, mine.values(assignee=None, claimed_at=None), "released", by, at)


def _assign(task_id: str, change, action: str, by: str, at: datetime) -> Task:
    won = db.session.execute(change.execution_options(synchronize_session=False)).rowcount == 1
    task = db.session.get(Task, task_id, populate_existing=True)
    if task is None or task.status != "open":
        raise TaskNotOpen
    if not won and not (action == "claimed" and task.assignee == by):
        raise NotYourTask(None if task.assignee is None else f"这项待办已由他人（{task.assignee}）签收。")
    if won:
        record(f"task:{task_id}", action, by=by, at=at)
        topics = [f"group:{c.group_name}" for c in task.candidates] + [f"user:{by}", task.business_key]
        announce("TaskAssigned", {"task": task_id, "action": action, "by": by}, topics=topics, at=at)
    return task

"""What inboxes read: task rows, never the state of an instance."""
from collections.abc import Iterable

from sqlalchemy import Select, or_, select

from engine.models import Task, TaskCandidate


def inbox(*, account: str, groups: Iterable[str]) -> Select[tuple[Task]]:
    """Open tasks that this account has, or may claim. Add filters, order and paging to it.

    Indexes: ix_task_assignee_status_due_at for what it has, ix_task_candidate_group_name_task_id for what it may claim.
    """
    return select(Task).where(
        Task.status == "open",
        or_(Task.assignee == account, Task.id.in_(_claimable(groups)) & Task.assignee.is_(None)),
    )


def mine(account: str) -> Select[tuple[Task]]:
    """Open tasks that this account has claimed or that were drawn for it."""
    return select(Task).where(Task.status == "open", Task.assignee == account)


def claimable(groups: Iterable[str]) -> Select[tuple[Task]]:
    """Open tasks nobody has taken that these groups may claim."""
    return select(Task).where(Task.status == "open", Task.assignee.is_(None), Task.id.in_(_claimable(groups)))


def _claimable(groups: Iterable[str]) -> Select[tuple[str]]:
    return select(TaskCandidate.task_id).where(TaskCandidate.group_name.in_(sorted(groups)))

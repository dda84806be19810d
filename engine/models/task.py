from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from engine.db import UtcDateTime, db


class Task(db.Model):
    """待办: one person's work. Inboxes read these rows and never the instance's state.

    `status`: open, completed, cancelled. `assignee` is the account that claimed it or for whom it was drawn.
    """

    __tablename__ = "task"
    __table_args__ = (
        Index("ix_task_assignee_status_due_at", "assignee", "status", "due_at"),
        Index("ix_task_instance_id", "instance_id"),
        Index("ix_task_root_id", "root_id"),
        Index("ix_task_business_key_status", "business_key", "status"),
        Index("ix_task_completed_by_completed_at", "completed_by", "completed_at"),
    )
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    instance_id: Mapped[str] = mapped_column(ForeignKey("process_instance.id"))
    root_id: Mapped[str] = mapped_column(String(32))
    business_key: Mapped[str] = mapped_column(String(80))
    element_id: Mapped[str] = mapped_column(String(120))
    name: Mapped[str] = mapped_column(String(200))
    step: Mapped[str | None] = mapped_column(String(40))
    form_key: Mapped[str | None] = mapped_column(String(120))
    status: Mapped[str] = mapped_column(String(12))
    assignee: Mapped[str | None] = mapped_column(String(80))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    claimed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    completed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    completed_by: Mapped[str | None] = mapped_column(String(80))

    candidates: Mapped[list["TaskCandidate"]] = relationship(lazy="selectin", viewonly=True)

    @property
    def due_on(self) -> date | None:
        """The last day of the limit in China's time."""
        from engine.calendar import CHINA

        return self.due_at.astimezone(CHINA).date() if self.due_at else None


class TaskCandidate(db.Model):
    """A group that may claim an open task. The row goes when the task is no longer open,
    so that an inbox reads open work only, however long the history grows."""

    __tablename__ = "task_candidate"
    __table_args__ = (Index("ix_task_candidate_group_name_task_id", "group_name", "task_id"),)
    task_id: Mapped[str] = mapped_column(ForeignKey("task.id"), primary_key=True)
    group_name: Mapped[str] = mapped_column(String(120), primary_key=True)

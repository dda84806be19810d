from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from engine.db import UtcDateTime, db


class Timer(db.Model):
    """计时器: a moment an instance waits for. `status`: waiting, paused; a fired or cancelled timer's row goes."""

    __tablename__ = "timer"
    __table_args__ = (
        Index("ix_timer_status_due_at", "status", "due_at"),
        Index("ix_timer_instance_id", "instance_id"),
    )
    id: Mapped[str] = mapped_column(String(36), primary_key=True)  # the engine's task id: one row a wait
    instance_id: Mapped[str] = mapped_column(ForeignKey("process_instance.id"))
    element_id: Mapped[str] = mapped_column(String(120))
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    status: Mapped[str] = mapped_column(String(12))

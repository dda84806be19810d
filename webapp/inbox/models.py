from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from engine.db import Json, UtcDateTime, db


class OpinionDraft(db.Model):
    """What somebody has typed into the form of a task and not sent yet; it goes when the task is done."""

    __tablename__ = "opinion_draft"
    task_id: Mapped[str] = mapped_column(ForeignKey("task.id"), primary_key=True)
    account: Mapped[str] = mapped_column(String(80), primary_key=True)
    values: Mapped[dict] = mapped_column(Json)
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)

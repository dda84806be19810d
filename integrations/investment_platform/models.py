from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from engine.db import Json, UtcDateTime, db


class PlatformReport(db.Model):
    """上报日志: one report that the platform took, with its receipt (PARALLEL-INV-11)."""

    __tablename__ = "platform_report"
    __table_args__ = (Index("ix_platform_report_project_code_sent_at", "project_code", "sent_at"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(120), unique=True)
    project_code: Mapped[str] = mapped_column(String(24))
    kind: Mapped[str] = mapped_column(String(60))
    payload: Mapped[dict] = mapped_column(Json)
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answer: Mapped[dict] = mapped_column(Json)

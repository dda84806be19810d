from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engine.api import UtcDateTime, db


class TimeLimit(db.Model):
    """计时: one of the two clocks of a case, promised 承诺 or statutory 法定. `state`: running, paused, met, missed."""

    __tablename__ = "time_limit"
    __table_args__ = (UniqueConstraint("case_id", "kind"), Index("ix_time_limit_state_due_on", "state", "due_on"))
    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    kind: Mapped[str] = mapped_column(String(10))  # promised, statutory
    days: Mapped[int]
    unit: Mapped[str] = mapped_column(String(2))  # WD, ND
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_on: Mapped[date]
    state: Mapped[str] = mapped_column(String(10))
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ClockPause(db.Model):
    """特别程序 that stops the clocks of a case (行政许可法 第四十五条), open while `ended_at` is empty."""

    __tablename__ = "clock_pause"
    __table_args__ = (Index("ix_clock_pause_case_id", "case_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    procedure: Mapped[str] = mapped_column(String(60))  # 听证, 专家评审, …
    reason: Mapped[str] = mapped_column(String(1000))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    result: Mapped[str | None] = mapped_column(String(1000))
    by: Mapped[str] = mapped_column(String(80))

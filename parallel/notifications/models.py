from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from engine.api import UtcDateTime, db


class Notification(db.Model):
    """通知 to an account. Shown on the site at once; the outbox also carries it to SMS."""

    __tablename__ = "notification"
    __table_args__ = (Index("ix_notification_account_created_at", "account", "created_at"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    account: Mapped[str] = mapped_column(String(80))
    node: Mapped[str] = mapped_column(String(40))  # accepted, not_accepted, correction, closed, come_to_hall, suspended …
    text: Mapped[str] = mapped_column(String(1000))
    application_id: Mapped[int | None] = mapped_column(ForeignKey("application.id"))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case.id"))
    phone: Mapped[str | None] = mapped_column(String(30))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sms_state: Mapped[str] = mapped_column(String(12))  # none, queued, sent, failed

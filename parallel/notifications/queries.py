"""What screens read of notifications. Index of all: ix_notification_account_created_at."""
from __future__ import annotations

from sqlalchemy import func

from engine.api import db
from parallel.notifications.models import Notification


def notifications_of(account: str, limit: int = 50) -> list[Notification]:
    """The newest first."""
    query = db.select(Notification).where(Notification.account == account)
    return list(db.session.scalars(query.order_by(Notification.created_at.desc(), Notification.id.desc()).limit(limit)))


def unread_count(account: str) -> int:
    unread = db.select(func.count()).select_from(Notification)
    return db.session.scalar(unread.where(Notification.account == account, Notification.read_at.is_(None)))

"""通知 to an applicant: on the site at once, by SMS through the outbox (PORTAL-APPLY-4)."""
from __future__ import annotations

from datetime import datetime

from engine.api import announce, db
from parallel.cases.models import Application, Case
from parallel.notifications.models import Notification

REQUIRED_NODES = ("accepted", "not_accepted", "correction", "closed")  # 必发: each exactly once an occasion


def notify(application: Application, node: str, text: str, at: datetime, case: Case | None = None) -> Notification:
    """Tell the applicant. The state machine lets each act that calls this happen once, so each notice goes out once."""
    notification = Notification(
        account=application.applicant, node=node, text=text, application_id=application.id,
        case_id=case.id if case else None, phone=application.contact_phone or None, created_at=at,
        sms_state="queued" if application.contact_phone else "none",
    )
    db.session.add(notification)
    db.session.flush()
    topics = [f"user:{application.applicant}", f"application:{application.id}"]
    announce("Notified", {"notification": notification.id, "node": node}, topics=topics, at=at)
    if notification.phone:
        payload = {"notification": notification.id, "phone": notification.phone, "text": text}
        announce("SmsRequested", payload, topics=[], at=at, key=f"sms:{notification.id}")
    return notification


def mark_read(account: str, at: datetime, notification_ids: list[int] | None = None) -> int:
    """Mark an account's notifications as read, the given ones or all; how many were unread."""
    unread = db.update(Notification).where(Notification.account == account, Notification.read_at.is_(None))
    if notification_ids is not None:
        unread = unread.where(Notification.id.in_(notification_ids))
    return db.session.execute(unread.values(read_at=at)).rowcount


def record_sms(notification_id: int, sent: bool) -> None:
    """What became of the SMS; called by the adapter that sent it (失败可重发且留痕)."""
    notification = db.session.get(Notification, notification_id)
    notification.sms_state = "sent" if sent else "failed"

from __future__ import annotations

from datetime import datetime

from engine.api import announce, db, record
from parallel.items.errors import ItemStatusWrong
from parallel.items.models import ServiceItem
from parallel.items.queries import current_item

STATUS_NAMES = {"draft": "草稿", "published": "在用", "suspended": "暂停", "cancelled": "取消"}


def suspend_item(code: str, by: str, at: datetime) -> ServiceItem:
    """停用: no new application is accepted; running cases go on (ITEM-8)."""
    return change_status(current_item(code), {"published"}, "suspended", by, at)


def resume_item(code: str, by: str, at: datetime) -> ServiceItem:
    """恢复: the item may be applied for again."""
    return change_status(current_item(code), {"suspended"}, "published", by, at)


def change_status(item: ServiceItem, allowed: set[str], status: str, by: str, at: datetime) -> ServiceItem:
    """Move an item's current version to another status, and record it."""
    if item.status not in allowed:
        raise ItemStatusWrong(f"事项“{item.name}”现为“{STATUS_NAMES[item.status]}”，不能改为“{STATUS_NAMES[status]}”。")
    before, item.status = item.status, status
    db.session.flush()
    record(f"item:{item.code}", status, by=by, at=at, detail={"version": item.version, "from": before})
    announce("ItemStatusChanged", {"item": item.code, "status": status}, topics=["items"], at=at)
    return item

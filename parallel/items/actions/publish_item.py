from __future__ import annotations

from datetime import datetime

from parallel.items.actions.suspend_item import change_status
from parallel.items.models import ServiceItem
from parallel.items.queries import current_item
from parallel.items.versions import Placement, check


def publish_item(code: str, by: str, at: datetime) -> ServiceItem:
    """发布: a draft may be applied for from now on; it is checked once more (ITEM-4, ITEM-8)."""
    item = current_item(code)
    check(item.body, Placement(item.department_code, item.division_code, item.status, item.process_key))
    return change_status(item, {"draft"}, "published", by, at)

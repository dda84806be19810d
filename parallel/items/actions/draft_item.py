from __future__ import annotations

from datetime import datetime

from engine.api import db, record
from parallel.items import versions
from parallel.items.errors import ItemInvalid
from parallel.items.models import ServiceItem

_DEFAULTS = {
    "applicability": {"expr": "true", "text": ""}, "prerequisites": [], "materials": [], "special_procedures": [],
    "fee": {"charge": False}, "legal_limit": {"days": 20, "unit": "WD", "basis": "行政许可法第四十二条"},
    "promise_limit": None, "stage4": 5, "en": "",
}


def draft_item(entry: dict, department_code: str, division_code: str, by: str, at: datetime) -> ServiceItem:
    """新增事项 as a draft, from an entry in the catalogue's form; what the entry leaves out has defaults.

    Raises:
        ItemInvalid: an element is wrong, or the item code is taken.
    """
    taken = db.session.scalar(db.select(ServiceItem.id).where(ServiceItem.code == entry["code"]).limit(1))
    if taken is not None:
        raise ItemInvalid(f"事项代码“{entry['code']}”已被使用。", field="code")
    entry = {**_DEFAULTS, "result": {"name": f"{entry['name']}批复", "kind": "批复"}, **entry}
    placement = versions.Placement(department_code, division_code, "draft")
    versions.check(entry, placement)
    item = versions.build(entry, placement, version=1, by=by, at=at)
    db.session.add(item)
    db.session.flush()
    record(f"item:{item.code}", "drafted", by=by, at=at, detail={"version": 1, "name": item.name})
    return item

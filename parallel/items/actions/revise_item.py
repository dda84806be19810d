from __future__ import annotations

from copy import deepcopy
from datetime import datetime

from engine.api import announce, db, record
from parallel.items import versions
from parallel.items.errors import ItemInvalid
from parallel.items.models import Prerequisite, ServiceItem
from parallel.items.queries import current_item

_IN_ENTRY = {  # what may change: where it stands in the entry
    "name": ("name",), "name_en": ("en",), "item_type": ("type",), "stage": ("stage4",),
    "legal_days": ("legal_limit", "days"), "legal_unit": ("legal_limit", "unit"),
    "promised_days": ("promise_limit", "days"), "promised_unit": ("promise_limit", "unit"),
    "applicability": ("applicability", "expr"), "conditions": ("applicability", "text"),
    "basic_code": ("codes", "basic"), "implementation_code": ("codes", "implementation"),
    "materials": ("materials",), "prerequisites": ("prerequisites",),
    "special_procedures": ("special_procedures",), "fee": ("fee",), "note": ("note",),
}
_IN_PLACEMENT = ("department_code", "process_key")


def revise_item(code: str, changes: dict, by: str, at: datetime) -> ServiceItem:
    """清单动态更新: the changes make a new version; cases keep the version they were accepted under (ITEM-2).

    Args:
        changes: field → new value; fields as in `ServiceItem`, and `materials` and `prerequisites` as lists in the
            catalogue's form. Values that are as they were make no version.

    Raises:
        ItemInvalid: a field is unknown or wrong, the promise exceeds the law, the name differs under one basic code.
        CodeTaken: another item has the basic code.
    """
    current = current_item(code)
    if unknown := changes.keys() - _IN_ENTRY.keys() - set(_IN_PLACEMENT):
        raise ItemInvalid(f"事项没有要素“{'、'.join(sorted(unknown))}”。", field=sorted(unknown)[0])
    entry, placement = _changed(current, changes)
    if versions.content_hash(entry, placement) == current.content_hash:
        return current
    versions.check(entry, placement, previous=current.body)
    _check_acyclic(code, entry["prerequisites"])
    item = versions.build(entry, placement, version=current.version + 1, by=by, at=at)
    before = {field: _value(current, field) for field in changes}
    versions.replace(current, item)
    detail = {"version": item.version, "before": before, "after": changes}
    record(f"item:{code}", "revised", by=by, at=at, detail=detail)
    announce("ItemRevised", {"item": code, "version": item.version}, topics=["items"], at=at)
    return item


def _changed(current: ServiceItem, changes: dict) -> tuple[dict, versions.Placement]:
    entry = deepcopy(current.body)
    for field, value in changes.items():
        if field in _IN_PLACEMENT:
            continue
        *path, last = _IN_ENTRY[field]
        target = entry
        for step in path:
            if target.get(step) is None:
                target[step] = {"unit": "WD"} if step.endswith("_limit") else {}
            target = target[step]
        target[last] = value
    if changes.keys() & {"basic_code", "implementation_code"}:
        entry["codes"]["demo"] = False
    placement = versions.Placement(
        changes.get("department_code", current.department_code), current.division_code, current.status,
        changes.get("process_key", current.process_key),
    )
    return entry, placement


def _value(item: ServiceItem, field: str):
    if field in _IN_PLACEMENT:
        return getattr(item, field)
    value = item.body
    for step in _IN_ENTRY[field]:
        value = (value or {}).get(step)
    return value


def _check_acyclic(code: str, groups: list[dict]) -> None:
    """Prerequisites never lead back to the item itself, whatever their conditions."""
    edges: dict[str, set[str]] = {}
    rows = db.session.execute(
        db.select(ServiceItem.code, Prerequisite.item_code)
        .join(Prerequisite, Prerequisite.item_id == ServiceItem.id).where(ServiceItem.is_current)
    )
    for item_code, earlier in rows:
        edges.setdefault(item_code, set()).add(earlier)
    edges[code] = {earlier for group in groups for earlier in group.get("any_of") or [group["item"]]}
    seen, open_codes = set(), list(edges[code])
    while open_codes:
        earlier = open_codes.pop()
        if earlier == code:
            raise ItemInvalid("前置事项互相循环，无法办理。", field="prerequisites")
        if earlier not in seen:
            seen.add(earlier)
            open_codes += edges.get(earlier, ())

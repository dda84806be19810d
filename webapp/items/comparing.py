"""Two versions of an item, field by field."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext, lazy_gettext, ngettext

from parallel.items.models import ServiceItem
from webapp.formats import working_days


@dataclass(frozen=True)
class Difference:
    """One field that differs. Of lists `removed`, `added` and `kept` tell the entries; else `before` and `after`."""

    label: str
    before: str = ""
    after: str = ""
    removed: list[str] = field(default_factory=list)
    added: list[str] = field(default_factory=list)

    @property
    def is_list(self) -> bool:
        return bool(self.removed or self.added)


SOURCES = {
    "applicant": lazy_gettext("申请人自备"), "online_form": lazy_gettext("在线填写"), "shared": lazy_gettext("前一事项结果共享"),
    "e_licence": lazy_gettext("电子证照"), "intermediary": lazy_gettext("中介成果"), "department": lazy_gettext("部门内部"),
    "commitment": lazy_gettext("承诺书"),
}
STATUSES = {
    "draft": lazy_gettext("草稿"), "published": lazy_gettext("在用"), "suspended": lazy_gettext("暂停"),
    "cancelled": lazy_gettext("取消"),
}


def limit_words(days: int | None, unit: str) -> str:
    if days is None:
        return gettext("未规定")
    return working_days(days) if unit == "WD" else ngettext("%(num)s 个自然日", "%(num)s 个自然日", days)


def material_words(entry: dict) -> str:
    """A material in one line: everything that a change of it may be about."""
    parts = [str(SOURCES.get(entry.get("source"), entry.get("source")))]
    if entry.get("from_item"):
        parts.append(entry["from_item"])
    parts.append(gettext("必要") if entry.get("required") else gettext("非必要"))
    if entry.get("tolerable"):
        parts.append(gettext("可容缺"))
    parts.append(gettext("原件 %(original)s 复印件 %(copy)s 电子 %(electronic)s", original=entry.get("original", 0),
                         copy=entry.get("copy", 0), electronic=entry.get("electronic", 0)))
    return f"{entry.get('name', '')}（{'，'.join(parts)}）"


def prerequisite_words(group: dict) -> str:
    codes = group.get("any_of") or [group.get("item", "")]
    when = gettext("（当 %(when)s）", when=group["when"]) if group.get("when") else ""
    return f"{gettext(' 或 ').join(codes)} {group.get('need', '')}{when}".strip()


def _in(*path: str) -> Callable[[ServiceItem], Any]:
    def read(item: ServiceItem) -> Any:
        value: Any = item.body
        for step in path:
            value = (value or {}).get(step)
        return value

    return read


FIELDS: list[tuple[Any, Callable[[ServiceItem], Any]]] = [
    (lazy_gettext("名称"), lambda item: item.name),
    (lazy_gettext("英文名称"), lambda item: item.name_en),
    (lazy_gettext("类型"), lambda item: item.item_type),
    (lazy_gettext("阶段"), lambda item: item.stage),
    (lazy_gettext("实施部门"), lambda item: item.department.name),
    (lazy_gettext("状态"), lambda item: STATUSES.get(item.status, item.status)),
    (lazy_gettext("法定时限"), lambda item: limit_words(item.legal_days, item.legal_unit)),
    (lazy_gettext("承诺时限"), lambda item: limit_words(item.promised_days, item.promised_unit)),
    (lazy_gettext("适用情形"), _in("applicability", "text")),
    (lazy_gettext("适用条件式"), lambda item: item.applicability),
    (lazy_gettext("基本编码"), lambda item: item.basic_code),
    (lazy_gettext("实施编码"), lambda item: item.implementation_code),
    (lazy_gettext("审批流程"), lambda item: item.process_key),
    (lazy_gettext("结果"), _in("result", "name")),
    (lazy_gettext("备注"), _in("note")),
]
LISTS: list[tuple[Any, Callable[[ServiceItem], list[str]]]] = [
    (lazy_gettext("材料"), lambda item: [material_words(entry) for entry in item.body.get("materials", [])]),
    (lazy_gettext("前置事项"), lambda item: [prerequisite_words(group) for group in item.body.get("prerequisites", [])]),
    (lazy_gettext("特别程序"), lambda item: list(item.body.get("special_procedures", []))),
    (lazy_gettext("收费"), lambda item: [f"{name}: {value}" for name, value in sorted((item.body.get("fee") or {}).items())]),
]


def differences(before: ServiceItem, after: ServiceItem) -> list[Difference]:
    """Fields in the order of the item's page; what is equal is left out."""
    found = []
    for label, read in FIELDS:
        old, new = (read(item) for item in (before, after))
        if old != new:
            found.append(Difference(str(label), _text(old), _text(new)))
    for label, entries in LISTS:
        old, new = entries(before), entries(after)
        if old != new:
            removed, added = [text for text in old if text not in new], [text for text in new if text not in old]
            found.append(Difference(str(label), removed=removed, added=added) if removed or added
                         else Difference(str(label), "、".join(old), "、".join(new)))
    return found


def _text(value: Any) -> str:
    return "" if value is None else str(value)

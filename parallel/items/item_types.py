"""事项类型: the code table of CODE-5, two classes of kinds."""
from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from parallel.items.errors import ItemInvalid

_FILE = Path(__file__).parent / "catalogue" / "item_types.yaml"


@dataclass(frozen=True)
class ItemType:
    """One kind of item. `in_guide`: one of the guide's own kinds; the others are extensions (指南 C36)."""

    name: str
    name_en: str
    group: str  # power 行政权力, service 公共服务
    code: str
    in_guide: bool


@cache
def item_types() -> dict[str, ItemType]:
    """Every kind by its name, the guide's first."""
    entries = yaml.safe_load(_FILE.read_text(encoding="utf-8"))["types"]
    return {
        entry["name"]: ItemType(entry["name"], entry["name_en"], entry["class"], entry["code"], entry.get("book", False))
        for entry in entries
    }


def item_type(name: str) -> ItemType:
    """The kind of this name.

    Raises:
        ItemInvalid: the name is not in the code table (CODE-5: 非枚举值→拒绝).
    """
    try:
        return item_types()[name]
    except KeyError:
        raise ItemInvalid(f"事项类型“{name}”不在代码表中。", field="item_type") from None


def types_of_class(group: str) -> list[ItemType]:
    """The kinds to choose from in one class, `power` or `service`."""
    return [kind for kind in item_types().values() if kind.group == group]

"""A version of an item from its catalogue entry. The entry is the whole truth; columns are what queries need of it."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from pypinyin import Style, lazy_pinyin

from engine.api import ExpressionError, canonical, compile_expression, db
from parallel.items.codes import split_basic_code, split_implementation_code
from parallel.items.errors import CodeTaken, ItemInvalid
from parallel.items.item_types import item_type
from parallel.items.models import Department, Prerequisite, ServiceItem
from parallel.items.requirements import SOURCES, requirements_of
from parallel.projects.attributes import attributes
from parallel.time_limits.arithmetic import Limit, within

COMMON_PROCESS = "item-common"
SEARCH_LENGTH = 600


@dataclass(frozen=True)
class Placement:
    """What a version has beside its entry."""

    department_code: str
    division_code: str
    status: str
    process_key: str = COMMON_PROCESS


def content_hash(entry: dict, placement: Placement) -> str:
    """Equal for two versions that say the same."""
    return sha256(canonical([entry, placement.department_code, placement.division_code, placement.process_key])).hexdigest()


def build(entry: dict, placement: Placement, *, version: int, by: str, at: datetime) -> ServiceItem:
    """A version, not yet stored."""
    legal, promised, codes = entry.get("legal_limit") or {}, entry.get("promise_limit") or {}, entry.get("codes") or {}
    return ServiceItem(
        code=entry["code"], version=version, is_current=True, status=placement.status,
        name=entry["name"], name_en=entry["en"],
        search_text=search_text(entry["code"], entry["name"], entry["en"]),
        department_code=placement.department_code, division_code=placement.division_code,
        item_type=entry["type"], stage=entry["stage4"],
        basic_code=codes.get("basic"), implementation_code=codes.get("implementation"),
        legal_days=legal.get("days"), legal_unit=legal.get("unit") or "WD",
        promised_days=promised.get("days"), promised_unit=promised.get("unit") or "WD",
        applicability=entry["applicability"]["expr"], process_key=placement.process_key, body=entry,
        content_hash=content_hash(entry, placement), effective_at=at, created_by=by,
        requirements=requirements_of(entry["code"], entry["materials"]),
        prerequisites=list(_prerequisites(entry["prerequisites"])),
    )


def _prerequisites(groups: list[dict]):
    for group_no, group in enumerate(groups, 1):
        for item_code in group.get("any_of") or [group["item"]]:
            yield Prerequisite(group_no=group_no, item_code=item_code, condition=group.get("when"),
                               need=group.get("need", ""))


def search_text(*texts: str) -> str:
    """What a search looks in: the texts, their pinyin in full and by initials, in lower case."""
    words = []
    for text in texts:
        words += [text, "".join(lazy_pinyin(text)), "".join(lazy_pinyin(text, style=Style.FIRST_LETTER))]
    return " ".join(dict.fromkeys(words)).lower()[:SEARCH_LENGTH]


def replace(current: ServiceItem, successor: ServiceItem) -> ServiceItem:
    """Make `successor` the current version; the old one stays for the cases that hold it (ITEM-2)."""
    current.is_current = False
    db.session.flush()  # the partial unique index allows one current version
    db.session.add(successor)
    db.session.flush()
    return successor


# --- checks (ITEM-4) ----------------------------------------------------------------------------------

def check(entry: dict, placement: Placement, previous: dict | None = None) -> None:
    """What must hold of an entry before it may stand in the catalogue.

    Args:
        previous: the entry it replaces; limits that stay as they were are not judged again.

    Raises:
        ItemInvalid: with the field at fault.
    """
    if not entry.get("name", "").strip():
        raise ItemInvalid("事项名称不能为空。", field="name")
    item_type(entry["type"])
    if db.session.get(Department, placement.department_code) is None:
        raise ItemInvalid(f"没有代码为“{placement.department_code}”的部门。", field="department_code")
    _check_expression(entry["applicability"]["expr"], "applicability")
    for group in entry["prerequisites"]:
        _check_expression(group.get("when") or "true", "prerequisites")
    for material in entry["materials"]:
        if material["source"] not in SOURCES:
            raise ItemInvalid(f"材料“{material['name']}”的来源“{material['source']}”不在代码表中。", field="materials")
    if previous is None or _limits(previous) != _limits(entry):
        _check_limits(entry)
    _check_codes(entry, placement.division_code)


def _check_expression(text: str, field: str) -> None:
    try:
        names = compile_expression(text).names
    except ExpressionError as error:
        raise ItemInvalid(f"条件表达式“{text}”不正确：{error.zh}", field=field) from error
    if unknown := sorted(names - attributes().keys()):
        raise ItemInvalid(f"条件表达式“{text}”中的“{'、'.join(unknown)}”不是项目属性。", field=field)


def promise_exceeds_law(entry: dict) -> bool:
    """Whether 承诺办结时限 is longer than 法定办结时限."""
    legal, promised = entry.get("legal_limit") or {}, entry.get("promise_limit") or {}
    if legal.get("days") is None or promised.get("days") is None:
        return False
    return not within(_limit(promised), _limit(legal))


def _limits(entry: dict) -> tuple:
    return entry.get("legal_limit"), entry.get("promise_limit")


def _limit(entry: dict) -> Limit:
    return Limit(entry["days"], entry.get("unit") or "WD")


def _check_limits(entry: dict) -> None:
    for key, field in (("legal_limit", "legal_days"), ("promise_limit", "promised_days")):
        days = (entry.get(key) or {}).get("days")
        if days is not None and not (isinstance(days, int) and 0 <= days <= 999):
            raise ItemInvalid("时限应为 0 至 999 的整数。", field=field)
    if promise_exceeds_law(entry):
        legal, promised = entry["legal_limit"]["days"], entry["promise_limit"]["days"]
        raise ItemInvalid(f"承诺时限（{promised} 日）不能长于法定时限（{legal} 日）。", field="promised_days")


def _check_codes(entry: dict, division_code: str) -> None:
    codes = entry.get("codes") or {}
    if codes.get("implementation"):
        split_implementation_code(codes["implementation"])
    if not codes.get("basic"):
        return
    split_basic_code(codes["basic"])
    check_basic_code_free(codes["basic"], entry["code"], entry["name"], division_code)


def check_basic_code_free(basic_code: str, item_code: str, name: str, division_code: str) -> None:
    """One basic code is one item, everywhere under one name (CODE-1: 全省每项唯一; CODE-4: 同一基本编码下名称一致).

    Raises:
        CodeTaken: another item of this division has the code.
        ItemInvalid: a body of another division implements the code under another name.
    """
    others = db.session.scalars(
        db.select(ServiceItem).where(
            ServiceItem.basic_code == basic_code, ServiceItem.is_current, ServiceItem.code != item_code,
            ServiceItem.status != "cancelled",
        )
    )
    for other in others:
        if other.division_code == division_code:
            raise CodeTaken(f"基本编码 {basic_code} 已被事项“{other.name}”使用。", field="basic_code")
        if other.name != name:
            raise ItemInvalid(f"同一基本编码下事项名称应一致：{basic_code} 的名称是“{other.name}”。", field="name")

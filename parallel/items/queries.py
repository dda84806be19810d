"""What screens read of the catalogue."""
from __future__ import annotations

from dataclasses import dataclass

from engine.api import db
from parallel.items.errors import ItemNotFound, ItemNotOpen
from parallel.items.item_types import ItemType, item_type
from parallel.items.models import Department, Division, MaterialRequirement, Prerequisite, ServiceItem
from parallel.paging import PER_PAGE, Page, page_of



def current_item(code: str) -> ServiceItem:
    """The newest version of an item. Raises ItemNotFound."""
    found = db.session.scalar(db.select(ServiceItem).where(ServiceItem.code == code, ServiceItem.is_current))
    if found is None:
        raise ItemNotFound(f"没有代码为“{code}”的事项。")
    return found


def open_item(code: str) -> ServiceItem:
    """The newest version, if it may be applied for (ITEM-8: 未发布/已停用事项不可受理)."""
    item = current_item(code)
    if item.status != "published":
        raise ItemNotOpen(f"事项“{item.name}”尚未发布或已停用，不能申请。")
    return item


def current_items(status: str | None = "published") -> list[ServiceItem]:
    """Every current version in the catalogue's order, of one status or of all."""
    query = db.select(ServiceItem).where(ServiceItem.is_current).order_by(ServiceItem.id)
    if status is not None:
        query = query.where(ServiceItem.status == status)
    return list(db.session.scalars(query))


def versions_of(code: str) -> list[ServiceItem]:
    """Every version of an item, newest first."""
    query = db.select(ServiceItem).where(ServiceItem.code == code).order_by(ServiceItem.version.desc())
    return list(db.session.scalars(query))


def search_items(text: str = "", division: str | None = None, department: str | None = None,
                 item_type: str | None = None, status: str | None = None, page: int = 1,
                 per_page: int = PER_PAGE) -> Page:
    """事项检索 by text, region, department, type and status together (ITEM-9).

    The text is looked for in name, code, English name, pinyin and its initials. The other conditions are served by
    `ix_service_item_search` (is_current, division, department, type, status): the text is compared with the few
    rows that are left, so a plain LIKE does on either database. A county's search (六位 code) is exact; a city's or
    province's takes in the divisions under it.
    """
    conditions = [ServiceItem.is_current]
    if division:
        conditions.append(ServiceItem.division_code.in_(_divisions_under(division)))
    if department:
        conditions.append(ServiceItem.department_code == department)
    if item_type:
        conditions.append(ServiceItem.item_type == item_type)
    if status:
        conditions.append(ServiceItem.status == status)
    conditions += [ServiceItem.search_text.contains(word, autoescape=True) for word in text.lower().split()]
    query = db.select(ServiceItem).where(*conditions).order_by(ServiceItem.stage, ServiceItem.id)
    return page_of(query, page, per_page)


def _divisions_under(code: str) -> list[str]:
    children = db.select(Division.code).where(Division.parent_code == code)
    grandchildren = db.select(Division.code).where(Division.parent_code.in_(children))
    return [code, *db.session.scalars(children), *db.session.scalars(grandchildren)]


@dataclass(frozen=True)
class GuideLink:
    """Another item that a guide mentions."""

    code: str
    name: str
    name_en: str
    result_name: str


@dataclass(frozen=True)
class GuidePrerequisite:
    """A group of items of which one must be approved first."""

    any_of: list[GuideLink]
    condition: str | None
    need: str


@dataclass(frozen=True)
class ItemGuide:
    """办事指南: everything the guide page of an item shows."""

    item: ServiceItem
    department: Department
    co_departments: list[Department]
    kind: ItemType
    stage_name: str
    conditions: str
    materials: list[MaterialRequirement]
    material_origins: dict[str, GuideLink]  # from_item → the item whose result it is
    prerequisites: list[GuidePrerequisite]
    followers: list[GuideLink]  # items that ask for this one's result
    result_name: str
    result_kind: str
    validity: str | None
    fee: dict
    special_procedures: list[str]
    legal_basis: str
    source: str
    note: str | None
    by_commitment: bool
    codes_are_demo: bool


def item_guide(code: str) -> ItemGuide:
    """Everything the guide page needs, in four queries."""
    item = current_item(code)
    body = item.body
    followers = _followers(code)
    mentioned = {row.item_code for row in item.prerequisites} | {
        row.from_item for row in item.requirements if row.from_item
    } | set(followers)
    links = _links(mentioned)
    departments = {row.code: row for row in db.session.scalars(
        db.select(Department).where(Department.code.in_(body.get("co_departments", []))))}
    return ItemGuide(
        item=item, department=item.department,
        co_departments=[departments[code] for code in body.get("co_departments", []) if code in departments],
        kind=item_type(item.item_type), stage_name=body.get("stage4_name", ""),
        conditions=body["applicability"].get("text", ""), materials=list(item.requirements),
        material_origins={row.from_item: links[row.from_item] for row in item.requirements if row.from_item in links},
        prerequisites=_groups(item.prerequisites, links), followers=[links[code] for code in followers],
        result_name=item.result_name, result_kind=body["result"].get("kind", ""),
        validity=body["result"].get("validity"), fee=body.get("fee", {}),
        special_procedures=body.get("special_procedures", []),
        legal_basis=(body.get("legal_limit") or {}).get("basis", ""), source=body.get("source", ""),
        note=body.get("note"), by_commitment=body.get("commitment", False),
        codes_are_demo=(body.get("codes") or {}).get("demo", False),
    )


def _followers(code: str) -> list[str]:
    query = (
        db.select(ServiceItem.code).join(Prerequisite, Prerequisite.item_id == ServiceItem.id)
        .where(Prerequisite.item_code == code, ServiceItem.is_current).distinct().order_by(ServiceItem.code)
    )
    return list(db.session.scalars(query))


def _links(codes: set[str]) -> dict[str, GuideLink]:
    rows = db.session.scalars(
        db.select(ServiceItem).where(ServiceItem.code.in_(codes), ServiceItem.is_current)
    )
    return {row.code: GuideLink(row.code, row.name, row.name_en, row.result_name) for row in rows}


def _groups(rows: list[Prerequisite], links: dict[str, GuideLink]) -> list[GuidePrerequisite]:
    groups: dict[int, list[Prerequisite]] = {}
    for row in rows:
        groups.setdefault(row.group_no, []).append(row)
    return [
        GuidePrerequisite([links[row.item_code] for row in group if row.item_code in links], group[0].condition,
                          group[0].need)
        for group in groups.values()
    ]

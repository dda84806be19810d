from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext
from marshmallow import validates_schema
from sqlalchemy import select

from engine.db import db, unit_of_work
from parallel.items import actions
from parallel.items.item_types import item_types
from parallel.items.models import Department, Division, ServiceItem
from parallel.items.queries import item_guide, search_items, versions_of
from parallel.items.requirements import SOURCES
from webapp import clock
from webapp.api.resource import Resource, page_dict
from webapp.api.values import (
    LINE, SENTENCES, Answer, Body, Flag, Mapping, Moment, PageQuery, Query, Several, Text, Whole, choice, list_of,
    page_of, part, refuse, several, text, whole,
)
from webapp.policy import allows, require, visible_items
from webapp.principal import current_principal

resource = Resource("items", "事项 Service items", "事项清单、办事指南、部门和区划。Service items, guides, departments, divisions.")

CODE = "string(minlength=1, maxlength=20)"
STATUSES = ("draft", "published", "suspended", "cancelled")
UNITS = ("WD", "ND")


class DepartmentSchema(Answer):
    code, name, name_en, division_code = Text(), Text(), Text(), Text()


class DivisionSchema(Answer):
    code, name, level, parent_code = Text(), Text(), Whole(), Text(allow_none=True)


class ItemTypeSchema(Answer):
    name, name_en, group, code, in_guide = Text(), Text(), Text(), Text(), Flag()


class ItemSchema(Answer):
    code, version, is_current, status = Text(), Whole(), Flag(), choice(STATUSES)
    name, name_en, item_type, stage = Text(), Text(), Text(), Whole()
    department = part(DepartmentSchema)
    division_code = Text()
    basic_code, implementation_code = Text(allow_none=True), Text(allow_none=True)
    legal_days, legal_unit = Whole(allow_none=True), choice(UNITS)
    promised_days, promised_unit = Whole(allow_none=True), choice(UNITS)
    applicability, process_key, result_name = Text(), Text(), Text()
    effective_at = Moment()


class RequirementSchema(Answer):
    seq, name, source, from_item = Whole(), Text(), Text(), Text(allow_none=True)
    key = Text(attribute="same_as", metadata={"description": "同一份材料的标识。Equal for what one material satisfies."})
    required, tolerable = Flag(), Flag()
    originals, copies, electronic = Whole(), Whole(), Whole()
    review_points = Several(Text())


class LinkSchema(Answer):
    code, name, name_en, result_name = Text(), Text(), Text(), Text()


class GuidePrerequisiteSchema(Answer):
    any_of, condition, need = Several(part(LinkSchema)), Text(allow_none=True), Text()


class GuideSchema(Answer):
    """办事指南. A service item with everything an applicant asks."""

    item, kind = part(ItemSchema), part(ItemTypeSchema)
    co_departments = Several(part(DepartmentSchema))
    stage_name, conditions = Text(), Text()
    materials = Several(part(RequirementSchema))
    prerequisites = Several(part(GuidePrerequisiteSchema))
    followers = Several(part(LinkSchema))
    result_name, result_kind, validity = Text(), Text(), Text(allow_none=True)
    fee = Mapping()
    special_procedures = Several(Text())
    legal_basis, source, note = Text(), Text(), Text(allow_none=True)
    by_commitment, codes_are_demo = Flag(), Flag()


class ItemQuery(PageQuery):
    q = text(load_default="", metadata={"description": "名称、代码、拼音或首字母。Name, code, pinyin or its initials."})
    division = text(6, metadata={"description": "行政区划代码。Division code."})
    department = text(40, metadata={"description": "部门代码。Department code."})
    item_type = text(40, metadata={"description": "事项类型。Kind of item."})
    status = choice(STATUSES, metadata={"description": "状态；公众默认只看已发布的。Status."})


class DivisionQuery(Query):
    parent = text(6, metadata={"description": "上级区划代码；不填为省级。The division above; none: provinces."})


class MaterialEntry(Body):
    name = text(least=1, required=True)
    source = choice(SOURCES, required=True)
    required = Flag(required=True)
    tolerable = Flag()
    from_item = text(20, allow_none=True)
    licence = text(allow_none=True)
    original, copy, electronic = whole(most=99), whole(most=99), whole(most=99)
    review_points = several(text(LINE, least=1), 50)

    @validates_schema
    def _check_origin(self, data: dict, **kwargs: Any) -> None:
        if data["source"] == "shared" and not data.get("from_item"):
            raise refuse("from_item", lazy_gettext("共享的材料须写明是哪个事项的结果。"))


class PrerequisiteEntry(Body):
    item = text(20, least=1)
    any_of = several(text(20, least=1), 50, least=1)
    when = text(500, allow_none=True)
    need = text()

    @validates_schema
    def _check_items(self, data: dict, **kwargs: Any) -> None:
        if ("item" in data) == ("any_of" in data):
            raise refuse("any_of", lazy_gettext("须写明一个事项（item）或几个事项中的任一个（any_of）。"))


class FeeEntry(Body):
    charge = Flag(required=True)
    standard, basis, note = text(LINE, allow_none=True), text(LINE, allow_none=True), text(LINE, allow_none=True)


class ItemChanges(Body):
    name, name_en, item_type = text(least=1), text(), text(40, least=1)
    stage = whole(0, 5)
    legal_days, legal_unit = whole(most=999, allow_none=True), choice(UNITS)
    promised_days, promised_unit = whole(most=999, allow_none=True), choice(UNITS)
    applicability, conditions = text(500, least=1), text(SENTENCES)
    basic_code, implementation_code = text(12, allow_none=True), text(33, allow_none=True)
    materials = several(part(MaterialEntry), 200)
    prerequisites = several(part(PrerequisiteEntry), 100)
    special_procedures = several(text(60, least=1), 30)
    fee = part(FeeEntry)
    note = text(SENTENCES, allow_none=True)
    department_code = text(40, least=1)


class NewItem(ItemChanges):
    code = text(20, least=1, required=True)
    name = text(least=1, required=True)
    item_type = text(40, least=1, required=True)
    department_code = text(40, least=1, required=True)
    division_code = text(6, least=6, required=True)
    result_name = text()


class ProcessBinding(Body):
    process_key = text(120, least=1, required=True)


# --- for everybody ------------------------------------------------------------------------------------------

@resource.get("/items", rule="public", asks="item.read", zh="检索事项", answer=page_of(ItemSchema), query=ItemQuery,
              en="Search items by text, division, department, type and status together.")
def list_items(query: dict) -> dict:
    visible_items(current_principal())
    manager = allows("item.manage")
    status = query.get("status") or (None if manager else "published")
    if status == "draft" and not manager:
        return page_dict([], 0, query)
    found = search_items(
        query["q"], query.get("division"), query.get("department"), query.get("item_type"), status,
        query["page"], query["per_page"],
    )
    return page_dict(found.rows, found.total, query)


@resource.get(f"/items/<{CODE}:code>", rule="public", asks="item.read", zh="办事指南", answer=GuideSchema,
              en="The guide of an item: materials, conditions, prerequisites, limits.")
def read_item(code: str) -> Any:
    require("item.read", _current(code))
    return item_guide(code)


@resource.get(f"/items/<{CODE}:code>/versions", rule="public", asks="item.read", zh="事项的各个版本",
              en="Every version of an item, newest first.", answer=list_of(ItemSchema))
def list_item_versions(code: str) -> dict:
    require("item.read", _current(code))
    return {"data": [item for item in versions_of(code) if allows("item.read", item)]}


@resource.get("/item-types", rule="public", zh="事项类型", en="The code table of kinds of items.",
              answer=list_of(ItemTypeSchema))
def list_item_types() -> dict:
    return {"data": list(item_types().values())}


@resource.get("/departments", rule="public", zh="部门", en="Departments.", answer=list_of(DepartmentSchema))
def list_departments() -> dict:
    return {"data": db.session.scalars(select(Department).order_by(Department.code)).all()}


@resource.get("/divisions", rule="public", zh="行政区划", en="Divisions (GB/T 2260) under another.",
              query=DivisionQuery, answer=list_of(DivisionSchema))
def list_divisions(query: dict) -> dict:
    under = Division.parent_code == query["parent"] if query.get("parent") else Division.parent_code.is_(None)
    return {"data": db.session.scalars(select(Division).where(under).order_by(Division.code)).all()}


def _current(code: str) -> ServiceItem | None:
    return db.session.scalar(select(ServiceItem).where(ServiceItem.code == code, ServiceItem.is_current))


# --- for item managers ----------------------------------------------------------------------------------------

@resource.post("/items", rule="item.manage", zh="新增事项", en="Draft a new item.", body=NewItem, answer=ItemSchema,
               creates=True)
def draft_item(body: dict) -> Any:
    return unit_of_work(lambda: actions.draft_item(
        _entry(body), body["department_code"], body["division_code"], by=_me(), at=clock.now()
    ))


def _entry(body: dict) -> dict:
    """What was sent, as an entry of the catalogue; what is left out has the draft's defaults."""
    entry = {"code": body["code"], "name": body["name"], "type": body["item_type"], "en": body.get("name_en", "")}
    for name in ("materials", "prerequisites", "special_procedures", "fee", "note"):
        if name in body:
            entry[name] = body[name]
    if "stage" in body:
        entry["stage4"] = body["stage"]
    if "applicability" in body or "conditions" in body:
        entry["applicability"] = {"expr": body.get("applicability", "true"), "text": body.get("conditions", "")}
    for limit, key in (("legal", "legal_limit"), ("promised", "promise_limit")):
        if f"{limit}_days" in body:
            entry[key] = {"days": body[f"{limit}_days"], "unit": body.get(f"{limit}_unit", "WD")}
    codes = {"basic": body.get("basic_code"), "implementation": body.get("implementation_code")}
    if any(codes.values()):
        entry["codes"] = {**codes, "demo": False}
    if body.get("result_name"):
        entry["result"] = {"name": body["result_name"], "kind": "批复"}
    return entry


@resource.patch(f"/items/<{CODE}:code>", rule="item.manage", zh="修改事项", body=ItemChanges, answer=ItemSchema,
                en="Revise an item; it makes a new version, running cases keep theirs.")
def revise_item(code: str, body: dict) -> Any:
    return unit_of_work(lambda: actions.revise_item(code, body, by=_me(), at=clock.now()))


@resource.post(f"/items/<{CODE}:code>/publish", rule="item.manage", zh="发布事项", answer=ItemSchema,
               en="Publish a draft: it may be applied for.")
def publish_item(code: str) -> Any:
    return unit_of_work(lambda: actions.publish_item(code, by=_me(), at=clock.now()))


@resource.post(f"/items/<{CODE}:code>/suspend", rule="item.manage", zh="停用事项", answer=ItemSchema,
               en="Suspend an item: no new application is accepted.")
def suspend_item(code: str) -> Any:
    return unit_of_work(lambda: actions.suspend_item(code, by=_me(), at=clock.now()))


@resource.post(f"/items/<{CODE}:code>/resume", rule="item.manage", zh="恢复事项", answer=ItemSchema,
               en="Let a suspended item be applied for again.")
def resume_item(code: str) -> Any:
    return unit_of_work(lambda: actions.resume_item(code, by=_me(), at=clock.now()))


@resource.put(f"/items/<{CODE}:code>/process", rule="role:item_manager|process_designer", zh="绑定流程", body=ProcessBinding,
              answer=ItemSchema, en="Bind a deployed process: new cases of the item run it.")
def bind_process(code: str, body: dict) -> Any:
    return unit_of_work(lambda: actions.bind_process(code, body["process_key"], by=_me(), at=clock.now()))


def _me() -> str:
    return current_principal().account

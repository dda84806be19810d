"""一张表单: one form for all items of an application, each field once (PARALLEL-INV-3; 国办发〔2019〕11号 一张表单).

A field says which items ask for it. What the project's registration holds is shown, not asked again.
"""
from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from parallel.items.models import ServiceItem
from parallel.projects.models import Project

MAX_TEXT = 2000
PHONE = re.compile(r"^\+?[0-9][0-9 \-]{5,19}$")
PROMISE = "truth_promise"


@dataclass(frozen=True)
class Option:
    value: str
    label_zh: str
    label_en: str


@dataclass(frozen=True)
class Field:
    """One field. `type`: text, textarea, number, select, checkbox, date. `items`: codes that ask for it (empty: all).
    `read_only` fields show `value` and are never taken from what is sent in."""

    key: str
    label_zh: str
    label_en: str
    type: str = "text"
    group: str = "item"
    required: bool = True
    read_only: bool = False
    value: Any = None
    options: tuple[Option, ...] = ()
    items: tuple[str, ...] = ()
    words: tuple[str, ...] = field(default=(), repr=False)  # an item whose name or result has any of these asks for it

    def as_dict(self) -> dict:
        """form-js-like schema."""
        return {name: value for name, value in asdict(self).items() if name != "words"}


GROUPS = {
    "project": ("项目信息", "Project"),
    "contact": ("联系方式", "Contact"),
    "item": ("事项信息", "About the items"),
    "delivery": ("结果领取", "Delivery"),
    "promise": ("申请人承诺", "Promise"),
}

_CONTACT = (
    Field("contact_name", "经办人姓名", "Contact person", group="contact"),
    Field("contact_phone", "经办人手机号", "Contact phone", group="contact"),
    Field("contact_email", "电子邮箱", "E-mail", group="contact", required=False),
    Field("contact_address", "通讯地址", "Postal address", group="contact", required=False),
)
_DELIVERY = (
    Field("delivery", "结果领取方式", "How to receive the results", "select", "delivery", options=(
        Option("hall", "大厅自领", "Collect at the hall"),
        Option("courier", "物流递送", "By courier"),
        Option("online", "网上送达（电子证照）", "Online (electronic licence)"),
    )),
)
_PROMISE = (
    Field(PROMISE, "本人承诺所填信息和所提交材料真实、合法、有效，并对此负责",
          "I promise that what I state and hand in is true and lawful, and answer for it", "checkbox", "promise"),
)
# What the kinds of items ask for, by words in their names: few fields each, our own after common application forms.
_BY_KIND = (
    Field("summary", "建设内容和规模", "What is built, and how large", "textarea"),
    Field("site", "建设地点（四至）", "Site and its bounds", words=("用地", "规划", "选址", "林地", "草原", "土地", "水土", "洪水")),
    Field("land_area_m2", "用地面积（平方米）", "Land area (m²)", "number",
          words=("用地", "规划条件", "土地", "林地", "草原", "水土保持")),
    Field("floor_area_m2", "建筑面积（平方米）", "Floor area (m²)", "number",
          words=("工程规划", "设计方案", "施工图", "施工许可", "消防", "人防", "防空", "竣工", "验收")),
    Field("structure", "结构类型和层数", "Structure and storeys", words=("施工图", "施工许可", "消防", "抗震")),
    Field("total_invest_wan", "总投资（万元）", "Total investment (10,000 yuan)", "number",
          words=("项目建议书", "可行性研究", "初步设计", "核准", "备案", "概算", "施工许可", "招标")),
    Field("funding", "资金来源", "Source of funds", words=("项目建议书", "可行性研究", "初步设计", "核准")),
    Field("builder", "施工单位", "Contractor", words=("施工许可", "质量监督", "安全监督", "竣工", "占用", "挖掘")),
    Field("supervisor", "监理单位", "Construction supervisor", words=("施工许可", "质量监督", "安全监督", "竣工")),
    Field("designer", "设计单位", "Designer", words=("设计方案", "工程规划", "施工图", "初步设计", "消防")),
    Field("period", "计划开工和竣工时间", "Planned start and completion", words=("施工许可", "占用", "挖掘", "临时用地")),
    Field("impact", "主要环境影响和措施", "Main environmental effects and measures", "textarea", words=("环境影响", "环评")),
    Field("energy_tce", "年综合能耗（吨标准煤）", "Annual energy (tce)", "number", words=("节能",)),
    Field("water_m3", "年取用水量（立方米）", "Annual water (m³)", "number", words=("取水", "用水", "供水")),
    Field("load_kva", "用电容量（千伏安）", "Electric load (kVA)", "number", words=("用电", "供电")),
)


def union_form(items: Iterable[ServiceItem], project: Project | None) -> list[Field]:
    """The fields of one form for all these items, each once."""
    items = list(items)
    return [*_project_fields(project), *_CONTACT, *_item_fields(items), *_DELIVERY, *_PROMISE]


def schema(fields: Iterable[Field]) -> list[dict]:
    return [each.as_dict() for each in fields]


def _project_fields(project: Project | None) -> list[Field]:
    if project is None:
        return []
    shown = {
        "project_code": ("项目统一代码", "Project code", project.code),
        "project_name": ("项目名称", "Project name", project.name),
        "organisation": ("建设单位", "Organisation", project.organisation),
        "organisation_code": ("统一社会信用代码", "Organisation code", project.organisation_code),
    }
    return [
        Field(key, zh, en, group="project", required=False, read_only=True, value=value)
        for key, (zh, en, value) in shown.items()
    ]


def _item_fields(items: list[ServiceItem]) -> list[Field]:
    """Fields by kind, and those an item's catalogue entry brings itself (`form`: a list of fields)."""
    fields: dict[str, Field] = {}
    for each in _BY_KIND:
        asking = tuple(item.code for item in items if _asks(item, each))
        if asking:
            fields[each.key] = replace(each, items=() if len(asking) == len(items) else asking)
    for item in items:
        for entry in item.body.get("form", ()):
            known = fields.get(entry["key"])
            own = _own_field(entry, item)
            fields[own.key] = replace(known, items=(*known.items, item.code)) if known and known.items else known or own
    return list(fields.values())


def _asks(item: ServiceItem, each: Field) -> bool:
    text = item.name + item.result_name
    return not each.words or any(word in text for word in each.words)


def _own_field(entry: dict, item: ServiceItem) -> Field:
    options = tuple(
        Option(str(option["value"]), option["label_zh"], option.get("label_en", option["label_zh"]))
        for option in entry.get("options", ())
    )
    return Field(
        entry["key"], entry["label_zh"], entry.get("label_en", entry["label_zh"]), entry.get("type", "text"),
        required=entry.get("required", True), options=options, items=(item.code,),
    )


# --- what is sent in --------------------------------------------------------------------------------

def taken(fields: Iterable[Field], sent: dict[str, Any]) -> dict[str, Any]:
    """What a form keeps of what was sent: known fields that may be written, texts trimmed."""
    return {
        each.key: sent[each.key].strip() if isinstance(sent[each.key], str) else sent[each.key]
        for each in fields if not each.read_only and each.key in sent
    }


def faults(fields: Iterable[Field], values: dict[str, Any]) -> dict[str, str]:
    """A sentence for every field that is missing or wrong."""
    found = {}
    for each in fields:
        if not each.read_only and (fault := _fault(each, values.get(each.key))):
            found[each.key] = fault
    return found


def _fault(each: Field, value: Any) -> str | None:
    if value in (None, "", False):
        if not each.required:
            return None
        return "请勾选申请人承诺。" if each.key == PROMISE else f"“{each.label_zh}”须填写。"
    if each.type == "number":
        return None if _is_amount(value) else f"“{each.label_zh}”应为不小于 0 的数字。"
    if each.type == "checkbox":
        return None if value is True else f"“{each.label_zh}”应为勾选。"
    if not isinstance(value, str) or len(value) > MAX_TEXT:
        return f"“{each.label_zh}”应为不超过 {MAX_TEXT} 字的文字。"
    if each.type == "select" and value not in {option.value for option in each.options}:
        return f"“{each.label_zh}”应为所列选项之一。"
    if each.key == "contact_phone" and not PHONE.match(value):
        return "“经办人手机号”不是有效的电话号码。"
    return None


def _is_amount(value: Any) -> bool:
    if isinstance(value, bool):
        return False
    try:
        return 0 <= float(value) <= 10**12
    except (TypeError, ValueError):
        return False

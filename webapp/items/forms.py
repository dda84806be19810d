"""What an item manager types, and the changes it comes to."""
from __future__ import annotations

from collections import defaultdict
from typing import Any

from flask_babel import gettext, lazy_gettext
from marshmallow import EXCLUDE, Schema, ValidationError, fields, pre_load, validate
from werkzeug.datastructures import MultiDict

from parallel.items.models import ServiceItem
from parallel.items.requirements import SOURCES

UNITS = ("WD", "ND")
NEW_ROWS = 2
_COUNTS = ("original", "copy", "electronic")


class _Days(fields.Integer):
    default_error_messages = {"invalid": lazy_gettext("请填写整数天数，没有规定时留空。")}


class ItemForm(Schema):
    """The elements of an item that the screen changes; materials come beside them."""

    class Meta:
        unknown = EXCLUDE

    name = fields.String(required=True, validate=validate.Length(1, 200, error=lazy_gettext("名称应为 1 至 200 个字。")))
    name_en = fields.String(load_default="", validate=validate.Length(0, 200, error=lazy_gettext("英文名称不超过 200 个字符。")))
    legal_days = _Days(load_default=None, allow_none=True, validate=validate.Range(0, 999, error=lazy_gettext("时限应为 0 至 999 的整数。")))
    legal_unit = fields.String(load_default="WD", validate=validate.OneOf(UNITS))
    promised_days = _Days(load_default=None, allow_none=True, validate=validate.Range(0, 999, error=lazy_gettext("时限应为 0 至 999 的整数。")))
    promised_unit = fields.String(load_default="WD", validate=validate.OneOf(UNITS))
    conditions = fields.String(load_default="", validate=validate.Length(0, 1000, error=lazy_gettext("适用情形不超过 1000 个字。")))
    applicability = fields.String(required=True, validate=validate.Length(1, 500, error=lazy_gettext("请填写适用条件式，所有情形都适用时写 true。")))
    basic_code = fields.String(load_default=None, allow_none=True)
    implementation_code = fields.String(load_default=None, allow_none=True)

    @pre_load
    def trimmed(self, data: dict, **_: Any) -> dict:
        plain = {name: value.strip() for name, value in data.items() if isinstance(value, str)}
        optional = ("legal_days", "promised_days", "basic_code", "implementation_code")
        return {name: None if name in optional and value == "" else value for name, value in plain.items()}


def values_of(item: ServiceItem) -> dict[str, Any]:
    """What the form shows before anybody typed."""
    return {
        "name": item.name, "name_en": item.name_en, "legal_days": item.legal_days, "legal_unit": item.legal_unit,
        "promised_days": item.promised_days, "promised_unit": item.promised_unit,
        "conditions": item.body["applicability"].get("text", "") or "", "applicability": item.applicability,
        "basic_code": item.basic_code, "implementation_code": item.implementation_code,
    }


def material_rows(item: ServiceItem) -> list[dict[str, Any]]:
    """The rows of the form: those of the item, then empty ones to fill in."""
    rows = [{**_row(entry), "index": index} for index, entry in enumerate(item.body["materials"])]
    return rows + [_empty_row() for _ in range(NEW_ROWS)]


def _row(entry: dict) -> dict[str, Any]:
    return {
        "name": entry["name"], "source": entry["source"], "from_item": entry.get("from_item") or "",
        "required": bool(entry["required"]), "tolerable": bool(entry.get("tolerable")), "remove": False,
        **{count: entry.get(count, 0) for count in _COUNTS},
    }


def _empty_row() -> dict[str, Any]:
    return {"index": "", "name": "", "source": "applicant", "from_item": "", "required": True, "tolerable": False,
            "remove": False, "original": 0, "copy": 0, "electronic": 1}


def typed_rows(form: MultiDict) -> list[dict[str, Any]]:
    """The rows as they were typed, in the order of the form; nothing of them is lost."""
    numbers = sorted({int(name.split("-")[1]) for name in form if name.startswith("m-") and name.split("-")[1].isdigit()})
    return [
        {
            "index": form.get(f"m-{number}-index", ""), "name": form.get(f"m-{number}-name", "").strip(),
            "source": form.get(f"m-{number}-source", ""), "from_item": form.get(f"m-{number}-from_item", "").strip().upper(),
            "required": f"m-{number}-required" in form, "tolerable": f"m-{number}-tolerable" in form,
            "remove": f"m-{number}-remove" in form,
            **{count: form.get(f"m-{number}-{count}", "0").strip() for count in _COUNTS},
        }
        for number in numbers[:200]
    ]


class Wrong(ValueError):
    """`errors`: field → sentences."""

    def __init__(self, errors: dict[str, list[str]]) -> None:
        super().__init__(str(errors))
        self.errors = errors


def changes_of(item: ServiceItem, form: MultiDict) -> dict[str, Any]:
    """Only what was changed: `revise_item` makes a version of it.

    Raises:
        Wrong: with the fields at fault.
    """
    errors: dict[str, list[str]] = defaultdict(list)
    values: dict[str, Any] = {}
    try:
        values = ItemForm().load(form.to_dict())
    except ValidationError as refusal:
        for name, sentences in refusal.normalized_messages().items():
            errors[name] += [str(sentence) for sentence in sentences]
    materials = _materials(item, typed_rows(form), errors)
    if errors:
        raise Wrong(dict(errors))
    before = values_of(item)
    changes = {name: value for name, value in values.items() if value != before[name]}
    if changes.keys() & {"legal_unit"} and values["legal_days"] is None:
        del changes["legal_unit"]
    if changes.keys() & {"promised_unit"} and values["promised_days"] is None:
        del changes["promised_unit"]
    if materials != item.body["materials"]:
        changes["materials"] = materials
    return changes


def _materials(item: ServiceItem, rows: list[dict[str, Any]], errors: dict[str, list[str]]) -> list[dict]:
    known = item.body["materials"]
    found = []
    for number, row in enumerate(rows):
        is_known = row["index"].isdigit() and int(row["index"]) < len(known)
        if row["remove"] or (not row["name"] and not is_known):
            continue
        before = known[int(row["index"])] if is_known else {}
        errors_here = _faults(row)
        if errors_here:
            errors[f"m-{number}-name"] += errors_here
            continue
        found.append(_entry(before, row))
    names = [entry["name"] for entry in found]
    for name in {name for name in names if names.count(name) > 1}:
        errors["materials"].append(gettext("材料“%(name)s”列了两次。", name=name))
    return found


def _faults(row: dict[str, Any]) -> list[str]:
    faults = []
    if not 1 <= len(row["name"]) <= 200:
        faults.append(gettext("请填写材料名称；不再需要的材料请勾选“删除”。"))
    if row["source"] not in SOURCES:
        faults.append(gettext("请选择材料来源。"))
    if row["source"] == "shared" and not row["from_item"]:
        faults.append(gettext("“%(name)s”由前一事项结果共享，请填写那个事项的代码。", name=row["name"]))
    if any(not row[count].isdigit() or int(row[count]) > 99 for count in _COUNTS):
        faults.append(gettext("“%(name)s”的份数应为 0 至 99 的整数。", name=row["name"]))
    return faults


def _entry(before: dict, row: dict[str, Any]) -> dict:
    """The catalogue's entry; what the screen does not show stays as it is."""
    entry = {**before, "name": row["name"], "source": row["source"], "required": row["required"]}
    entry |= {count: int(row[count]) for count in _COUNTS}
    if row["tolerable"] or "tolerable" in before:
        entry["tolerable"] = row["tolerable"]
    if row["from_item"] or "from_item" in before:
        entry["from_item"] = row["from_item"] or None
    return entry

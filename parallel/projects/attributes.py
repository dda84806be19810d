"""项目属性: the facts that decide which items apply, their form, and their validation."""
from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from parallel.projects.errors import ProjectInvalid

_FILE = Path(__file__).with_name("attributes.yaml")


@dataclass(frozen=True)
class Attribute:
    """One fact. `kind`: bool, number, choice. `choices`: stored value → (zh, en)."""

    name: str
    kind: str
    group: str
    zh: str
    en: str
    help_zh: str
    help_en: str
    default: Any
    choices: dict[str, tuple[str, str]]
    unit_zh: str = ""
    unit_en: str = ""

    def fault(self, value: Any) -> str | None:
        """What is wrong with a value, as a sentence; None when nothing is."""
        if self.kind == "bool" and not isinstance(value, bool):
            return f"“{self.zh}”应为是或否。"
        if self.kind == "choice" and value not in self.choices:
            return f"“{self.zh}”应为以下之一：{'、'.join(zh for zh, _ in self.choices.values())}。"
        if self.kind == "number":
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
                return f"“{self.zh}”应为数字。"
            if not 0 <= value <= 10**12:
                return f"“{self.zh}”不能小于 0。" if value < 0 else f"“{self.zh}”的数值过大。"
        return None

    def shown(self, value: Any) -> tuple[str, str]:
        """A value as people read it, in both languages."""
        if self.kind == "bool":
            return ("是", "yes") if value else ("否", "no")
        if self.kind == "choice":
            return self.choices.get(value, (str(value), str(value)))
        number = f"{value:,.15g}"
        return f"{number} {self.unit_zh}".strip(), f"{number} {self.unit_en}".strip()


@dataclass(frozen=True)
class AttributeGroup:
    """One part of the form."""

    name: str
    zh: str
    en: str
    attributes: list[Attribute]


@cache
def attributes() -> dict[str, Attribute]:
    """Every attribute by name, in the form's order."""
    return {name: _attribute(name, entry) for name, entry in _file()["attributes"].items()}


def attribute_groups() -> list[AttributeGroup]:
    """The form: groups with their attributes."""
    return [
        AttributeGroup(name, labels["zh"], labels["en"], [row for row in attributes().values() if row.group == name])
        for name, labels in _file()["groups"].items()
    ]


@cache
def default_attributes() -> dict[str, Any]:
    """Every attribute's default. Not to be changed: copy it."""
    return {name: attribute.default for name, attribute in attributes().items()}


def validate_attributes(given: dict[str, Any]) -> dict[str, Any]:
    """All attributes of a project: the given ones, checked, over the defaults.

    Raises:
        ProjectInvalid: `errors` has a sentence for each field at fault.
    """
    errors = {name: f"没有名为“{name}”的项目属性。" for name in given if name not in attributes()}
    for name, value in given.items():
        if name in attributes() and (fault := attributes()[name].fault(value)):
            errors[name] = fault
    if not errors:
        errors = _contradictions({**default_attributes(), **given})
    if errors:
        raise ProjectInvalid(errors=errors)
    return {**default_attributes(), **given}


def _contradictions(values: dict[str, Any]) -> dict[str, str]:
    """Facts that exclude each other (政府投资条例 第九条: 审批; 企业投资项目核准和备案管理条例 第三条: 核准、备案)."""
    errors = {}
    if values["invest_type"] == "gov" and values["approve_mode"] != "审批":
        errors["approve_mode"] = "政府投资项目实行审批制，立项方式应为“审批”。"
    if values["invest_type"] == "social" and values["approve_mode"] == "审批":
        errors["approve_mode"] = "企业投资项目实行核准或备案，立项方式不能为“审批”。"
    return errors


def _attribute(name: str, entry: dict) -> Attribute:
    return Attribute(
        name=name, kind=entry["type"], group=entry["group"], zh=entry["zh"], en=entry["en"],
        help_zh=entry["help_zh"], help_en=entry["help_en"], default=entry["default"],
        choices={key: tuple(labels) for key, labels in entry.get("choices", {}).items()},
        unit_zh=entry.get("unit_zh", ""), unit_en=entry.get("unit_en", ""),
    )


@cache
def _file() -> dict:
    return yaml.safe_load(_FILE.read_text(encoding="utf-8"))

"""审批流程模板: which one fits a project, and its stages as data (指南 C33: 阶段为数据)."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from parallel.projects.applicability import deciding_facts, holds
from parallel.projects.errors import ProjectInvalid

_FILE = Path(__file__).with_name("templates.yaml")
COMMON_PROCESS = "stage-common"
COMMON_TEMPLATE = "T00"
ALL_DONE, ANY_DONE = 1, 2  # 里程碑类型


@dataclass(frozen=True)
class StageTemplate:
    """One stage of a template. `milestone_type`: 1 all milestone items done, 2 any one."""

    number: int
    name: str
    name_en: str
    milestone_type: int
    milestone_items: tuple[str, ...]
    promised_days: int | None
    process_key: str


@dataclass(frozen=True)
class Template:
    """A class of projects with its stages; `total_days` is what the city promises for all of them."""

    id: str
    name: str
    when: str | None
    total_days: int | None
    stages: tuple[StageTemplate, ...]


@dataclass(frozen=True)
class TemplateChoice:
    """The template for a project and why."""

    template: Template
    reason_zh: str
    reason_en: str


@cache
def templates() -> dict[str, Template]:
    """Every template by id, in the order they are tried."""
    return {entry["id"]: _template(entry) for entry in _file()["templates"]}


def template(template_id: str) -> Template:
    try:
        return templates()[template_id]
    except KeyError:
        raise ProjectInvalid(f"没有编号为“{template_id}”的流程模板。", field="template_id") from None


def choose_template(values: Mapping[str, Any]) -> TemplateChoice:
    """The first template whose condition holds; the common one when no other fits."""
    for candidate in templates().values():
        if candidate.when is not None and holds(candidate.when, values):
            return TemplateChoice(candidate, *_reason(candidate, values))
    raise AssertionError("the common template fits every project")


def five_stage_names() -> list[str]:
    """The guide's five-stage view, an attribute of every item (`stage5`)."""
    return list(_file()["five_stages"])


def stage_name(number: int) -> tuple[str, str]:
    """A stage's name in both languages."""
    entry = next(entry for entry in _file()["stages"] if entry["number"] == number)
    return entry["name"], entry["name_en"]


def _reason(chosen: Template, values: Mapping[str, Any]) -> tuple[str, str]:
    if chosen.id == COMMON_TEMPLATE:
        return "没有专门的流程模板，按通用四阶段办理", "No template of its own; the common four stages apply"
    facts = deciding_facts(chosen.when, values)
    return "；".join(zh for zh, _ in facts), "; ".join(en for _, en in facts)


def _template(entry: dict) -> Template:
    return Template(
        id=entry["id"], name=entry["name"], when=entry.get("when"), total_days=entry.get("total_wd"),
        stages=tuple(_stage(entry, stage) for stage in _file()["stages"]),
    )


def _stage(entry: dict, stage: dict) -> StageTemplate:
    number = stage["number"]
    milestones = entry.get("milestones", _file()["common_milestones"]).get(number, [])
    return StageTemplate(
        number, stage["name"], stage["name_en"], entry.get("milestone_types", {}).get(number, ALL_DONE),
        tuple(milestones), entry.get("stage_wd", {}).get(number),
        entry.get("processes", {}).get(number, COMMON_PROCESS),
    )


@cache
def _file() -> dict:
    return yaml.safe_load(_FILE.read_text(encoding="utf-8"))

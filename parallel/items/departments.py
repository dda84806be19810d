"""部门 and 行政区划 as shipped: one entry a real body, and the strings under which sources mention it."""
from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from parallel.items.codes import demo_organisation_code

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class ShippedDepartment:
    """A body of the catalogue; `organisation_code` is a demo one. `kind`: body, utility or intermediary."""

    code: str
    name: str
    name_en: str
    division_code: str
    organisation_code: str
    kind: str


@cache
def shipped_departments() -> dict[str, ShippedDepartment]:
    """Every shipped department by its code."""
    file = _catalogue()
    return {
        entry["code"]: ShippedDepartment(
            entry["code"], entry["name"], entry["name_en"], entry.get("division", file["division"]),
            demo_organisation_code(number), entry.get("kind", "body"),
        )
        for number, entry in enumerate(file["departments"], 1)
    }


def department_code(mention: str) -> str:
    """The department that a source mentions, such as 水行政(行政审批局). A string nobody mapped is a KeyError."""
    return _aliases()[mention]


def department_codes(mention: str) -> list[str]:
    """Like `department_code`, for strings that may name several bodies at once."""
    joint = _catalogue().get("joint", {})
    return joint[mention] if mention in joint else [department_code(mention)]


@cache
def _aliases() -> dict[str, str]:
    aliases = {}
    for entry in _catalogue()["departments"]:
        for mention in [entry["name"], *entry["aliases"]]:
            if aliases.setdefault(mention, entry["code"]) != entry["code"]:
                raise ValueError(f"departments.yaml maps {mention!r} twice")
    return aliases


@cache
def _catalogue() -> dict:
    return yaml.safe_load((_HERE / "catalogue" / "departments.yaml").read_text(encoding="utf-8"))


def shipped_divisions() -> Iterator[dict]:
    """The rows of GB/T 2260 for the table `division`."""
    with (_HERE / "divisions.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(line for line in file if not line.startswith("#")):
            yield {"code": row["code"], "name": row["name"], "level": int(row["level"]),
                   "parent_code": row["parent"] or None}

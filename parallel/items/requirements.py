"""材料清单项 from catalogue entries: the key under which materials are the same (去重), and 审查要点."""
from __future__ import annotations

import re
import unicodedata
from functools import cache
from pathlib import Path

import yaml

from parallel.items.models import MaterialRequirement

_CATALOGUE = Path(__file__).parent / "catalogue"
SOURCES = ("applicant", "online_form", "shared", "e_licence", "intermediary", "department", "commitment")


def requirements_of(item_code: str, materials: list[dict]) -> list[MaterialRequirement]:
    """The rows of an item's list of materials, in its order."""
    return [
        MaterialRequirement(
            seq=seq, name=entry["name"], same_as=same_as(item_code, entry), source=entry["source"],
            from_item=entry.get("from_item"), required=entry["required"], tolerable=entry.get("tolerable", False),
            originals=entry.get("original", 0), copies=entry.get("copy", 0), electronic=entry.get("electronic", 0),
            review_points=entry.get("review_points") or review_points(entry),
        )
        for seq, entry in enumerate(materials, 1)
    ]


def same_as(item_code: str, entry: dict) -> str:
    """The key that requirements share when one material satisfies them (PARALLEL-INV-2: 材料去重).

    A result of an earlier item is `result:<item>` under whatever name it is asked for, an electronic licence
    `licence:<its name>`; anything else goes by its normalised name. Names such as 申请表, under which every item
    has a paper of its own, are never shared.
    """
    if entry["source"] == "shared":
        return f"result:{entry['from_item']}"
    if entry["source"] == "e_licence" and entry.get("licence"):
        return f"licence:{entry['licence']}"
    name = normalised(entry["name"])
    return f"{name}@{item_code}" if name in _rules()["own"] else _rules()["same"].get(name, name)


def normalised(name: str) -> str:
    """A name without what does not tell papers apart: widths, blanks, and qualifiers in brackets."""
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", name))
    return re.sub(r"\([^()]*\)", "", plain) or plain


@cache
def _rules() -> dict:
    file = yaml.safe_load((_CATALOGUE / "same_materials.yaml").read_text(encoding="utf-8"))
    return {"own": frozenset(file["own"]), "same": {name: names[0] for names in file["same"] for name in names}}


def review_points(entry: dict) -> list[str]:
    """审查要点 for a material, by its source and the words of its name; never empty."""
    return next(rule["points"] for rule in _review_rules() if _fits(rule, entry))


def _fits(rule: dict, entry: dict) -> bool:
    sources, words = rule.get("sources"), rule.get("words")
    return (sources is None or entry["source"] in sources) and (
        words is None or any(word in entry["name"] for word in words)
    )


@cache
def _review_rules() -> list[dict]:
    return yaml.safe_load((_CATALOGUE / "review_points.yaml").read_text(encoding="utf-8"))["rules"]

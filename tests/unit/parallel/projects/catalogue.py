"""The shipped items as rows without a database, and the scenarios of the domain facts."""
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import yaml

from parallel.items.loading import DEMO_DIVISION, shipped_entries
from parallel.items.models import ServiceItem
from parallel.items.versions import Placement, build
from parallel.projects.attributes import validate_attributes

SCENARIOS = Path(__file__).parents[3] / "data" / "scenarios.yaml"  # as in the domain facts, byte for byte


@cache
def items() -> list[ServiceItem]:
    at = datetime(2026, 11, 23, tzinfo=UTC)
    return [
        build(entry, Placement(entry["department"], DEMO_DIVISION, "published"), version=1, by="test", at=at)
        for entry in shipped_entries()
    ]


@cache
def item(code: str) -> ServiceItem:
    return next(row for row in items() if row.code == code)


@cache
def scenarios() -> list[dict]:
    return yaml.safe_load(SCENARIOS.read_text(encoding="utf-8"))["scenarios"]


def scenario_values(name: str) -> dict:
    """All attributes of a scenario, S1 for example."""
    found = next(entry for entry in scenarios() if entry["name"].startswith(name))
    return validate_attributes(found["attributes"])

"""The shipped catalogue into the database: divisions, departments, items. Running it again changes nothing."""
from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path

import yaml
from sqlalchemy import insert

from engine.api import announce, db, record
from parallel.items import versions
from parallel.items.codes import ImplementationCode, demo_basic_code
from parallel.items.departments import department_code, department_codes, shipped_departments, shipped_divisions
from parallel.items.item_types import item_type
from parallel.items.models import Department, Division, ServiceItem

CATALOGUE = Path(__file__).parent / "catalogue" / "items.yaml"
DEMO_DIVISION = "130200"


@dataclass
class LoadReport:
    """What loading did: codes of items that are new, changed (a new version) and unchanged."""

    new: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    departments: int = 0
    divisions: int = 0
    warnings: list[str] = field(default_factory=list)


def load_catalogue(at: datetime, by: str, path: Path = CATALOGUE) -> LoadReport:
    """Load the catalogue inside the caller's unit of work.

    An entry that changed since it was last loaded makes a new version, and old versions stay (ITEM-2). An entry
    that did not change leaves alone what an item manager made of it meanwhile.
    """
    report = LoadReport(divisions=_load_divisions(), departments=_load_departments())
    db.session.flush()
    current = {
        item.code: item for item in db.session.scalars(db.select(ServiceItem).where(ServiceItem.is_current))
    }
    for entry in shipped_entries(path):
        outcome = _load_entry(entry, current.get(entry["code"]), by, at)
        getattr(report, outcome).append(entry["code"])
        if versions.promise_exceeds_law(entry):
            report.warnings.append(f"{entry['code']} {entry['name']}：承诺时限长于法定时限，请核对来源。")
    if report.new or report.changed:
        announce("CatalogueLoaded", {"new": report.new, "changed": report.changed}, topics=["items"], at=at)
    return report


def shipped_entries(path: Path = CATALOGUE) -> list[dict]:
    """The entries of the file as versions hold them: with demo codes and normalised departments."""
    return [_prepared(entry) for entry in _raw_entries(path, path.stat().st_mtime_ns)]


@cache
def _raw_entries(path: Path, modified: int) -> list[dict]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(path.read_text(encoding="utf-8"), Loader=loader)["items"]


def _prepared(entry: dict) -> dict:
    department = shipped_departments()[department_code(entry["lead_dept"])]
    basic = demo_basic_code(entry["code"], item_type(entry["type"]).code)
    implementation = ImplementationCode(department.division_code, department.organisation_code)
    return {
        **entry,
        "department": department.code,
        "co_departments": [code for mention in entry["co_depts"] for code in department_codes(mention)],
        "codes": {"basic": str(basic), "implementation": str(implementation), "demo": True},
    }


def _load_entry(entry: dict, current: ServiceItem | None, by: str, at: datetime) -> str:
    placement = versions.Placement(entry["department"], DEMO_DIVISION, "published")
    shipped = versions.content_hash(entry, placement)
    body = {**entry, "shipped_hash": shipped}
    if current is None:
        db.session.add(versions.build(body, placement, version=1, by=by, at=at))
        outcome, version = "new", 1
    elif current.body.get("shipped_hash") == shipped:
        return "unchanged"
    else:
        version = current.version + 1
        kept = versions.Placement(entry["department"], DEMO_DIVISION, current.status, current.process_key)
        versions.replace(current, versions.build(body, kept, version=version, by=by, at=at))
        outcome = "changed"
    record(f"item:{entry['code']}", "loaded", by=by, at=at, detail={"version": version, "sha256": shipped})
    return outcome


def _load_departments() -> int:
    known = set(db.session.scalars(db.select(Department.code)))
    missing = [entry for code, entry in shipped_departments().items() if code not in known]
    db.session.add_all(
        Department(code=entry.code, name=entry.name, name_en=entry.name_en, division_code=entry.division_code)
        for entry in missing
    )
    return len(missing)


def _load_divisions() -> int:
    known = set(db.session.scalars(db.select(Division.code)))
    missing = [row for row in shipped_divisions() if row["code"] not in known]
    if missing:
        db.session.execute(insert(Division), missing)
    return len(missing)

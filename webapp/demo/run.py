"""`binglian demo`: whole investment projects through all their stages, headless, in a database of its own."""
from __future__ import annotations

import json
import tempfile
import time
from pathlib import Path
from typing import Any

import click
import yaml
from sqlalchemy import func, select

from engine.api import ProcessInstance, db
from parallel.cases.models import Case, Licence
from parallel.items.queries import current_items
from parallel.projects.models import Project
from parallel.projects.plan import make_plan
from webapp import clock, create_app
from webapp.config import Config
from webapp.demo.walk import Walk
from webapp.schema import migrate
from webapp.seed import seed

SHIPPED = Path(__file__).parent / "scenarios.yaml"
BESIDE = 5  # 并行推进: applied for at the start, runs beside the four stages
STAGES = (BESIDE, 1, 2, 3, 4)


def main(*, scenario: Path | None = None, as_json: bool = False) -> int:
    """Run every scenario of the file; 0 when each agrees with what the file expects, else 1."""
    chosen = yaml.safe_load((scenario or SHIPPED).read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Config.from_environment(
            data_dir=Path(folder), database_url=f"sqlite:///{folder}/demo.db", storage_url=f"file://{folder}/files",
            log_level="WARNING",
        ))
        click.echo("Preparing items, processes and accounts …", err=True)
        migrate(app)
        seed(app, demo=True)
        with app.app_context():
            results = [_run(entry, chosen.get("defaults") or {}) for entry in chosen["scenarios"]]
            db.session.remove()
            db.engine.dispose()
    disagreements = [line for result in results for line in result.pop("disagreements")]
    click.echo(json.dumps({"scenarios": results}, ensure_ascii=False) if as_json else _text(results))
    for line in disagreements:
        click.echo(line, err=True)
    return 1 if disagreements else 0


def _run(entry: dict, defaults: dict) -> dict[str, Any]:
    click.echo(f"{entry['name']} …", err=True)
    started = time.perf_counter()
    walk = Walk(clock.now)
    project_id = walk.register(entry["name"], {**defaults, **entry["attributes"]})
    project = db.session.get(Project, project_id)
    plan = make_plan(current_items(), project.attributes)
    for stage in STAGES:
        if codes := plan.codes_by_stage.get(stage):
            walk.accept(walk.apply(project_id, stage, codes))
            walk.work(project_id)
            click.echo(f"  stage {stage}: {len(codes)} items", err=True)
    result = {
        "name": entry["name"], "items": _approved(project_id), "critical_path": list(plan.critical_path),
        "critical_path_days": plan.critical_path_days, "tasks": walk.completed, "licences": _licences(project_id),
        "ended": _ended(project_id), "seconds": round(time.perf_counter() - started, 2),
    }
    return {**result, "disagreements": list(_disagreements(entry, result))}


def _approved(project_id: int) -> dict[str, list[str]]:
    """The items that the departments really approved, by stage, in the catalogue's order."""
    order = {item.code: (item.stage, position) for position, item in enumerate(current_items())}
    approved = db.session.scalars(select(Case.item_code).where(Case.project_id == project_id, Case.state == "approved"))
    stages: dict[str, list[str]] = {}
    for code in sorted(approved, key=lambda code: order[code]):
        stages.setdefault(str(order[code][0]), []).append(code)
    return stages


def _licences(project_id: int) -> int:
    return db.session.scalar(select(func.count()).select_from(Licence).where(Licence.project_id == project_id))


def _ended(project_id: int) -> bool:
    """Nothing of the project runs any more: every process of its cases and every stage has come to its end."""
    cases = select(Case.id, Case.application_id).where(Case.project_id == project_id)
    keys = {key for case_id, application_id in db.session.execute(cases)
            for key in (f"case:{case_id}", f"application:{application_id}")}
    running = select(ProcessInstance.id).where(
        ProcessInstance.business_key.in_(keys), ProcessInstance.status.in_(("active", "suspended"))
    )
    project = db.session.get(Project, project_id, populate_existing=True)
    stages = {stage.number: stage.state for stage in project.stages if stage.number != BESIDE}
    return db.session.scalar(running.limit(1)) is None and set(stages.values()) == {"closed"}


def _disagreements(entry: dict, result: dict) -> list[str]:
    expected = {
        "items": {stage: sorted(codes) for stage, codes in entry.get("expected_items", {}).items()},
        "critical_path": entry.get("critical_path"),
        "critical_path_days": entry.get("critical_path_days_excl_special"),
    }
    found = {**result, "items": {stage: sorted(codes) for stage, codes in result["items"].items()}}
    wrong = [
        f"{entry['name']}: {key} is {found[key]}, the file expects {value}"
        for key, value in expected.items() if value and found[key] != value
    ]
    return wrong + ([] if result["ended"] else [f"{entry['name']}: something is still running"])


def _text(results: list[dict]) -> str:
    lines = []
    for result in results:
        count = sum(len(codes) for codes in result["items"].values())
        lines.append(
            f"{result['name']}: {count} items, {result['tasks']} tasks, {result['licences']} licences, "
            f"critical path {result['critical_path_days']} days, {result['seconds']} s"
            f"{'' if result['ended'] else ', NOT ended'}"
        )
    return "\n".join(lines)

"""Completions a second, every one committed with its task rows, timers, audit entry and outbox event.

    python -m benchmarks.engine --json

For each shape of process and each database two things run in turn, round by round, in one process: our engine,
and SpiffWorkflow's own JSON persistence (the whole instance with its drawing in one row) that writes the same task
rows, audit entries and outbox events in the same transaction. The ratio is what counts; the machine is shared.
"""
from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

from flask import Flask
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.task import TaskState
from sqlalchemy import create_engine, func, insert, select, text, update
from sqlalchemy.exc import OperationalError

from engine.api import (
    AuditEntry, OutboxEvent, ProcessInstance, Task, TaskCandidate, complete_task, db, deploy, start_process, unit_of_work,
)
from engine.audit import entry
from engine.outbox import event_row
from tests.bpmn_builder import Drawing, bpmn_file, linear, parallel_calls

SHAPES: dict[str, tuple[str, Callable[[], list[Drawing]], int]] = {
    # name: process key, drawings, instances a round
    "linear8": ("linear", lambda: [linear(8)], 12),
    "par10x5": ("parallel", lambda: parallel_calls(10, 5), 2),
    "par42x5": ("parallel", lambda: parallel_calls(42, 5), 1),
}
AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
WHO = "staff:benchmark"
POSTGRESQL = os.environ.get("BINGLIAN_TEST_POSTGRESQL", "postgresql+psycopg://postgres@127.0.0.1:5432/")


class Ours:
    """Our engine through its door."""

    def __init__(self, key: str, drawings: list[Drawing]) -> None:
        self.key = key
        unit_of_work(lambda: deploy(bpmn_file(*drawings), file_name="benchmark.bpmn", by=WHO, at=AT))

    def start(self) -> str:
        return unit_of_work(
            lambda: start_process(self.key, business_key="case:1", variables={}, by=WHO, at=AT).id
        )

    def complete(self, task_id: str) -> None:
        unit_of_work(lambda: complete_task(task_id, by=WHO, at=AT))

    @staticmethod
    def bytes_of(instance_id: str) -> int:
        """All rows that hold the state of one case, children included."""
        size = select(func.sum(func.length(ProcessInstance.state))).where(ProcessInstance.root_id == instance_id)
        return db.session.scalar(size)


class Stock:
    """SpiffWorkflow as its documentation shows it: the instance, specs inside, as one JSON document in one row."""

    def __init__(self, key: str, drawings: list[Drawing]) -> None:
        parser = BpmnParser()
        parser.add_bpmn_str(bpmn_file(*drawings))
        self.spec, self.subprocess_specs = parser.get_spec(key), parser.get_subprocess_specs(key)
        self.serializer = BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure())
        unit_of_work(lambda: deploy(bpmn_file(*drawings), file_name="benchmark.bpmn", by=WHO, at=AT))
        self.definition_id = db.session.scalar(text("select max(id) from process_definition"))

    def start(self) -> str:
        return unit_of_work(self._start)

    def _start(self) -> str:
        workflow = BpmnWorkflow(self.spec, self.subprocess_specs)
        workflow.do_engine_steps()
        instance_id = uuid4().hex
        db.session.execute(insert(ProcessInstance.__table__), [{
            "id": instance_id, "definition_id": self.definition_id, "root_id": instance_id, "business_key": "case:1",
            "status": "active", "revision": 1, "state": self._dump(workflow), "audit_seq": 0, "audit_hash": b"",
            "started_at": AT, "started_by": WHO,
        }])
        self._write_tasks(instance_id, workflow, set())
        return instance_id

    def _dump(self, workflow: BpmnWorkflow) -> bytes:
        return self.serializer.serialize_json(workflow).encode()

    def complete(self, task_id: str) -> None:
        unit_of_work(lambda: self._complete(task_id))

    def _complete(self, task_id: str) -> None:
        instance = ProcessInstance.__table__
        row = db.session.execute(
            select(instance).join(Task, Task.instance_id == instance.c.id).where(Task.id == task_id)
            .with_for_update(of=instance)
        ).one()
        workflow = self.serializer.deserialize_json(row.state.decode())
        before = _open(workflow).keys()
        workflow.get_task_from_id(UUID(task_id)).run()
        workflow.do_engine_steps()
        link = entry(f"process:{row.id}", row.audit_seq + 1, row.audit_hash, "completed", WHO, AT, [["completed", task_id]])
        db.session.execute(update(instance).where(instance.c.id == row.id, instance.c.revision == row.revision).values(
            state=self._dump(workflow), revision=row.revision + 1, audit_seq=link["seq"], audit_hash=link["hash"],
            status="completed" if workflow.completed else "active",
        ))
        db.session.execute(update(Task.__table__).where(Task.id == task_id).values(
            status="completed", completed_at=AT, completed_by=WHO
        ))
        db.session.execute(TaskCandidate.__table__.delete().where(TaskCandidate.task_id == task_id))
        self._write_tasks(row.id, workflow, set(before))
        db.session.execute(insert(AuditEntry.__table__), [link])
        event = event_row("ProcessChanged", {"task": task_id}, [f"process:{row.id}"], AT)
        db.session.execute(insert(OutboxEvent.__table__), [event])

    @staticmethod
    def _write_tasks(instance_id: str, workflow: BpmnWorkflow, before: set[str]) -> None:
        new = {task_id: task for task_id, task in _open(workflow).items() if task_id not in before}
        if new:
            db.session.execute(insert(Task.__table__), [{
                "id": task_id, "instance_id": instance_id, "root_id": instance_id, "business_key": "case:1",
                "element_id": task.task_spec.bpmn_id, "name": task.task_spec.bpmn_name, "status": "open", "created_at": AT,
            } for task_id, task in new.items()])
            groups = [{"task_id": task_id, "group_name": "officers"} for task_id in new]
            db.session.execute(insert(TaskCandidate.__table__), groups)

    @staticmethod
    def bytes_of(instance_id: str) -> int:
        size = select(func.length(ProcessInstance.state)).where(ProcessInstance.id == instance_id)
        return db.session.scalar(size)


def _open(workflow: BpmnWorkflow) -> dict:
    return {str(task.id): task for task in workflow.get_tasks(state=TaskState.READY, manual=True)}


def run_round(engine: Ours | Stock, instances: int) -> tuple[float, int]:
    """Start `instances` cases and complete every task of theirs: (completions a second, bytes of one running case)."""
    done, seconds, size = 0, 0.0, 0
    for _ in range(instances):
        instance_id = engine.start()
        while ids := _open_ids(instance_id):
            if done > 0 and not size:
                size = engine.bytes_of(instance_id)
            began = time.perf_counter()
            for task_id in ids:
                engine.complete(task_id)
            seconds += time.perf_counter() - began
            done += len(ids)
    return done / seconds, size


def _open_ids(root_id: str) -> list[str]:
    ids = list(db.session.scalars(select(Task.id).where(Task.root_id == root_id, Task.status == "open")))
    db.session.rollback()
    return ids


def measure(case: str, database: str, rounds: int) -> dict:
    key, drawings, instances = SHAPES[case]
    rates: dict[str, list[float]] = {"ours": [], "stock": []}
    size = 0
    ours, stock = Ours(key, drawings()), Stock(key, drawings())
    for _ in range(rounds):
        rate, size = run_round(ours, instances)
        rates["ours"].append(rate)
        rates["stock"].append(run_round(stock, instances)[0])
    ratios = [a / b for a, b in zip(rates["ours"], rates["stock"], strict=True)]
    return {
        "case": case, "db": database, "ours_per_s": round(statistics.median(rates["ours"]), 1),
        "stock_per_s": round(statistics.median(rates["stock"]), 1), "ratio": round(statistics.median(ratios), 2),
        "bytes_per_instance": size,
    }


def _application(url: str) -> Flask:
    app = Flask("benchmark")
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    db.init_app(app)
    return app


def on_sqlite(run: Callable[[], list[dict]]) -> list[dict]:
    with tempfile.TemporaryDirectory() as folder, _application(f"sqlite:///{Path(folder, 'b.db')}").app_context():
        return _with_tables(run)


def on_postgresql(run: Callable[[], list[dict]]) -> list[dict]:
    """On a database of its own, made and dropped. Empty when no server answers."""
    name = f"binglian_benchmark_{uuid4().hex[:8]}"
    server = create_engine(f"{POSTGRESQL.rstrip('/')}/postgres", isolation_level="AUTOCOMMIT")
    try:
        with server.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
    except OperationalError as error:
        print(f"no PostgreSQL at {server.url.host}:{server.url.port}, skipped: {error.orig}", file=sys.stderr)
        return []
    try:
        with _application(f"{POSTGRESQL.rstrip('/')}/{name}").app_context():
            return _with_tables(run)
    finally:
        with server.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


def _with_tables(run: Callable[[], list[dict]]) -> list[dict]:
    db.create_all()
    try:
        return run()
    finally:
        db.session.remove()
        db.engine.dispose()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of each engine in turn (default 5)")
    options = parser.parse_args()
    results = []
    for database, on in (("sqlite", on_sqlite), ("postgresql", on_postgresql)):
        results += on(lambda database=database: [measure(case, database, options.rounds) for case in SHAPES])
    if options.json:
        print(json.dumps({"results": results}))
        return
    for row in results:
        print("{case:8} {db:10} ours {ours_per_s:7}/s  stock {stock_per_s:7}/s  ×{ratio}  {bytes_per_instance} B".format(**row))


if __name__ == "__main__":
    main()

"""A small town for tests of the REST API: one project with everything in it, and everybody who might ask for it."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from engine.api import AuditEntry, OutboxEvent, ProcessDefinition, Task, db, unit_of_work
from parallel.cases.models import Application, Case, Licence
from parallel.documents.models import Document
from parallel.materials.models import Material
from tests.builders import build_account, build_clerk, build_staff, build_token
from tests.builders_cases import MONDAY, Hall, case_of, shipped
from webapp.identity.models import ApiToken
from webapp.storage import storage

PEOPLE = {
    "anonymous": None, "owner": "public:zhang", "other": "public:li", "clerk": "staff:clerk",
    "clerk_one_item": "staff:clerk-one-item", "clerk_elsewhere": "staff:clerk-elsewhere",
    "officer": "staff:officer-zrzy", "officer_beside": "staff:officer-fgw", "officer_stranger": "staff:officer-jyj",
    "monitor": "staff:monitor", "monitor_elsewhere": "staff:monitor-elsewhere", "item_manager": "staff:manager",
    "designer": "staff:designer", "administrator": "staff:administrator",
}
VICTIM = "staff:victim"
CANARY = "第一中学新校区"  # the project's name, which nobody else may read


def town(app: Flask) -> None:
    """Template: X00 and X01 (发改) are approved, E01 (发改) and L01 (自然资源) in review after one application; beside
    them a draft, and an application for L02 that waits at the window."""
    shipped(app)
    for login in ("zhang", "li"):
        build_account(login, id_number="130200199001011234", phone="13900000000")
    build_clerk("clerk")
    build_clerk("clerk-one-item", items=("L02",))
    build_clerk("clerk-elsewhere", division="330100")
    for department in ("zrzy", "fgw", "jyj"):
        build_staff(f"officer-{department}", "officer", department=department)
    build_staff("monitor", "monitor")
    build_staff("monitor-elsewhere", "monitor", division="330000")
    for login, role in (("manager", "item_manager"), ("designer", "process_designer"), ("administrator", "administrator")):
        build_staff(login, role)
    build_staff("victim", "officer", department="jyj")
    build_token("public:zhang", "read", "write", at=MONDAY)
    hall = _Hall()
    project = hall.project()
    for code in ("X00", "X01"):
        hall.approve(hall.accepted(project, code).cases[0])
    hall.accepted(project, "E01", "L01")
    hall.draft(project, "L06")
    hall.file(project, "L02")
    unit_of_work(_give_one_up)


def _give_one_up() -> None:
    event = db.session.scalar(db.select(OutboxEvent).where(OutboxEvent.delivered_at.is_(None)).limit(1))
    event.failure = "the other side does not answer"


class _Hall(Hall):
    def officer(self, case: Case) -> str:
        return f"staff:officer-{case.department_code}"


@dataclass(frozen=True)
class Town:
    """The ids of what stands in the town."""

    project: int
    application: int
    draft: int
    filed: int
    case: int
    task: str
    material: int
    licence: int
    document: int
    instance: str
    token: int
    definition: int
    event: int
    number: str

    @classmethod
    def read(cls) -> Town:
        accepted, draft, filed = db.session.scalars(db.select(Application).order_by(Application.id.desc()).limit(3)).all()[::-1]
        case = case_of(accepted, "L01")
        materials = db.session.scalars(db.select(Material).where(Material.application_id == accepted.id))
        own = {row.same_as for row in case.item.requirements}
        return cls(
            project=accepted.project_id, application=accepted.id, draft=draft.id, filed=filed.id, case=case.id,
            task=db.session.scalar(db.select(Task.id).where(Task.business_key == f"case:{case.id}", Task.status == "open")),
            material=next(each.id for each in materials if each.key in own and each.source == "applicant"),
            licence=db.session.scalar(db.select(Licence.id)),
            document=db.session.scalar(db.select(Document.id).where(Document.application_id == accepted.id)),
            instance=accepted.instance_id, token=db.session.scalar(db.select(ApiToken.id)),
            event=db.session.scalar(db.select(OutboxEvent.id).where(OutboxEvent.failure.is_not(None))),
            definition=db.session.scalar(db.select(ProcessDefinition.id)), number=accepted.number,
        )


def keep_files() -> None:
    """What the builders call files is really in the storage of this test."""
    for key in db.session.scalars(db.select(Material.key)):
        storage().put(key.encode())


class Machine:
    """A client with a bearer token; `machine("POST", "/plans", {…})`."""

    def __init__(self, app: Flask, account: str | None, *scopes: str, at: Any = MONDAY) -> None:
        self.client: FlaskClient = app.test_client()
        token = build_token(account, *(scopes or ("read", "write")), at=at) if account else None
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    def __call__(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        headers = {**self.headers, **more.pop("headers", {})}
        return self.client.open(f"/api/v1{path}", method=method, json=body, headers=headers, **more)


def operations(document: dict) -> Iterator[tuple[str, str, dict]]:
    """(method, path, operation) of every operation in an OpenAPI document."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if isinstance(operation, dict) and "operationId" in operation:
                yield method.upper(), path, operation


def footprint() -> tuple[int, int]:
    """What every act leaves: entries in the audit chains, and events."""
    db.session.rollback()
    counts = [db.select(db.func.count()).select_from(model) for model in (AuditEntry, OutboxEvent)]
    return tuple(db.session.scalar(count) for count in counts)

"""What the designer's lists read: who deployed what when, and how many instances run on it."""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.orm import lazyload

from engine.api import ProcessDefinition, ProcessFile, ProcessInstance, db
from parallel.items.models import ServiceItem
from webapp.identity.models import Account


@dataclass(frozen=True)
class Version:
    """One version of a process with its use."""

    definition: ProcessDefinition
    file_name: str
    by: str
    by_name: str
    at: datetime
    running: int
    ended: int

    @property
    def id(self) -> int:
        return self.definition.id


@dataclass
class Process:
    """A process by its key, with the newest version first."""

    key: str
    versions: list[Version] = field(default_factory=list)
    items: int = 0

    @property
    def id(self) -> str:
        return self.key

    @property
    def newest(self) -> Version:
        return self.versions[0]

    @property
    def running(self) -> int:
        return sum(version.running for version in self.versions)


def versions(keys: Iterable[str] | None = None) -> list[Version]:
    """Every version of these processes or of all, newest first: one statement. Index: ix_process_instance_definition_id_status."""
    is_active = case((ProcessInstance.status.in_(("active", "suspended")), 1), else_=0)
    uses = select(
        ProcessInstance.definition_id, func.sum(is_active).label("running"), func.count().label("total")
    ).group_by(ProcessInstance.definition_id).subquery()
    query = (
        select(ProcessDefinition, ProcessFile.file_name, ProcessFile.deployed_by, ProcessFile.deployed_at, Account.name,
               func.coalesce(uses.c.running, 0).label("running"), func.coalesce(uses.c.total, 0).label("total"))
        .join(ProcessFile, ProcessFile.id == ProcessDefinition.file_id)
        .outerjoin(Account, Account.id == ProcessFile.deployed_by)
        .outerjoin(uses, uses.c.definition_id == ProcessDefinition.id)
        .order_by(ProcessDefinition.key, ProcessDefinition.version.desc())
    )
    if keys is not None:
        query = query.where(ProcessDefinition.key.in_(list(keys)))
    return [
        Version(row.ProcessDefinition, row.file_name, row.deployed_by, row.name or row.deployed_by, row.deployed_at,
                row.running, row.total - row.running)
        for row in db.session.execute(query)
    ]


def processes(text: str = "") -> list[Process]:
    """By key; the text is looked for in key, name and file name. Two statements."""
    found: dict[str, Process] = {}
    for version in versions():
        found.setdefault(version.definition.key, Process(version.definition.key)).versions.append(version)
    bound = dict(db.session.execute(
        select(ServiceItem.process_key, func.count()).where(ServiceItem.is_current).group_by(ServiceItem.process_key)
    ).all())
    for key, process in found.items():
        process.items = bound.get(key, 0)
    words = text.lower().split()
    return [process for process in found.values() if all(word in _searched(process) for word in words)]


def _searched(process: Process) -> str:
    return f"{process.key} {process.newest.definition.name} {process.newest.file_name}".lower()


def bound_items(key: str) -> list[ServiceItem]:
    """Current items whose new cases run this process."""
    query = select(ServiceItem).where(ServiceItem.is_current, ServiceItem.process_key == key).order_by(ServiceItem.id)
    return list(db.session.scalars(query.options(lazyload(ServiceItem.requirements), lazyload(ServiceItem.prerequisites))))

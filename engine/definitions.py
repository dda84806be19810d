"""Process definitions (流程定义): versioned rows, parsed once a version and shared by every instance."""
from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from hashlib import sha256

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

import bpmn
from bpmn.parser import Element, ParsedFile, ProcessModel
from engine.audit import record
from engine.db import db, on_rollback
from engine.errors import ProcessNotFound
from engine.hooks import operation_names
from engine.models import ProcessDefinition, ProcessFile
from engine.outbox import announce


def deploy(source: bytes, *, file_name: str, by: str, at: datetime) -> list[ProcessDefinition]:
    """Store one new version of every executable process of a BPMN file (DEPT-3).

    The same bytes again change nothing and return what they made the first time. Instances that run keep
    the version they started with.

    Raises:
        bpmn.ProcessRefused: the file has errors; `.findings` name element, line and what to do.
    """
    parsed = bpmn.parse(source, operations=operation_names())
    digest = sha256(source).hexdigest()
    known = db.session.scalar(select(ProcessFile).where(ProcessFile.sha256 == digest))
    if known is not None:
        return list(db.session.scalars(select(ProcessDefinition).where(ProcessDefinition.file_id == known.id)))
    file = ProcessFile(sha256=digest, file_name=file_name, source=source, deployed_by=by, deployed_at=at)
    db.session.add(file)
    db.session.flush()
    on_rollback(forget_definitions)
    definitions = [_next_version(model, file, by, at) for model in parsed.processes.values()]
    db.session.flush()
    return definitions


def _next_version(model: ProcessModel, file: ProcessFile, by: str, at: datetime) -> ProcessDefinition:
    newest = db.session.scalar(select(func.max(ProcessDefinition.version)).where(ProcessDefinition.key == model.key))
    definition = ProcessDefinition(key=model.key, version=(newest or 0) + 1, name=model.name, file_id=file.id)
    db.session.add(definition)
    detail = {"version": definition.version, "file": file.file_name, "sha256": file.sha256}
    record(f"definition:{model.key}", "deployed", by=by, at=at, detail=detail)
    announce("ProcessDeployed", {"key": model.key, "version": definition.version}, topics=["definitions"], at=at)
    return definition


def definition(definition_id: int) -> ProcessDefinition:
    found = db.session.get(ProcessDefinition, definition_id)
    if found is None:
        raise ProcessNotFound
    return found


def latest_definition(key: str) -> ProcessDefinition:
    """The newest version of a process. Raises ProcessNotFound."""
    found = db.session.scalar(
        select(ProcessDefinition).where(ProcessDefinition.key == key).order_by(ProcessDefinition.version.desc()).limit(1)
    )
    if found is None:
        raise ProcessNotFound(f"没有部署过流程 {key}。")
    return found


def definitions(key: str | None = None) -> list[ProcessDefinition]:
    """Every version, of one process or of all, newest first."""
    query = select(ProcessDefinition).options(joinedload(ProcessDefinition.file))
    if key is not None:
        query = query.where(ProcessDefinition.key == key)
    return list(db.session.scalars(query.order_by(ProcessDefinition.key, ProcessDefinition.version.desc())))


def definition_xml(definition_id: int) -> bytes:
    return _source(definition(definition_id).file_id)


def definition_elements(definition_id: int) -> dict[str, Element]:
    """Every element of a process by its id, with our extension attributes."""
    return model_of(definition(definition_id)).elements


def model_of(row: ProcessDefinition) -> ProcessModel:
    return model(row.file_id, row.key)


def model(file_id: int, key: str) -> ProcessModel:
    return _parsed(_database(), file_id).processes[key]


def called_definition(caller: ProcessDefinition, key: str) -> ProcessDefinition:
    """What a call activity calls: the process of that key in the caller's own file, else the newest version."""
    sibling = db.session.scalar(
        select(ProcessDefinition).where(ProcessDefinition.file_id == caller.file_id, ProcessDefinition.key == key)
    )
    return sibling or latest_definition(key)


def definition_row(definition_id: int) -> ProcessDefinition:
    """A definition loose from the session. Definitions never change, so one reading a process serves every later one."""
    known = _rows.setdefault(_database(), {})
    if definition_id not in known:
        found = definition(definition_id)
        known[definition_id] = ProcessDefinition(
            id=found.id, key=found.key, version=found.version, name=found.name, file_id=found.file_id
        )
    return known[definition_id]


def forget_definitions() -> None:
    """Drop what memory holds of definitions (after a deployment was rolled back its numbers are given again)."""
    _rows.clear()
    _parsed.cache_clear()


_rows: dict[str, dict[int, ProcessDefinition]] = {}


def _database() -> str:
    return db.engine.url.render_as_string(hide_password=False)


@lru_cache(maxsize=512)
def _parsed(database: str, file_id: int) -> ParsedFile:
    return bpmn.parse(_source(file_id), checked=True)


def _source(file_id: int) -> bytes:
    return db.session.scalars(select(ProcessFile.source).where(ProcessFile.id == file_id)).one()

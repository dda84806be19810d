from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from engine.api import db
from parallel.cases.models import Application
from parallel.materials.asked import AskedMaterial
from parallel.materials.models import FileAccess, Material, StoredFile
from parallel.materials.trust import trust_of

NAME_LENGTH = 200  # the end of a longer name, which has the extension


@dataclass(frozen=True)
class UploadedFile:
    """A file that was checked (`materials.checks.check_upload`) and lies in the storage under its SHA-256."""

    sha256: str
    size: int
    media_type: str
    name: str


def store_version(application: Application, asked: AskedMaterial, file: UploadedFile, by: str, at: datetime) -> Material:
    """A new current version of a material; the older ones stay (PORTAL-APPLY-5: 保留原件与新件两个版本).

    Equal files are stored once, however many materials they are (PARALLEL-INV-4: 存储仅1份).
    """
    trust = trust_of(asked.source)
    found = Material(
        application_id=application.id, key=asked.key, name=asked.name, version=retire_current(application, asked.key) + 1,
        is_current=True, source=asked.source, trust_level=trust.level, verify_required=trust.verify_required,
        file_id=_stored(file, at).id, file_name=file.name[-NAME_LENGTH:], handed_in_by=by, handed_in_at=at,
    )
    db.session.add(found)
    db.session.flush()
    db.session.add(FileAccess(material_id=found.id, action="upload", by=by, at=at))
    return found


def retire_current(application: Application, key: str) -> int:
    """Make no version the current one, and say how many there are."""
    rows = list(db.session.scalars(
        db.select(Material).where(Material.application_id == application.id, Material.key == key)
    ))
    for row in rows:
        row.is_current = False
    db.session.flush()
    return max((row.version for row in rows), default=0)


def _stored(file: UploadedFile, at: datetime) -> StoredFile:
    found = db.session.scalar(db.select(StoredFile).where(StoredFile.sha256 == file.sha256))
    if found is None:
        found = StoredFile(sha256=file.sha256, size=file.size, media_type=file.media_type, created_at=at)
        db.session.add(found)
        db.session.flush()
    return found

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from engine.api import UtcDateTime, db
from parallel.items.models import MaterialRequirement


class StoredFile(db.Model):
    """A file, stored once by its SHA-256, however many materials it is."""

    __tablename__ = "stored_file"
    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    size: Mapped[int]
    media_type: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Material(db.Model):
    """材料 handed in once with an application, with its trust level A to D. `key` is the requirement's `same_as`.

    A new version replaces nothing: the older one stays (`is_current` false). `source`: applicant, online_form,
    result (an earlier licence), e_licence, intermediary, department, commitment.
    """

    __tablename__ = "material"
    __table_args__ = (
        UniqueConstraint("application_id", "key", "version"),
        Index("ix_material_application_id_is_current", "application_id", "is_current"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    key: Mapped[str] = mapped_column(String(200))
    name: Mapped[str] = mapped_column(String(200))
    version: Mapped[int]
    is_current: Mapped[bool]
    source: Mapped[str] = mapped_column(String(20))
    trust_level: Mapped[str] = mapped_column(String(1))
    verify_required: Mapped[bool]  # 须核原件 (指南 C1): beside the level, a field of its own
    verified_by: Mapped[str | None] = mapped_column(String(80))
    verified_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))
    file_name: Mapped[str | None] = mapped_column(String(200))
    licence_id: Mapped[int | None] = mapped_column(ForeignKey("licence.id"))
    handed_in_by: Mapped[str] = mapped_column(String(80))
    handed_in_at: Mapped[datetime] = mapped_column(UtcDateTime)

    file: Mapped[StoredFile | None] = relationship(lazy="joined")


class MaterialUse(db.Model):
    """分发: that one stored material serves a requirement of a case (PARALLEL-INV-4)."""

    __tablename__ = "material_use"
    __table_args__ = (Index("ix_material_use_case_id", "case_id"),)
    material_id: Mapped[int] = mapped_column(ForeignKey("material.id"), primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), primary_key=True)
    requirement_id: Mapped[int] = mapped_column(ForeignKey("material_requirement.id"), primary_key=True)

    material: Mapped[Material] = relationship(lazy="joined")
    requirement: Mapped[MaterialRequirement] = relationship(lazy="joined")


class FileAccess(db.Model):
    """痕迹: who looked at, downloaded or replaced which file, when (EDOC-4)."""

    __tablename__ = "file_access"
    __table_args__ = (Index("ix_file_access_material_id", "material_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    material_id: Mapped[int] = mapped_column(ForeignKey("material.id"))
    action: Mapped[str] = mapped_column(String(20))  # view, download, upload
    by: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime] = mapped_column(UtcDateTime)

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from engine.db import UtcDateTime, db
from engine.models.process_definition import ProcessDefinition


class ProcessInstance(db.Model):
    """流程实例: what runs. `state` is the compact codec's bytes; `revision` guards against lost updates."""

    __tablename__ = "process_instance"
    __table_args__ = (
        Index("ix_process_instance_business_key_status", "business_key", "status"),
        Index("ix_process_instance_parent_id", "parent_id"),
        Index("ix_process_instance_root_id", "root_id"),
        Index("ix_process_instance_definition_id_status", "definition_id", "status"),
    )
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    definition_id: Mapped[int] = mapped_column(ForeignKey("process_definition.id"))
    root_id: Mapped[str] = mapped_column(String(32))
    parent_id: Mapped[str | None] = mapped_column(String(32))
    parent_task_id: Mapped[str | None] = mapped_column(String(36))
    parent_element_id: Mapped[str | None] = mapped_column(String(120))
    business_key: Mapped[str] = mapped_column(String(80))
    status: Mapped[str] = mapped_column(String(12))  # active, suspended, completed, cancelled
    revision: Mapped[int] = mapped_column(default=1)
    state: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    audit_seq: Mapped[int] = mapped_column(server_default=text("0"))
    audit_hash: Mapped[bytes] = mapped_column(LargeBinary, default=b"")
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    started_by: Mapped[str] = mapped_column(String(80))
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    definition: Mapped[ProcessDefinition] = relationship(lazy="raise_on_sql")

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from engine.api import Json, UtcDateTime, db


class Document(db.Model):
    """文书 given to an applicant: acceptance, non-acceptance, correction notice, decision. `fields` is what it says."""

    __tablename__ = "document"
    __table_args__ = (Index("ix_document_application_id", "application_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case.id"))
    kind: Mapped[str] = mapped_column(String(20))  # acceptance, non_acceptance, correction, decision
    number: Mapped[str] = mapped_column(String(60), unique=True)
    fields: Mapped[dict] = mapped_column(Json)
    created_by: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from engine.api import Json, UtcDateTime, db


class Project(db.Model):
    """投资项目, under its unified project code (GB/T 40058-2021). `attributes` decide which items apply."""

    __tablename__ = "project"
    __table_args__ = (Index("ix_project_owner_created_at", "owner", "created_at"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(24), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    search_text: Mapped[str] = mapped_column(String(600))
    owner: Mapped[str] = mapped_column(String(80))  # the applicant's account
    organisation: Mapped[str] = mapped_column(String(200))
    organisation_code: Mapped[str] = mapped_column(String(18))  # 统一社会信用代码
    division_code: Mapped[str] = mapped_column(String(6))
    template_id: Mapped[str] = mapped_column(String(10))
    attributes: Mapped[dict] = mapped_column(Json)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    stages: Mapped[list["Stage"]] = relationship(
        order_by="Stage.number", cascade="all, delete-orphan", lazy="selectin", back_populates="project"
    )


class Stage(db.Model):
    """阶段 of one project. `state`: not_started, open (applications may be filed), closed (its milestone is met)."""

    __tablename__ = "project_stage"
    __table_args__ = (UniqueConstraint("project_id", "number"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    number: Mapped[int]  # 1-4; 5 runs beside the others (并行推进)
    name: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(12))
    milestone_type: Mapped[int]  # 1 all milestone items done, 2 any one
    milestone_items: Mapped[list] = mapped_column(Json)
    promised_days: Mapped[int | None]  # the template's working days for the stage
    process_key: Mapped[str] = mapped_column(String(120))
    opened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    project: Mapped[Project] = relationship(back_populates="stages")

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from engine.api import Json, UtcDateTime, db
from parallel.items.models import ServiceItem


class Application(db.Model):
    """申请(主件): what one applicant files at once, for one item or many (PARALLEL-INV-3).

    `state`: draft, submitted (待预审), pre_accepted (预受理), correcting (补齐补正), accepted,
    not_accepted (不予受理), withdrawn, closed (all its cases ended).
    """

    __tablename__ = "application"
    __table_args__ = (
        Index("ix_application_applicant_created_at", "applicant", "created_at"),
        Index("ix_application_state_submitted_at", "state", "submitted_at"),
        Index("ix_application_project_id", "project_id"),
        Index("ix_application_applicant_id_number", "applicant_id_number"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str | None] = mapped_column(String(50), unique=True)  # 统一办件编号, given on submission
    applicant: Mapped[str] = mapped_column(String(80))
    applicant_name: Mapped[str] = mapped_column(String(200))
    applicant_id_number: Mapped[str] = mapped_column(String(30))
    contact_phone: Mapped[str] = mapped_column(String(30))
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id"))
    stage_number: Mapped[int | None]
    division_code: Mapped[str] = mapped_column(String(6))
    state: Mapped[str] = mapped_column(String(14))
    delivery: Mapped[str] = mapped_column(String(20))  # hall 大厅自领, courier 物流, online
    form: Mapped[dict] = mapped_column(Json)  # one form for all items
    checks: Mapped[dict] = mapped_column(Json)  # review points ticked: {"<material key>": [the points]}
    tolerated: Mapped[list] = mapped_column(Json)  # 容缺: [{"material_key", "name", "due_on"}]
    corrections: Mapped[list] = mapped_column(Json)  # asked for: [{"material_key"|"field", "name", "reason"}]
    correction_asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    correction_due_on: Mapped[date | None]  # 补正期限
    decision_reason: Mapped[str | None] = mapped_column(String(1000))
    instance_id: Mapped[str | None] = mapped_column(String(32), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    submitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    pre_accepted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    accepted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    cases: Mapped[list["Case"]] = relationship(
        order_by="Case.id", cascade="all, delete-orphan", lazy="selectin", back_populates="application"
    )


class Case(db.Model):
    """办件: one application for one item (子件 where filed with others). The states are the book's A1:

    draft, submitted, waiting (accepted by the window, an earlier result still missing), accepted (受理, clock
    starts), in_review, suspended, decided, approved (办结·准予), refused (办结·不予许可), not_accepted, withdrawn,
    terminated.
    """

    __tablename__ = "case"
    __table_args__ = (
        UniqueConstraint("application_id", "item_id"),
        Index("ix_case_project_id_item_code", "project_id", "item_code"),
        Index("ix_case_department_code_state", "department_code", "state"),
        Index("ix_case_state_promised_on", "state", "promised_on"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str | None] = mapped_column(String(50), unique=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id"))
    item_id: Mapped[int] = mapped_column(ForeignKey("service_item.id"))
    item_code: Mapped[str] = mapped_column(String(20))
    department_code: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(14))
    accepted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    promised_on: Mapped[date | None]  # last day of the promised limit, kept by the clock
    legal_on: Mapped[date | None]
    decision: Mapped[str | None] = mapped_column(String(10))  # approve 准予, refuse 不予
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decision_reason: Mapped[str | None] = mapped_column(String(1000))

    application: Mapped[Application] = relationship(back_populates="cases")
    item: Mapped[ServiceItem] = relationship(lazy="joined")


class Opinion(db.Model):
    """审批意见 that an officer wrote at one step of a case."""

    __tablename__ = "opinion"
    __table_args__ = (Index("ix_opinion_case_id", "case_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    task_id: Mapped[str] = mapped_column(String(36))
    step: Mapped[str] = mapped_column(String(40))
    step_name: Mapped[str] = mapped_column(String(200))
    outcome: Mapped[str] = mapped_column(String(20))  # pass, special, approve, refuse, issued
    text: Mapped[str] = mapped_column(String(4000))
    by: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Licence(db.Model):
    """证照/批文: the result of an approved case, a grade A material for later items (PARALLEL-INV-6)."""

    __tablename__ = "licence"
    __table_args__ = (Index("ix_licence_project_id_item_code", "project_id", "item_code"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), unique=True)
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id"))
    item_code: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(200))
    number: Mapped[str] = mapped_column(String(60), unique=True)
    holder: Mapped[str] = mapped_column(String(200))
    issued_by: Mapped[str] = mapped_column(String(80))
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))


class NumberSequence(db.Model):
    """The last number given under a prefix; a number is never used twice."""

    __tablename__ = "number_sequence"
    prefix: Mapped[str] = mapped_column(String(60), primary_key=True)
    last: Mapped[int]

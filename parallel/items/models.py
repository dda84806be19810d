from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from engine.api import Json, UtcDateTime, db


class Department(db.Model):
    """部门: an implementing body (实施机构) or another that takes part in approval."""

    __tablename__ = "department"
    code: Mapped[str] = mapped_column(String(40), primary_key=True)  # short pinyin such as zrzy
    name: Mapped[str] = mapped_column(String(80), unique=True)
    name_en: Mapped[str] = mapped_column(String(120))
    division_code: Mapped[str] = mapped_column(String(6))


class Division(db.Model):
    """行政区划 (GB/T 2260)."""

    __tablename__ = "division"
    code: Mapped[str] = mapped_column(String(6), primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    level: Mapped[int]
    parent_code: Mapped[str | None] = mapped_column(String(6), index=True)


class ServiceItem(db.Model):
    """事项: one version of what can be applied for. A case keeps the version it was accepted under (ITEM-2).

    `status`: draft, published, suspended, cancelled. `is_current` marks the newest version of a code.
    `body` holds the whole entry of the catalogue (conditions, special procedures, fee, sources, names).
    """

    __tablename__ = "service_item"
    __table_args__ = (
        UniqueConstraint("code", "version"),
        Index(
            "uq_service_item_current", "code", unique=True,
            sqlite_where=text("is_current = 1"), postgresql_where=text("is_current"),
        ),
        Index("ix_service_item_search", "is_current", "division_code", "department_code", "item_type", "status"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(20))
    version: Mapped[int]
    is_current: Mapped[bool]
    status: Mapped[str] = mapped_column(String(12))
    name: Mapped[str] = mapped_column(String(200))
    name_en: Mapped[str] = mapped_column(String(200))
    search_text: Mapped[str] = mapped_column(String(600))  # name, code, pinyin and its initials
    department_code: Mapped[str] = mapped_column(ForeignKey("department.code"))
    division_code: Mapped[str] = mapped_column(String(6))
    item_type: Mapped[str] = mapped_column(String(40))
    stage: Mapped[int]  # 1-4 the main line, 5 beside the stages
    basic_code: Mapped[str | None] = mapped_column(String(12), index=True)  # 基本编码
    implementation_code: Mapped[str | None] = mapped_column(String(33))  # 实施编码
    legal_days: Mapped[int | None]
    legal_unit: Mapped[str] = mapped_column(String(2))  # WD working days, ND calendar days
    promised_days: Mapped[int | None]
    promised_unit: Mapped[str] = mapped_column(String(2))
    applicability: Mapped[str] = mapped_column(String(500))  # safe expression over project attributes
    process_key: Mapped[str] = mapped_column(String(120))
    body: Mapped[dict] = mapped_column(Json)
    content_hash: Mapped[str] = mapped_column(String(64))
    effective_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[str] = mapped_column(String(80))

    department: Mapped[Department] = relationship(lazy="joined")
    requirements: Mapped[list["MaterialRequirement"]] = relationship(
        order_by="MaterialRequirement.seq", cascade="all, delete-orphan", lazy="selectin"
    )
    prerequisites: Mapped[list["Prerequisite"]] = relationship(
        order_by="Prerequisite.id", cascade="all, delete-orphan", lazy="selectin"
    )

    @property
    def result_name(self) -> str:
        return self.body["result"]["name"]


class MaterialRequirement(db.Model):
    """材料清单项: what an item asks for. `same_as` is equal for requirements that one material satisfies (去重)."""

    __tablename__ = "material_requirement"
    __table_args__ = (UniqueConstraint("item_id", "seq"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("service_item.id"))
    seq: Mapped[int]
    name: Mapped[str] = mapped_column(String(200))
    same_as: Mapped[str] = mapped_column(String(200))
    source: Mapped[str] = mapped_column(String(20))  # applicant, online_form, shared, e_licence, intermediary, …
    from_item: Mapped[str | None] = mapped_column(String(20))  # the item whose result this is
    required: Mapped[bool]
    tolerable: Mapped[bool]  # 可容缺
    originals: Mapped[int]
    copies: Mapped[int]
    electronic: Mapped[int]
    review_points: Mapped[list] = mapped_column(Json)  # 审查要点


class Prerequisite(db.Model):
    """前置: groups are ANDed; within a group any one applicable item suffices."""

    __tablename__ = "prerequisite"
    __table_args__ = (Index("ix_prerequisite_item_id", "item_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("service_item.id"))
    group_no: Mapped[int]
    item_code: Mapped[str] = mapped_column(String(20))
    condition: Mapped[str | None] = mapped_column(String(500))  # the group counts only when this holds
    need: Mapped[str] = mapped_column(String(200))

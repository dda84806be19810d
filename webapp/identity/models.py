from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from engine.db import Json, UtcDateTime, db


class Account(db.Model):
    """账号 of one of the two user systems (AUTH-1): `public` for persons and organisations, `staff` for officials.

    `id` is `<realm>:<login>` and never changes. `kind`: person, organisation.
    """

    __tablename__ = "account"
    __table_args__ = (
        UniqueConstraint("realm", "login"),
        Index("ix_account_department_code", "department_code"),
    )
    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    realm: Mapped[str] = mapped_column(String(8))
    login: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(String(200))
    password_hash: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(12))
    id_number: Mapped[str | None] = mapped_column(String(30))
    organisation_code: Mapped[str | None] = mapped_column(String(18))
    phone: Mapped[str | None] = mapped_column(String(30))
    department_code: Mapped[str | None] = mapped_column(String(40))
    division_code: Mapped[str | None] = mapped_column(String(6))
    disabled: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    locale: Mapped[str | None] = mapped_column(String(5))
    failed_logins: Mapped[int] = mapped_column(server_default=text("0"), default=0)
    failed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    locked_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_login_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    roles: Mapped[list["RoleGrant"]] = relationship(cascade="all, delete-orphan", lazy="selectin")
    memberships: Mapped[list["GroupMembership"]] = relationship(cascade="all, delete-orphan", lazy="selectin")
    window_items: Mapped[list["WindowAuthorisation"]] = relationship(cascade="all, delete-orphan", lazy="select")

    @property
    def role_names(self) -> set[str]:
        return {grant.role for grant in self.roles}


class RoleGrant(db.Model):
    """That an account has a role (webapp/principal.py lists them)."""

    __tablename__ = "role_grant"
    account: Mapped[str] = mapped_column(ForeignKey("account.id"), primary_key=True)
    role: Mapped[str] = mapped_column(String(30), primary_key=True)


class GroupMembership(db.Model):
    """That an account belongs to a group an administrator made; the group may be a candidate of tasks."""

    __tablename__ = "group_membership"
    account: Mapped[str] = mapped_column(ForeignKey("account.id"), primary_key=True)
    group_name: Mapped[str] = mapped_column(String(120), primary_key=True)


class WindowAuthorisation(db.Model):
    """人员-事项授权 (ACCEPT-1): that a window clerk may handle an item; `*` stands for every item."""

    __tablename__ = "window_authorisation"
    account: Mapped[str] = mapped_column(ForeignKey("account.id"), primary_key=True)
    item_code: Mapped[str] = mapped_column(String(20), primary_key=True)


class LoginSession(db.Model):
    """One signed-in browser. The cookie holds the token, this row only its SHA-256."""

    __tablename__ = "login_session"
    __table_args__ = (Index("ix_login_session_account", "account"),)
    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    account: Mapped[str] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ip: Mapped[str] = mapped_column(String(45))


class ApiToken(db.Model):
    """A machine's key to the REST API; it may what its account may, within `scopes` (read, write)."""

    __tablename__ = "api_token"
    __table_args__ = (Index("ix_api_token_account", "account"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    account: Mapped[str] = mapped_column(ForeignKey("account.id"))
    name: Mapped[str] = mapped_column(String(100))
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    scopes: Mapped[list] = mapped_column(Json)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

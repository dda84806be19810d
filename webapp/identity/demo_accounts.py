"""The accounts of a demonstration: one for each role, an officer for each department.

Made once. Where their logins stand is a file that only the installation's user can read; nothing resets them.
"""
from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select

from engine.db import db
from parallel.items.loading import DEMO_DIVISION
from parallel.items.models import Department
from webapp.identity import actions
from webapp.identity.models import Account
from webapp.policy import EVERY_ITEM
from webapp.principal import (
    ADMINISTRATOR, ITEM_MANAGER, MONITOR, OFFICER, PROCESS_DESIGNER, WINDOW_CLERK,
)

BY = "system:demo"
DEMO_PERSON_NUMBER = "130202199001010010"  # valid in form, given to nobody
DEMO_ORGANISATION_CODE = "91130202MAAY4CL12T"
PUBLIC = (
    ("zhang", "person", "张小明", DEMO_PERSON_NUMBER, "13800000001"),
    ("jianshe", "organisation", "唐山市路南建设投资有限公司", DEMO_ORGANISATION_CODE, "13800000002"),
)
STAFF = (
    ("chuangkou", "窗口李敏", WINDOW_CLERK),
    ("qingdan", "清单管理员王芳", ITEM_MANAGER),
    ("liucheng", "流程设计员赵强", PROCESS_DESIGNER),
    ("jiancha", "监察员陈刚", MONITOR),
    ("guanli", "系统管理员", ADMINISTRATOR),
)


@dataclass(frozen=True)
class DemoLogin:
    account: str
    name: str
    roles: tuple[str, ...]

    @property
    def door(self) -> str:
        return "/staff/login" if self.account.startswith("staff:") else "/login"

    @property
    def login(self) -> str:
        return self.account.partition(":")[2]


def create_demo_accounts(password: str, *, at: datetime) -> list[DemoLogin]:
    """Make those that are missing, all with this password; runs inside the caller's unit of work."""
    made = [*_applicants(password, at), *_staff(password, at), *_officers(password, at)]
    return [DemoLogin(account.id, account.name, tuple(sorted(account.role_names))) for account in made]


def _applicants(password: str, at: datetime) -> Iterator[Account]:
    for login, kind, name, number, phone in PUBLIC:
        if _is_missing("public", login):
            yield actions.register_applicant(
                login=login, password=password, kind=kind, name=name, number=number, phone=phone, locale=None, at=at
            )


def _staff(password: str, at: datetime) -> Iterator[Account]:
    for login, name, role in STAFF:
        if _is_missing("staff", login):
            account = _official(login, name, role, None, password, at)
            if role == WINDOW_CLERK:
                actions.set_window_items(account, {EVERY_ITEM}, by=BY, at=at)
            yield account


def _officers(password: str, at: datetime) -> Iterator[Account]:
    for department in db.session.scalars(select(Department).order_by(Department.code)):
        login = f"officer-{department.code}"
        if _is_missing("staff", login):
            yield _official(login, f"{department.name}审批员", OFFICER, department.code, password, at)


def _official(login: str, name: str, role: str, department: str | None, password: str, at: datetime) -> Account:
    return actions.create_staff(
        login=login, password=password, name=name, roles={role}, department_code=department,
        division_code=DEMO_DIVISION, by=BY, at=at,
    )


def _is_missing(realm: str, login: str) -> bool:
    return db.session.get(Account, f"{realm}:{login}") is None


def random_password() -> str:
    """One that staff may have too: three kinds of characters, easy to copy from a terminal."""
    letters = "abcdefghjkmnpqrstuvwxyz"
    words = ("".join(secrets.choice(letters) for _ in range(4)) for _ in range(3))
    return "-".join(words).capitalize() + f"-{secrets.randbelow(90) + 10}"


def save_logins(path: Path, logins: list[DemoLogin], password: str) -> None:
    """Append them to the file of demo logins."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "w", encoding="utf-8") as file:
        for each in logins:
            file.write(f"{each.door}\t{each.login}\t{password}\t{', '.join(each.roles)}\t{each.name}\n")

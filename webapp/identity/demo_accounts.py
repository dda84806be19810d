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
from typing import Any

from sqlalchemy import select

from engine.db import db
from parallel.items.loading import DEMO_DIVISION
from parallel.items.models import Department
from webapp.identity import actions
from webapp.identity.models import Account
from webapp.identity.passwords import hash_password
from webapp.policy import EVERY_ITEM
from webapp.principal import (
    ADMINISTRATOR, APPLICANT, ITEM_MANAGER, MONITOR, OFFICER, PROCESS_DESIGNER, WINDOW_CLERK,
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
    missing = [person for person in _everybody() if db.session.get(Account, f"{person['realm']}:{person['login']}") is None]
    if not missing:
        return []
    password_hash = hash_password(password)  # one for all: fifty would take ten seconds and hide nothing
    made = [actions.open_account(**person, password_hash=password_hash, by=BY, at=at) for person in missing]
    for account in made:
        if WINDOW_CLERK in account.role_names:
            actions.set_window_items(account, {EVERY_ITEM}, by=BY, at=at)
    return [DemoLogin(account.id, account.name, tuple(sorted(account.role_names))) for account in made]


def _everybody() -> Iterator[dict[str, Any]]:
    for login, kind, name, number, phone in PUBLIC:
        whose = {"id_number": number} if kind == "person" else {"organisation_code": number}
        yield {"realm": "public", "login": login, "name": name, "roles": {APPLICANT}, "kind": kind, "phone": phone} | whose
    for login, name, role in STAFF:
        yield _official(login, name, role)
    for department in db.session.scalars(select(Department).order_by(Department.code)):
        yield _official(f"officer-{department.code}", f"{department.name}审批员", OFFICER, department.code)


def _official(login: str, name: str, role: str, department: str | None = None) -> dict[str, Any]:
    return {
        "realm": "staff", "login": login, "name": name, "roles": {role}, "kind": "person",
        "department_code": department, "division_code": DEMO_DIVISION,
    }


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

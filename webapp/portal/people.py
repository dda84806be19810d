"""Accounts by the names people know them by."""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select

from engine.db import db
from parallel.items.models import Department
from webapp.identity.models import Account
from webapp.portal.words import pick


@dataclass(frozen=True)
class Person:
    name: str
    unit: str | None


def people(accounts: Iterable[str | None]) -> dict[str, Person]:
    """Account id → name and department; who is unknown is left out."""
    wanted = {account for account in accounts if account}
    if not wanted:
        return {}
    rows = db.session.execute(
        select(Account.id, Account.name, Department.name, Department.name_en)
        .outerjoin(Department, Department.code == Account.department_code).where(Account.id.in_(wanted))
    )
    return {account: Person(name, pick(zh, en)) for account, name, zh, en in rows}

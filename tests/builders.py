"""Ready-made objects for tests. Each runs in a unit of work of its own and gives back what it made."""
from __future__ import annotations

from datetime import datetime

from flask import Flask

from engine.calendar import CHINA
from engine.db import db, unit_of_work
from parallel.items.loading import load_catalogue
from parallel.time_limits.calendar_seed import seed_calendar
from webapp.identity.actions import set_window_items
from webapp.identity.models import Account, RoleGrant
from webapp.identity.passwords import hash_password
from webapp.identity.sessions import create_token, principal_of
from webapp.principal import APPLICANT, WINDOW_CLERK, Principal

MORNING = datetime(2026, 11, 23, 9, tzinfo=CHINA)
PASSWORD = "Correct-horse-7"
DIVISION = "130200"


def fill_catalogue(app: Flask) -> None:
    """For `@pytest.mark.template("catalogue", fill_catalogue)`: working days, departments, divisions and items."""
    unit_of_work(seed_calendar)
    unit_of_work(lambda: load_catalogue(MORNING, "system:test"))


def build_account(
    login: str = "zhang", *, realm: str = "public", roles: tuple[str, ...] = (APPLICANT,), name: str | None = None,
    department: str | None = None, division: str | None = None, password: str = PASSWORD, kind: str = "person",
    **fields: object,
) -> Account:
    def act() -> Account:
        key = f"{realm}:{login}"
        account = Account(
            id=key, realm=realm, login=login, name=name or login, password_hash=hash_password(password), kind=kind,
            department_code=department, division_code=division, created_at=MORNING,
            roles=[RoleGrant(account=key, role=role) for role in roles], **fields,
        )
        db.session.add(account)
        return account

    return unit_of_work(act)


def build_staff(login: str, *roles: str, department: str | None = None, division: str = DIVISION) -> Account:
    return build_account(login, realm="staff", roles=roles, department=department, division=division)


def build_clerk(login: str = "chuangkou", *, items: tuple[str, ...] = ("*",), division: str = DIVISION) -> Account:
    """A window clerk authorised for `items` (`*`: all)."""
    account = build_staff(login, WINDOW_CLERK, division=division)
    unit_of_work(lambda: set_window_items(
        db.session.get_one(Account, account.id), set(items), by="staff:administrator", at=MORNING
    ))
    return account


def build_token(account: str, *scopes: str, at: datetime = MORNING, days: int = 30) -> str:
    """An API token's secret."""
    return unit_of_work(lambda: create_token(account, name="test", scopes=list(scopes), days=days, at=at))[1]


def principal(account: str) -> Principal:
    """The account as the policy sees it."""
    return principal_of(db.session.get_one(Account, account))

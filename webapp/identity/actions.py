"""What happens to accounts. Each runs inside the caller's unit of work; who and when are arguments."""
from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext
from sqlalchemy import delete, select
from stdnum.cn import ric, uscc

from engine import api as engine
from engine.db import db
from webapp.identity.errors import InvalidAccount, LastAdministrator, LoginTaken
from webapp.identity.models import Account, GroupMembership, LoginSession, RoleGrant, WindowAuthorisation
from webapp.identity.passwords import hash_password, weakness
from webapp.principal import ADMINISTRATOR, APPLICANT, STAFF_ROLES

LOGIN = re.compile(r"[a-z][a-z0-9._-]{1,39}")
MOBILE = re.compile(r"1[3-9]\d{9}")

FAILURES = 5
FAILURES_WITHIN = timedelta(minutes=15)
LOCKED_FOR = timedelta(minutes=30)


def register_applicant(
    *, login: str, password: str, kind: str, name: str, number: str, phone: str, locale: str | None, at: datetime
) -> Account:
    """A person or an organisation opens an account of its own.

    Args:
        number: the ID number of a person, the unified social credit code of an organisation.

    Raises:
        InvalidAccount, LoginTaken
    """
    login, name, number = login.strip().lower(), name.strip(), number.strip().upper()
    problems = _problems(login=login, password=password, name=name, phone=phone, realm="public")
    if not (ric if kind == "person" else uscc).is_valid(number):
        sentence = lazy_gettext("身份证号码有误。") if kind == "person" else lazy_gettext("统一社会信用代码有误。")
        problems["number"] = [sentence]
    if problems:
        raise InvalidAccount(problems)
    whose = {"id_number": number} if kind == "person" else {"organisation_code": number}
    by = f"public:{login}"
    return open_account(
        realm="public", login=login, password_hash=hash_password(password), name=name, kind=kind, phone=phone, locale=locale,
        roles={APPLICANT}, by=by, at=at, **whose,
    )


def create_staff(
    *, login: str, password: str, name: str, roles: set[str], department_code: str | None, division_code: str | None,
    by: str, at: datetime, phone: str | None = None, locale: str | None = None,
) -> Account:
    """An administrator opens an account for an official."""
    login, name = login.strip().lower(), name.strip()
    problems = _problems(login=login, password=password, name=name, phone=phone, realm="staff")
    if roles - set(STAFF_ROLES):
        problems["roles"] = [lazy_gettext("没有这个角色。")]
    if problems:
        raise InvalidAccount(problems)
    return open_account(
        realm="staff", login=login, password_hash=hash_password(password), name=name, kind="person", phone=phone, locale=locale,
        roles=roles, department_code=department_code, division_code=division_code, by=by, at=at,
    )


def _problems(*, login: str, password: str, name: str, phone: str | None, realm: str) -> dict[str, list]:
    problems: dict[str, list] = {}
    if not LOGIN.fullmatch(login):
        problems["login"] = [lazy_gettext("登录名以小写字母开头，2 至 40 个字符，只含小写字母、数字、点、横线、下划线。")]
    if not 1 <= len(name) <= 200:
        problems["name"] = [lazy_gettext("请填写姓名或名称。")]
    if phone and not MOBILE.fullmatch(phone):
        problems["phone"] = [lazy_gettext("请填写 11 位手机号码。")]
    if reason := weakness(password, login=login, realm=realm):
        problems["password"] = [reason]
    return problems


def open_account(*, realm: str, login: str, roles: set[str], by: str, at: datetime, **fields: Any) -> Account:
    """Make an account of what has been checked before. Raises LoginTaken."""
    key = f"{realm}:{login}"
    if db.session.get(Account, key):
        raise LoginTaken
    account = Account(
        id=key, realm=realm, login=login, created_at=at,
        roles=[RoleGrant(account=key, role=role) for role in sorted(roles)], **fields,
    )
    db.session.add(account)
    db.session.flush()
    _record(account, "created", by=by, at=at, detail={"roles": sorted(roles)})
    return account


# --- signing in ---------------------------------------------------------------------------------

def note_failure(account: Account, *, at: datetime) -> None:
    """Count a wrong password; the fifth within a quarter of an hour locks the account for half an hour."""
    recent = account.failed_at is not None and at - account.failed_at < FAILURES_WITHIN
    account.failed_logins = account.failed_logins + 1 if recent else 1
    account.failed_at = at
    if account.failed_logins >= FAILURES:
        account.locked_until = at + LOCKED_FOR
        account.failed_logins = 0
        _record(account, "locked", by=account.id, at=at, detail={"until": account.locked_until.isoformat()})


def note_login(account: Account, *, ip: str, at: datetime) -> None:
    account.failed_logins, account.locked_until, account.last_login_at = 0, None, at
    _record(account, "signed_in", by=account.id, at=at, detail={"ip": ip})


# --- what an administrator or the person changes ------------------------------------------------

def change_password(
    account: Account, password: str, *, by: str, at: datetime, keep_session: bytes | None = None
) -> None:
    """Set a new password; every other session of the account ends."""
    if reason := weakness(password, login=account.login, realm=account.realm):
        raise InvalidAccount({"password": [reason]})
    account.password_hash = hash_password(password)
    account.failed_logins, account.locked_until = 0, None
    end_sessions(account, keep=keep_session)
    _record(account, "password_changed", by=by, at=at)


def set_disabled(account: Account, disabled: bool, *, by: str, at: datetime) -> None:
    account.disabled = disabled
    if disabled:
        _keep_an_administrator()
        end_sessions(account)
    _record(account, "disabled" if disabled else "enabled", by=by, at=at)


def set_roles(account: Account, roles: set[str], *, by: str, at: datetime) -> None:
    if account.realm != "staff" or roles - set(STAFF_ROLES):
        raise InvalidAccount({"roles": [lazy_gettext("没有这个角色。")]})
    account.roles = [RoleGrant(account=account.id, role=role) for role in sorted(roles)]
    db.session.flush()
    _keep_an_administrator()
    _record(account, "roles_changed", by=by, at=at, detail={"roles": sorted(roles)})


def set_place(
    account: Account, department_code: str | None, division_code: str | None, *, by: str, at: datetime
) -> None:
    """Say for which department and division (six digits of GB/T 2260) an official works."""
    if division_code and not re.fullmatch(r"\d{6}", division_code):
        raise InvalidAccount({"division_code": [lazy_gettext("行政区划代码为 6 位数字。")]})
    account.department_code, account.division_code = department_code, division_code
    _record(account, "place_changed", by=by, at=at, detail={"department": department_code, "division": division_code})


def set_groups(account: Account, groups: set[str], *, by: str, at: datetime) -> None:
    account.memberships = [GroupMembership(account=account.id, group_name=name) for name in sorted(groups)]
    _record(account, "groups_changed", by=by, at=at, detail={"groups": sorted(groups)})


def set_window_items(account: Account, item_codes: set[str], *, by: str, at: datetime) -> None:
    """Say which items a clerk may handle at the window; `*` is every item (ACCEPT-1)."""
    account.window_items = [WindowAuthorisation(account=account.id, item_code=code) for code in sorted(item_codes)]
    _record(account, "window_items_changed", by=by, at=at, detail={"items": sorted(item_codes)})


def end_sessions(account: Account, keep: bytes | None = None) -> None:
    ended = delete(LoginSession).where(LoginSession.account == account.id)
    if keep is not None:
        ended = ended.where(LoginSession.token_hash != keep)
    db.session.execute(ended)


def _keep_an_administrator() -> None:
    db.session.flush()
    able = (
        select(Account.id).join(RoleGrant)
        .where(RoleGrant.role == ADMINISTRATOR, Account.disabled.is_(False)).limit(1)
    )
    if db.session.scalar(able) is None:
        raise LastAdministrator


def _record(account: Account, action: str, *, by: str, at: datetime, detail: dict | None = None) -> None:
    engine.record(f"account:{account.id}", f"account_{action}", by=by, at=at, detail=detail or {})

"""Who is signed in: server-side sessions behind the cookie `sid`, and API tokens behind `Authorization: Bearer`.

The token has 256 random bits; the database keeps its SHA-256 only (reliability 3.4).
"""
from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from flask import Flask, Request, Response, request
from flask_login import LoginManager
from sqlalchemy import delete, or_, select, update

from engine.db import db, unit_of_work
from webapp import clock
from webapp.config import config
from webapp.errors import Forbidden
from webapp.identity.actions import note_failure, note_login
from webapp.identity.errors import WrongDoor, WrongLogin
from webapp.identity.models import Account, ApiToken, LoginSession
from webapp.identity.passwords import verify_password
from webapp.principal import NOBODY, Principal, current_principal, groups_of
from webapp.security import SAFE_METHODS, bearer_token

COOKIE = "sid"
TOKEN_PREFIX = "bl_"  # lets secret scanners know what they found
TOKEN_SCOPES = ("read", "write")
SEEN_EVERY = timedelta(minutes=1)  # how exact "last seen" is; each note is a commit


def register_sessions(app: Flask) -> None:
    manager = LoginManager()
    manager.session_protection = None
    manager.anonymous_user = lambda: NOBODY
    manager.request_loader(_load)
    manager.init_app(app)
    app.before_request(_check_scope)


def token_hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


# --- signing in and out ---------------------------------------------------------------------------

def authenticate(realm: str, login: str, password: str, *, ip: str, at: datetime) -> Account:
    """The account with this login and password.

    Raises:
        WrongLogin: unknown, wrong, locked or disabled; which of them is not told.
        WrongDoor: the right password of a public account at the staff's door (AUTH-1).
    """
    login = login.strip().lower()
    account = db.session.get(Account, f"{realm}:{login}")
    if account is None and realm == "staff":
        account = db.session.get(Account, f"public:{login}")
    right = verify_password(account.password_hash if account else None, password)
    if account is None or account.disabled or (account.locked_until and account.locked_until > at):
        raise WrongLogin
    key = account.id
    if not right:
        unit_of_work(lambda: note_failure(db.session.get_one(Account, key), at=at))
        raise WrongLogin
    if account.realm != realm:
        raise WrongDoor
    unit_of_work(lambda: note_login(db.session.get_one(Account, key), ip=ip, at=at))
    return db.session.get_one(Account, key)


def open_session(account_id: str, *, ip: str, at: datetime) -> str:
    """A new session; returns the token for the cookie. Runs inside the caller's unit of work."""
    token = secrets.token_urlsafe(32)
    db.session.add(LoginSession(
        token_hash=token_hash(token), account=account_id, created_at=at, last_seen_at=at,
        expires_at=at + timedelta(hours=config().session_hours), ip=ip,
    ))
    return token


def close_session(token: str) -> None:
    db.session.execute(delete(LoginSession).where(LoginSession.token_hash == token_hash(token)))


def set_cookie(response: Response, token: str) -> None:
    response.set_cookie(COOKIE, token, httponly=True, samesite="Lax", secure=config().is_https, path="/")


def drop_cookie(response: Response) -> None:
    response.delete_cookie(COOKIE, httponly=True, samesite="Lax", secure=config().is_https, path="/")


def sweep_sessions(at: datetime) -> int:
    """Forget sessions that can no longer be used."""
    idle = at - timedelta(minutes=config().session_idle_minutes)
    over = or_(LoginSession.expires_at <= at, LoginSession.last_seen_at <= idle)
    return db.session.execute(delete(LoginSession).where(over)).rowcount


# --- API tokens -------------------------------------------------------------------------------------

def create_token(account_id: str, *, name: str, scopes: list[str], days: int, at: datetime) -> tuple[ApiToken, str]:
    """A new API token and its secret, which is shown once and never again."""
    secret = TOKEN_PREFIX + secrets.token_urlsafe(32)
    token = ApiToken(
        account=account_id, name=name, token_hash=token_hash(secret), scopes=scopes, created_at=at,
        expires_at=at + timedelta(days=days),
    )
    db.session.add(token)
    return token, secret


def revoke_token(token: ApiToken, *, at: datetime) -> None:
    token.revoked_at = token.revoked_at or at


# --- each request -----------------------------------------------------------------------------------

def _load(request: Request) -> Principal | None:
    if (token := bearer_token()) is not None:
        return _by_api_token(token)  # a bad token is nobody, whatever cookie comes with it
    if cookie := request.cookies.get(COOKIE):
        return _by_cookie(cookie)
    return None


def _by_api_token(secret: str) -> Principal | None:
    found = db.session.execute(
        select(ApiToken, Account).join(Account, Account.id == ApiToken.account)
        .where(ApiToken.token_hash == token_hash(secret), ApiToken.revoked_at.is_(None), Account.disabled.is_(False))
    ).first()
    if found is None or found.ApiToken.expires_at <= clock.now():
        return None
    return principal_of(found.Account, scopes=frozenset(found.ApiToken.scopes))


def _by_cookie(token: str) -> Principal | None:
    key, now = token_hash(token), clock.now()
    found = db.session.execute(
        select(LoginSession, Account).join(Account, Account.id == LoginSession.account)
        .where(LoginSession.token_hash == key, Account.disabled.is_(False))
    ).first()
    if found is None:
        return None
    session, account = found
    idle_since = now - session.last_seen_at
    if session.expires_at <= now or idle_since >= timedelta(minutes=config().session_idle_minutes):
        return None
    principal = principal_of(account, session=key)
    if idle_since >= SEEN_EVERY and not request.path.startswith("/live/"):  # a page left open is nobody's work
        seen = update(LoginSession).where(LoginSession.token_hash == key).values(last_seen_at=now)
        unit_of_work(lambda: db.session.execute(seen))
    return principal


def principal_of(account: Account, **how: object) -> Principal:
    roles = account.role_names
    groups = groups_of(account.id, roles, account.department_code, {member.group_name for member in account.memberships})
    return Principal(
        account=account.id, name=account.name, realm=account.realm, roles=frozenset(roles),
        department=account.department_code, division=account.division_code, groups=groups, locale=account.locale, **how,
    )


def _check_scope() -> None:
    """An API token reads or writes only as its scopes say."""
    if bearer_token() is None:
        return
    scopes = current_principal().scopes or frozenset()
    if current_principal().is_authenticated and _scope_needed() not in scopes:
        raise Forbidden


def _scope_needed() -> str:
    return "read" if request.method in SAFE_METHODS else "write"

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext
from marshmallow import fields
from sqlalchemy import or_, select

from engine import api as engine
from engine.db import db, unit_of_work
from parallel.notifications.actions import mark_read
from parallel.notifications.models import Notification
from webapp import clock
from webapp.api.resource import ID, Invalid, Resource, in_person, paginated
from webapp.api.values import (
    MAX_ID, Answer, Body, Flag, Moment, PageQuery, Query, Several, Text, Whole, choice, list_of, page_of, part,
    several, text, whole,
)
from webapp.config import config
from webapp.identity import actions, sessions
from webapp.identity.models import Account, ApiToken, RoleGrant
from webapp.identity.passwords import verify_password
from webapp.identity.routes import TOKEN_DAYS
from webapp.policy import require, visible_notifications
from webapp.principal import ROLES, STAFF_ROLES, current_principal
from webapp.security import limiter

resource = Resource("people", "账号、令牌、通知、审计 Accounts, tokens, notifications, audit", "本人和账号管理。Oneself, and accounts.")

ACCOUNT = "/accounts/<string(minlength=1, maxlength=80):account_id>"
REALMS = ("public", "staff")
PASSWORD = 128
BROKEN_AT_MOST = 1000


class MeSchema(Answer):
    account, name, realm, department, division = (
        Text(), Text(), Text(), Text(allow_none=True), Text(allow_none=True))
    roles, groups = Several(Text()), Several(Text())
    scopes = Several(Text(), allow_none=True, metadata={"description": "令牌的用途；用浏览器时为空。Of a token."})


class NotificationSchema(Answer):
    id, node, text, application_id, case_id = Whole(), Text(), Text(), Whole(allow_none=True), Whole(allow_none=True)
    created_at, read_at, sms_state = Moment(), Moment(allow_none=True), Text()


class CountSchema(Answer):
    count = Whole()


class TokenSchema(Answer):
    id, account, name, scopes = Whole(), Text(), Text(), Several(Text())
    created_at, expires_at, revoked_at = Moment(), Moment(), Moment(allow_none=True)


class NewTokenSchema(TokenSchema):
    """令牌 with its secret, which is shown once."""

    secret = Text()


class AccountSchema(Answer):
    id, realm, login, name, kind = Text(), Text(), Text(), Text(), Text()
    department_code, division_code = Text(allow_none=True), Text(allow_none=True)
    roles = fields.Function(
        lambda account: sorted(account.role_names), metadata={"type": "array", "items": {"type": "string"}})
    groups = fields.Function(
        lambda account: sorted(member.group_name for member in account.memberships),
        metadata={"type": "array", "items": {"type": "string"}})
    disabled, last_login_at, created_at = Flag(), Moment(allow_none=True), Moment()


class AccountViewSchema(AccountSchema):
    window_items = fields.Function(
        lambda account: sorted(row.item_code for row in account.window_items),
        metadata={"type": "array", "items": {"type": "string"}})


class BrokenLinkSchema(Answer):
    chain, seq, reason = Text(), Whole(), Text()


class VerificationSchema(Answer):
    """Whether the audit chains hold; at most a thousand places where they do not."""

    intact, data = Flag(), Several(part(BrokenLinkSchema))


class NotificationQuery(PageQuery):
    unread = choice(("true", "false"), metadata={"description": "只看未读。Only what was not read."})


class AccountQuery(PageQuery):
    q, realm, role = text(100, load_default=""), choice(REALMS), choice(ROLES)


class AuditQuery(Query):
    chain = text(100, metadata={"description": "一个对象的链，如 case:12；不填为全部。One chain, or all."})


class Read(Body):
    ids = several(whole(1, MAX_ID), metadata={"description": "不填为全部。None: all."})


class NewPassword(Body):
    current, password = text(PASSWORD, required=True), text(PASSWORD, required=True)


class SetPassword(Body):
    password = text(PASSWORD, required=True)


class TokenRequest(Body):
    name = text(100, least=1, required=True)
    scopes = several(choice(sessions.TOKEN_SCOPES), 2, least=1, required=True)
    days = Whole(strict=True, required=True, validate=lambda days: days in TOKEN_DAYS, metadata={"enum": list(TOKEN_DAYS)})


class Registration(Body):
    login, name = text(40, required=True), text(required=True)
    password = text(PASSWORD, required=True)
    kind = choice(("person", "organisation"), required=True)
    number = text(30, required=True, metadata={"description": "身份证号或统一社会信用代码。ID or credit code."})
    phone = text(30, least=1, required=True)


class NewAccount(Body):
    login, name = text(40, required=True), text(required=True)
    password = text(PASSWORD, required=True)
    roles = several(choice(STAFF_ROLES), len(STAFF_ROLES), required=True)
    phone = text(30, allow_none=True)
    department_code, division_code = text(40, allow_none=True), text(6, allow_none=True)


class Roles(Body):
    roles = several(choice(STAFF_ROLES), len(STAFF_ROLES), required=True)


class Groups(Body):
    groups = several(text(120, least=1), 100, required=True)


class WindowItems(Body):
    items = several(text(20, least=1), 1000, required=True, metadata={"description": "* 为全部事项。* is every item."})


class Place(Body):
    department_code = text(40, allow_none=True, required=True)
    division_code = text(6, allow_none=True, required=True)


# --- oneself -----------------------------------------------------------------------------------------------------------

@resource.get("/me", rule="signed_in", zh="我是谁", answer=MeSchema, en="Who asks, with what roles and scopes.")
def read_me() -> dict:
    me = current_principal()
    return {
        "account": me.account, "name": me.name, "realm": me.realm, "department": me.department,
        "division": me.division, "roles": sorted(me.roles), "groups": sorted(me.groups),
        "scopes": None if me.scopes is None else sorted(me.scopes),
    }


@resource.put("/me/password", rule="signed_in", zh="修改密码", body=NewPassword, errors=(429,),
              en="Change one's own password; other sessions end. Not with a token.")
@limiter.limit(lambda: config().login_rate)
def change_my_password(body: dict) -> None:
    me = in_person()
    if not verify_password(db.session.get_one(Account, me.account).password_hash, body["current"]):
        raise Invalid({"current": [str(lazy_gettext("当前密码不正确。"))]})
    unit_of_work(lambda: actions.change_password(
        db.session.get_one(Account, me.account), body["password"], by=me.account, at=clock.now(),
        keep_session=me.session,
    ))


@resource.post("/registrations", rule="public", zh="注册公众账号", body=Registration, answer=AccountSchema, status=201,
               errors=(429,), en="A person or an organisation opens an account of its own.")
@limiter.limit(lambda: config().login_rate)
def register(body: dict) -> Account:
    return unit_of_work(lambda: actions.register_applicant(**body, locale=None, at=clock.now()))


@resource.get("/tokens", rule="signed_in", zh="我的令牌", answer=list_of(TokenSchema), en="One's own API tokens.")
def list_tokens() -> dict:
    mine = select(ApiToken).where(ApiToken.account == current_principal().account)
    return {"data": db.session.scalars(mine.order_by(ApiToken.id.desc())).all()}


@resource.post("/tokens", rule="signed_in", zh="新建令牌", body=TokenRequest, answer=NewTokenSchema, status=201,
               en="Make an API token; its secret is shown once. Not with a token.")
def create_token(body: dict) -> dict:
    me = in_person()
    token, secret = unit_of_work(lambda: sessions.create_token(
        me.account, name=body["name"], scopes=[each for each in sessions.TOKEN_SCOPES if each in body["scopes"]],
        days=body["days"], at=clock.now(),
    ))
    shown = ("id", "account", "name", "scopes", "created_at", "expires_at", "revoked_at")
    return {**{name: getattr(token, name) for name in shown}, "secret": secret}


@resource.delete(f"/tokens/<{ID}:token_id>", rule="token.revoke", zh="作废令牌", en="Revoke a token. Not with a token.")
def revoke_token(token_id: int) -> None:
    def act() -> None:
        token = require("token.revoke", db.session.get(ApiToken, token_id))
        in_person()
        sessions.revoke_token(token, at=clock.now())

    unit_of_work(act)


@resource.get("/notifications", rule="notification.read", zh="我的通知", query=NotificationQuery,
              answer=page_of(NotificationSchema), en="One's own notifications, newest first.")
def list_notifications(query: dict) -> dict:
    found = select(Notification).where(visible_notifications(current_principal()))
    if query.get("unread") == "true":
        found = found.where(Notification.read_at.is_(None))
    return paginated(found.order_by(Notification.created_at.desc(), Notification.id.desc()), query)


@resource.post("/notifications/read", rule="signed_in", zh="标为已读", body=Read, answer=CountSchema,
               en="Mark one's own notifications as read, the given ones or all.")
def read_notifications(body: dict) -> dict:
    me = current_principal().account
    return {"count": unit_of_work(lambda: mark_read(me, clock.now(), body.get("ids")))}


# --- accounts ------------------------------------------------------------------------------------------------------------

@resource.get("/accounts", rule="account.manage", zh="账号列表", query=AccountQuery, answer=page_of(AccountSchema),
              en="Accounts of both realms.")
def list_accounts(query: dict) -> dict:
    found = select(Account)
    if query["q"]:
        found = found.where(or_(
            Account.login.contains(query["q"], autoescape=True), Account.name.contains(query["q"], autoescape=True)
        ))
    if "realm" in query:
        found = found.where(Account.realm == query["realm"])
    if "role" in query:
        found = found.where(Account.roles.any(RoleGrant.role == query["role"]))
    return paginated(found.order_by(Account.realm.desc(), Account.login), query)


@resource.post("/accounts", rule="account.manage", zh="新建工作人员账号", body=NewAccount, answer=AccountViewSchema,
               creates=True, en="Open an account for an official.")
def create_account(body: dict) -> Account:
    return unit_of_work(lambda: actions.create_staff(
        login=body["login"], password=body["password"], name=body["name"], roles=set(body["roles"]),
        department_code=body.get("department_code") or None, division_code=body.get("division_code") or None,
        phone=body.get("phone") or None, by=current_principal().account, at=clock.now(),
    ))


@resource.get(ACCOUNT, rule="account.manage", zh="账号", answer=AccountViewSchema, en="One account.")
def read_account(account_id: str) -> Account:
    return require("account.read", db.session.get(Account, account_id))


@resource.post(f"{ACCOUNT}/disable", rule="account.manage", zh="停用账号", answer=AccountViewSchema,
               en="Disable an account; its sessions end.")
def disable_account(account_id: str) -> Account:
    return _changed(account_id, lambda account, **who: actions.set_disabled(account, True, **who))


@resource.post(f"{ACCOUNT}/enable", rule="account.manage", zh="启用账号", answer=AccountViewSchema,
               en="Enable an account.")
def enable_account(account_id: str) -> Account:
    return _changed(account_id, lambda account, **who: actions.set_disabled(account, False, **who))


@resource.put(f"{ACCOUNT}/password", rule="account.manage", zh="重设密码", body=SetPassword, answer=AccountViewSchema,
              en="Set a new password; sessions of the account end. Not with a token.")
def set_password(account_id: str, body: dict) -> Account:
    in_person()
    return _changed(account_id, lambda account, **who: actions.change_password(account, body["password"], **who))


@resource.put(f"{ACCOUNT}/roles", rule="account.manage", zh="设定角色", body=Roles, answer=AccountViewSchema,
              en="Set the roles of an official.")
def set_roles(account_id: str, body: dict) -> Account:
    return _changed(account_id, lambda account, **who: actions.set_roles(account, set(body["roles"]), **who))


@resource.put(f"{ACCOUNT}/groups", rule="account.manage", zh="设定分组", body=Groups, answer=AccountViewSchema,
              en="Set the groups whose tasks an account may claim.")
def set_groups(account_id: str, body: dict) -> Account:
    return _changed(account_id, lambda account, **who: actions.set_groups(account, set(body["groups"]), **who))


@resource.put(f"{ACCOUNT}/window-items", rule="account.manage", zh="设定窗口授权事项", body=WindowItems,
              answer=AccountViewSchema, en="Set which items a clerk may handle at the window.")
def set_window_items(account_id: str, body: dict) -> Account:
    return _changed(account_id, lambda account, **who: actions.set_window_items(account, set(body["items"]), **who))


@resource.put(f"{ACCOUNT}/place", rule="account.manage", zh="设定部门和区划", body=Place, answer=AccountViewSchema,
              en="Set for which department and division an official works.")
def set_place(account_id: str, body: dict) -> Account:
    return _changed(account_id, lambda account, **who: actions.set_place(
        account, body["department_code"] or None, body["division_code"] or None, **who))


def _changed(account_id: str, change: Any) -> Account:
    def act() -> Account:
        account = require("account.read", db.session.get(Account, account_id))
        change(account, by=current_principal().account, at=clock.now())
        db.session.flush()
        return account

    return unit_of_work(act)


# --- audit -----------------------------------------------------------------------------------------------------------------

@resource.get("/audit/verification", rule="role:administrator", zh="核验审计链", query=AuditQuery,
              answer=VerificationSchema, en="Verify the hash chains of the audit records.")
def verify_audit(query: dict) -> dict:
    found = []
    for link in engine.broken_links(query.get("chain")):
        found.append(link)
        if len(found) == BROKEN_AT_MOST:
            break
    return {"intact": not found, "data": found}

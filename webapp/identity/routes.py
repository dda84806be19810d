"""Signing in at the two doors, one's own account, and the administration of accounts."""
from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext, lazy_gettext
from flask_limiter.util import get_remote_address
from sqlalchemy import or_, select

from engine.db import db, unit_of_work
from parallel.items.models import Department
from parallel.paging import PER_PAGE
from webapp import clock
from webapp.config import config
from webapp.errors import Forbidden, WebError
from webapp.identity import actions, sessions
from webapp.identity.errors import InvalidAccount
from webapp.identity.models import Account, ApiToken, RoleGrant
from webapp.identity.passwords import verify_password
from webapp.navigation import Entry
from webapp.policy import permit, require
from webapp.principal import STAFF_ROLES, current_principal
from webapp.security import limiter, local_address

blueprint = Blueprint("identity", __name__)

navigation = [
    Entry(lazy_gettext("账号与权限"), "identity.accounts", "account.manage", order=90),
    Entry(lazy_gettext("我的账号"), "identity.account", "staff", menu="user"),
    Entry(lazy_gettext("我的账号"), "identity.account", "signed_in", realm="public", menu="user"),
]

ROLE_NAMES = {
    "applicant": lazy_gettext("申请人"), "window_clerk": lazy_gettext("窗口人员"), "officer": lazy_gettext("审批人员"),
    "item_manager": lazy_gettext("清单管理员"), "process_designer": lazy_gettext("流程设计员"),
    "monitor": lazy_gettext("监察人员"), "administrator": lazy_gettext("系统管理员"),
}
TOKEN_DAYS = (30, 90, 365)


def _login_rate() -> str:
    return config().login_rate


# --- the two doors ----------------------------------------------------------------------------------

@blueprint.route("/login", methods=["GET", "POST"])
@permit("public")
@limiter.limit(_login_rate, methods=["POST"])
def login() -> Any:
    return _login("public", home="/")


@blueprint.route("/staff/login", methods=["GET", "POST"])
@permit("public")
@limiter.limit(_login_rate, methods=["POST"])
def staff_login() -> Any:
    return _login("staff", home="/staff")


def _login(realm: str, home: str) -> Any:
    target = local_address(request.values.get("next"), home)
    name, error = request.form.get("login", ""), None
    if request.method == "POST":
        try:
            account = sessions.authenticate(
                realm, name, request.form.get("password", ""), ip=get_remote_address(), at=clock.now()
            )
            return _signed_in(account.id, target)
        except WebError as refusal:
            error = refusal
    page = render_template(
        "identity/login.html", realm=realm, next=target, login=name, errors={"login": str(error)} if error else {}
    )
    return page, error.status if error else 200


def _signed_in(account_id: str, target: str) -> Response:
    """A new session for this browser; what it had before ends."""
    before = request.cookies.get(sessions.COOKIE)

    def act() -> str:
        if before:
            sessions.close_session(before)
        return sessions.open_session(account_id, ip=get_remote_address(), at=clock.now())

    token = unit_of_work(act)
    session.clear()  # with it the CSRF token of the time before
    response = redirect(target)
    sessions.set_cookie(response, token)
    return response


@blueprint.post("/logout")
@permit("public")
def logout() -> Response:
    token = request.cookies.get(sessions.COOKIE)
    realm = current_principal().realm
    if token:
        unit_of_work(lambda: sessions.close_session(token))
    session.clear()
    response = redirect("/staff/login" if realm == "staff" else "/")
    sessions.drop_cookie(response)
    return response


@blueprint.route("/register", methods=["GET", "POST"])
@permit("public")
@limiter.limit(_login_rate, methods=["POST"])
def register() -> Any:
    fields = {name: request.form.get(name, "").strip() for name in ("login", "kind", "name", "number", "phone")}
    fields["kind"] = "organisation" if (fields["kind"] or request.args.get("kind")) == "organisation" else "person"
    target = local_address(request.values.get("next"))
    errors: dict[str, list] = {}
    if request.method == "POST":
        try:
            return _signed_in(_register(fields), target)
        except InvalidAccount as refusal:
            errors = refusal.errors
        except WebError as refusal:
            errors = {"login": [str(refusal)]}
    page = render_template("identity/register.html", fields=fields, next=target, errors=_sentences(errors))
    return page, 422 if errors else 200


def _register(fields: dict[str, str]) -> str:
    password = request.form.get("password", "")
    if password != request.form.get("password_again", ""):
        raise InvalidAccount({"password_again": [lazy_gettext("两次输入的密码不一致。")]})
    if not fields["phone"]:
        raise InvalidAccount({"phone": [lazy_gettext("请填写 11 位手机号码。")]})
    at = clock.now()
    account = unit_of_work(lambda: actions.register_applicant(**fields, password=password, locale=None, at=at))
    return account.id


def _sentences(errors: dict[str, list]) -> dict[str, list[str]]:
    return {name: [str(sentence) for sentence in found] for name, found in errors.items()}


# --- one's own account ------------------------------------------------------------------------------

@blueprint.get("/account")
@permit("signed_in")
def account() -> str:
    return _account_page({})


def _account_page(errors: dict[str, list], **context: Any) -> str:
    principal = current_principal()
    tokens = select(ApiToken).where(ApiToken.account == principal.account).order_by(ApiToken.id.desc())
    return render_template(
        "identity/account.html", account=db.session.get(Account, principal.account), role_names=ROLE_NAMES,
        tokens=db.session.scalars(tokens).all(), token_days=TOKEN_DAYS, now=clock.now(), errors=_sentences(errors),
        **context,
    )


@blueprint.post("/account/password")
@permit("signed_in")
@limiter.limit(_login_rate)
def change_password() -> Any:
    principal, new = _in_person(), request.form.get("password", "")
    mine = db.session.get_one(Account, principal.account)
    if not verify_password(mine.password_hash, request.form.get("current", "")):
        return _account_page({"current": [lazy_gettext("当前密码不正确。")]}), 422
    if new != request.form.get("password_again", ""):
        return _account_page({"password_again": [lazy_gettext("两次输入的密码不一致。")]}), 422
    try:
        unit_of_work(lambda: actions.change_password(
            db.session.get_one(Account, principal.account), new, by=principal.account, at=clock.now(),
            keep_session=principal.session,
        ))
    except InvalidAccount as refusal:
        return _account_page(refusal.errors), 422
    flash(gettext("密码已经更改，其他设备上的登录已经退出。"), "success")
    return redirect(url_for("identity.account"))


@blueprint.post("/account/tokens")
@permit("signed_in")
def create_token() -> Any:
    principal = _in_person()
    name, days = request.form.get("name", "").strip(), request.form.get("days", "")
    scopes = [scope for scope in sessions.TOKEN_SCOPES if scope in request.form.getlist("scopes")]
    errors = {}
    if not 1 <= len(name) <= 100:
        errors["name"] = [lazy_gettext("请写明令牌给哪个系统使用。")]
    if not scopes:
        errors["scopes"] = [lazy_gettext("请至少选择一种用途。")]
    if days not in map(str, TOKEN_DAYS):
        errors["days"] = [lazy_gettext("请选择有效期。")]
    if errors:
        return _account_page(errors), 422
    _, secret = unit_of_work(lambda: sessions.create_token(
        principal.account, name=name, scopes=scopes, days=int(days), at=clock.now()
    ))
    return _account_page({}, new_token=secret)


@blueprint.post("/account/tokens/<int:token_id>/revoke")
@permit("token.revoke")
def revoke_token(token_id: int) -> Response:
    _in_person()
    unit_of_work(lambda: sessions.revoke_token(
        require("token.revoke", db.session.get(ApiToken, token_id)), at=clock.now()
    ))
    flash(gettext("令牌已经作废。"), "success")
    return redirect(local_address(request.form.get("next"), url_for("identity.account")))


def _in_person() -> Any:
    """A machine's token may not change passwords or make further tokens."""
    principal = current_principal()
    if principal.scopes is not None:
        raise Forbidden
    return principal


# --- administration ---------------------------------------------------------------------------------

@blueprint.get("/admin/accounts")
@permit("account.manage")
def accounts() -> str:
    words, realm, role = (request.args.get(name, "").strip() for name in ("q", "realm", "role"))
    found = select(Account).order_by(Account.realm.desc(), Account.login)
    if words:
        found = found.where(or_(Account.login.contains(words, autoescape=True), Account.name.contains(words, autoescape=True)))
    if realm:
        found = found.where(Account.realm == realm)
    if role:
        found = found.where(Account.roles.any(RoleGrant.role == role))
    page = db.paginate(found, page=request.args.get("page", 1, type=int), per_page=PER_PAGE)
    return render_template(
        "identity/accounts.html", page=page, role_names=ROLE_NAMES, q=words, realm=realm, role=role, now=clock.now()
    )


@blueprint.route("/admin/accounts/new", methods=["GET", "POST"])
@permit("account.manage")
def new_account() -> Any:
    fields = {
        name: request.form.get(name, "").strip()
        for name in ("login", "name", "phone", "department_code", "division_code")
    }
    roles, errors = set(request.form.getlist("roles")), {}
    if request.method == "POST":
        try:
            created = unit_of_work(lambda: actions.create_staff(
                login=fields["login"], name=fields["name"], phone=fields["phone"] or None, roles=roles,
                department_code=fields["department_code"] or None, division_code=fields["division_code"] or None,
                password=request.form.get("password", ""), by=current_principal().account, at=clock.now(),
            ))
            return redirect(url_for("identity.manage_account", account_id=created.id))
        except InvalidAccount as refusal:
            errors = refusal.errors
        except WebError as refusal:
            errors = {"login": [str(refusal)]}
    page = render_template(
        "identity/new_account.html", fields=fields, roles=roles, errors=_sentences(errors), **_choices()
    )
    return page, 422 if errors else 200


@blueprint.get("/admin/accounts/<account_id>")
@permit("account.manage")
def manage_account(account_id: str) -> str:
    return _manage_page(account_id, {})


def _manage_page(account_id: str, errors: dict[str, list]) -> str:
    account = require("account.read", db.session.get(Account, account_id))
    tokens = select(ApiToken).where(ApiToken.account == account_id).order_by(ApiToken.id.desc())
    return render_template(
        "identity/manage_account.html", account=account, tokens=db.session.scalars(tokens).all(), now=clock.now(),
        errors=_sentences(errors), **_choices(),
    )


def _choices() -> dict[str, Any]:
    departments = db.session.execute(select(Department.code, Department.name).order_by(Department.code))
    return {
        "role_names": ROLE_NAMES, "staff_roles": STAFF_ROLES,
        "departments": [(department.code, f"{department.name} ({department.code})") for department in departments],
    }


@blueprint.post("/admin/accounts/<account_id>/<act>")
@permit("account.manage")
def change_account(account_id: str, act: str) -> Any:
    """One change to an account; `act`: disable, enable, password, roles, groups, window-items, place."""
    change = CHANGES.get(act)
    if change is None:
        require("account.read", None)
    by, at = current_principal().account, clock.now()
    try:
        unit_of_work(lambda: change(require("account.read", db.session.get(Account, account_id)), by=by, at=at))
    except InvalidAccount as refusal:
        return _manage_page(account_id, refusal.errors), 422
    flash(gettext("已经保存。"), "success")
    return redirect(url_for("identity.manage_account", account_id=account_id))


def _words(field: str) -> set[str]:
    return set(request.form.get(field, "").replace(",", " ").replace("，", " ").split())


CHANGES = {
    "disable": lambda account, **who: actions.set_disabled(account, True, **who),
    "enable": lambda account, **who: actions.set_disabled(account, False, **who),
    "password": lambda account, **who: actions.change_password(account, request.form.get("password", ""), **who),
    "roles": lambda account, **who: actions.set_roles(account, set(request.form.getlist("roles")), **who),
    "groups": lambda account, **who: actions.set_groups(account, _words("groups"), **who),
    "window-items": lambda account, **who: actions.set_window_items(account, _words("items"), **who),
    "place": lambda account, **who: actions.set_place(
        account, request.form.get("department_code") or None, request.form.get("division_code") or None, **who
    ),
}

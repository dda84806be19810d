"""Two user systems, sessions that end, tokens for machines, and the administration of accounts."""
import re

import pytest
from sqlalchemy import select

from engine.api import AuditEntry
from engine.db import db, unit_of_work
from tests.builders import DIVISION, PASSWORD, build_account, build_staff, build_token, principal
from tests.databases import make_app
from webapp.identity import actions, passwords
from webapp.identity.models import Account, ApiToken, LoginSession
from webapp.identity.sessions import sweep_sessions

PERSON = {
    "kind": "person", "login": "lisi", "name": "李四", "number": "130202199001010010", "phone": "13912345678",
    "password": PASSWORD, "password_again": PASSWORD,
}
ORGANISATION = PERSON | {"kind": "organisation", "login": "gongsi", "name": "某建设公司", "number": "91130202MAAY4CL12T"}


def sign_in(client, login, password=PASSWORD, door="/login", **more):
    return client.post(door, data={"login": login, "password": password} | more)


# --- the two doors ----------------------------------------------------------------------------------

@pytest.mark.req("AUTH-1")
def test_a_public_account_is_refused_at_the_staff_door(client, clock):
    build_account("zhang")
    answer = sign_in(client, "zhang", door="/staff/login")
    assert answer.status_code == 403
    assert client.get_cookie("sid") is None


@pytest.mark.req("AUTH-1")
def test_a_staff_account_is_unknown_at_the_public_door(client, clock):
    build_staff("li", "officer")
    assert sign_in(client, "li").status_code == 400
    assert sign_in(client, "li", door="/staff/login").status_code == 302


@pytest.mark.req("AUTH-1")
def test_the_same_login_may_exist_in_both_systems(client, clock):
    build_account("li", name="public li")
    build_staff("li", "officer")
    assert sign_in(client, "li").status_code == 302
    assert "public:li" in client.get("/account").text


@pytest.mark.req("AUTH-1")
def test_a_signed_in_applicant_does_not_enter_the_staff_side(client, clock, login):
    build_account("zhang")
    assert login(client, "public:zhang").get("/admin/accounts").status_code == 403
    assert client.get("/staff").status_code == 403


def test_a_stranger_is_led_to_the_right_door_and_back(client, clock):
    assert client.get("/account").location == "/login?next=%2Faccount"
    assert client.get("/admin/accounts?q=x").location == "/staff/login?next=%2Fadmin%2Faccounts%3Fq%3Dx"
    build_account("zhang")
    assert sign_in(client, "zhang", next="/account").location == "/account"


def test_next_never_leads_away(client, clock):
    build_account("zhang")
    for outside in ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"):
        assert sign_in(client, "zhang", next=outside).location == "/"


def test_the_cookie_is_hidden_from_scripts_and_other_sites(client, clock):
    build_account("zhang")
    [cookie] = [each for each in sign_in(client, "zhang").headers.getlist("Set-Cookie") if each.startswith("sid=")]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Secure" not in cookie


def test_over_https_the_cookie_is_secure(database_url, tmp_path):
    app = make_app(database_url, tmp_path, public_url="https://spj.example")
    with app.app_context():
        build_account("zhang")
        cookies = sign_in(app.test_client(), "zhang").headers.getlist("Set-Cookie")
        db.engine.dispose()
    assert cookies and all("Secure" in cookie for cookie in cookies)


# --- registration -----------------------------------------------------------------------------------

@pytest.mark.parametrize("form", [PERSON, ORGANISATION], ids=["person", "organisation"])
def test_persons_and_organisations_register_themselves(client, clock, form):
    answer = client.post("/register", data=form)
    assert answer.status_code == 302 and client.get("/account").status_code == 200
    account = db.session.get_one(Account, f"public:{form['login']}")
    assert account.kind == form["kind"] and account.role_names == {"applicant"}
    assert form["number"] in (account.id_number, account.organisation_code)


@pytest.mark.parametrize(("field", "value"), [
    ("number", "130202199001010011"), ("phone", "12345"), ("login", "李四"), ("name", ""), ("password", "1234567890"),
    ("password_again", "other"),
])
def test_a_wrong_field_is_named_and_nothing_is_made(client, clock, field, value):
    again = {"password_again": value} if field == "password" else {}
    answer = client.post("/register", data=PERSON | {field: value} | again)
    assert answer.status_code == 422 and f'href="#f-{field}"' in answer.text
    assert db.session.scalars(select(Account)).all() == []


def test_a_login_is_given_once(client, clock):
    client.post("/register", data=PERSON)
    answer = client.post("/register", data=PERSON)
    assert answer.status_code == 422 and "#f-login" in answer.text


def test_registering_never_gives_a_staff_role(client, clock):
    client.post("/register", data=PERSON | {"roles": "administrator", "realm": "staff", "department_code": "zrzy"})
    account = db.session.scalars(select(Account)).one()
    assert (account.id, account.role_names, account.department_code) == ("public:lisi", {"applicant"}, None)


# --- passwords --------------------------------------------------------------------------------------

@pytest.mark.parametrize(("password", "realm"), [
    ("short", "public"), ("1234567890", "public"), ("aaaaaaaaaaaa", "public"), ("my-zhang-secret", "public"),
    ("nocapitals7", "staff"), ("x" * 200, "public"),
])
def test_weak_passwords_are_refused(app, password, realm):
    assert passwords.weakness(password, login="zhang", realm=realm)


def test_good_passwords_are_kept_only_as_argon2(app):
    assert passwords.weakness(PASSWORD, login="zhang", realm="staff") is None
    kept = passwords.hash_password(PASSWORD)
    assert kept.startswith("$argon2id$") and PASSWORD not in kept
    assert passwords.verify_password(kept, PASSWORD) and not passwords.verify_password(kept, "other")
    assert not passwords.verify_password(None, PASSWORD)


def test_five_failures_lock_for_half_an_hour(client, clock):
    build_account("zhang")
    for _ in range(5):
        assert sign_in(client, "zhang", "wrong").status_code == 400
    locked = sign_in(client, "zhang")
    assert locked.status_code == 400
    clock.advance(minutes=29)
    assert sign_in(client, "zhang").status_code == 400
    clock.advance(minutes=2)
    assert sign_in(client, "zhang").status_code == 302


def test_failures_far_apart_do_not_lock(client, clock):
    build_account("zhang")
    for _ in range(8):
        sign_in(client, "zhang", "wrong")
        clock.advance(minutes=16)
    assert sign_in(client, "zhang").status_code == 302


def test_guessing_at_the_other_door_counts_too(client, clock):
    build_account("zhang")
    for _ in range(5):
        sign_in(client, "zhang", "wrong", door="/staff/login")
    assert sign_in(client, "zhang").status_code == 400


def test_a_refusal_does_not_tell_whether_the_account_exists(client, clock):
    build_account("zhang")
    known, unknown = sign_in(client, "zhang", "wrong"), sign_in(client, "nobody", "wrong")
    sentence = re.compile(r'class="bl-error"[^>]*>.*?</p>', re.S)
    assert sentence.findall(known.text) == sentence.findall(unknown.text) != []


def test_one_address_may_not_try_for_ever(database_url, tmp_path):
    app = make_app(database_url, tmp_path, login_rate="3 per minute")
    client = app.test_client()
    answers = [sign_in(client, f"user{number}", "wrong").status_code for number in range(5)]
    with app.app_context():
        db.engine.dispose()
    assert answers == [400, 400, 400, 429, 429]


# --- sessions ---------------------------------------------------------------------------------------

def test_the_database_knows_only_the_hash_of_a_session(client, clock):
    build_account("zhang")
    sign_in(client, "zhang")
    [session] = db.session.scalars(select(LoginSession)).all()
    assert client.get_cookie("sid").value.encode() != session.token_hash and len(session.token_hash) == 32


def test_a_session_ends_after_half_an_hour_without_a_request(client, clock, login):
    build_account("zhang")
    login(client, "public:zhang")
    clock.advance(minutes=29)
    assert client.get("/account").status_code == 200
    clock.advance(minutes=29)
    assert client.get("/account").status_code == 200
    clock.advance(minutes=31)
    assert client.get("/account").status_code == 302


def test_a_session_ends_after_eight_hours_in_any_case(client, clock, login):
    build_account("zhang")
    login(client, "public:zhang")
    for _ in range(23):
        clock.advance(minutes=20)
        assert client.get("/account").status_code == 200
    clock.advance(minutes=21)
    assert client.get("/account").status_code == 302


def test_signing_in_makes_a_new_session_and_signing_out_ends_it(client, clock):
    build_account("zhang")
    sign_in(client, "zhang")
    first = client.get_cookie("sid").value
    sign_in(client, "zhang")
    second = client.get_cookie("sid").value
    assert first != second and len(db.session.scalars(select(LoginSession)).all()) == 1
    client.post("/logout")
    client.set_cookie("sid", second)
    assert client.get("/account").status_code == 302


def test_a_made_up_session_is_nobody(client, clock):
    client.set_cookie("sid", "x" * 43)
    assert client.get("/account").status_code == 302


def test_a_new_password_ends_the_other_sessions(app, client, clock, login):
    build_account("zhang")
    other = login(app.test_client(), "public:zhang")
    login(client, "public:zhang")
    form = {"current": PASSWORD, "password": "Another-horse-8", "password_again": "Another-horse-8"}
    assert client.post("/account/password", data=form).status_code == 302
    assert client.get("/account").status_code == 200 and other.get("/account").status_code == 302
    assert client.post("/account/password", data=form | {"current": "wrong"}).status_code == 422


def test_disabling_an_account_takes_effect_at_once(client, clock, login):
    build_account("zhang")
    build_staff("guanli", "administrator")
    login(client, "public:zhang")
    unit_of_work(lambda: actions.set_disabled(db.session.get_one(Account, "public:zhang"), True, by="staff:guanli", at=clock.now()))
    assert client.get("/account").status_code == 302


def test_sweeping_forgets_only_what_is_over(app, clock, login):
    build_account("zhang")
    login(app.test_client(), "public:zhang")
    clock.advance(minutes=20)
    login(app.test_client(), "public:zhang")
    clock.advance(minutes=15)
    assert unit_of_work(lambda: sweep_sessions(clock.now())) == 1
    assert len(db.session.scalars(select(LoginSession)).all()) == 1


# --- tokens -----------------------------------------------------------------------------------------

def bearer(secret):
    return {"Authorization": f"Bearer {secret}"}


def test_a_token_stands_for_its_account_within_its_scopes(client, clock):
    build_account("zhang")
    reads = build_token("public:zhang", "read", at=clock.now())
    assert client.get("/account", headers=bearer(reads)).status_code == 200
    assert client.post("/account/tokens", headers=bearer(reads)).status_code == 403
    assert client.get("/account", headers=bearer("bl_made-up")).status_code == 302


def test_a_token_may_not_make_tokens_or_change_the_password(client, clock):
    build_account("zhang")
    secret = build_token("public:zhang", "read", "write", at=clock.now())
    assert client.post("/account/tokens", headers=bearer(secret), data={"name": "x", "scopes": "read", "days": "30"}).status_code == 403
    assert client.post("/account/password", headers=bearer(secret)).status_code == 403


def test_a_bad_token_is_nobody_whatever_cookie_comes_with_it(client, clock, login):
    build_account("zhang")
    login(client, "public:zhang")
    assert client.get("/account", headers=bearer("bl_made-up")).status_code == 302


def test_tokens_expire_and_are_revoked(client, clock, login):
    build_account("zhang")
    secret = build_token("public:zhang", "read", at=clock.now(), days=30)
    clock.advance(days=31)
    assert client.get("/account", headers=bearer(secret)).status_code == 302
    secret = build_token("public:zhang", "read", at=clock.now())
    token = db.session.scalars(select(ApiToken).order_by(ApiToken.id.desc())).first()
    login(client, "public:zhang").post(f"/account/tokens/{token.id}/revoke")
    client.delete_cookie("sid")
    assert client.get("/account", headers=bearer(secret)).status_code == 302


def test_a_token_is_shown_once(client, clock, login):
    build_account("zhang")
    login(client, "public:zhang")
    made = client.post("/account/tokens", data={"name": "规划系统", "scopes": ["read", "write"], "days": "90"})
    [secret] = re.findall(r"bl_[\w-]{43}", made.text)
    assert secret not in client.get("/account").text
    client.delete_cookie("sid")
    assert client.get("/account", headers=bearer(secret)).status_code == 200


def test_nobody_revokes_the_token_of_another(client, clock, login):
    build_account("zhang")
    build_account("wang")
    build_token("public:zhang", "read", at=clock.now())
    token = db.session.scalars(select(ApiToken)).one()
    login(client, "public:wang")
    assert client.post(f"/account/tokens/{token.id}/revoke").status_code == 404
    db.session.refresh(token)
    assert token.revoked_at is None


# --- administration ---------------------------------------------------------------------------------

@pytest.fixture
def administrator(client, clock, login):
    build_staff("guanli", "administrator")
    return login(client, "staff:guanli")


def test_an_administrator_makes_an_officer_who_can_sign_in(app, administrator):
    form = {"login": "wu", "name": "吴", "roles": ["officer"], "department_code": "", "division_code": DIVISION, "password": PASSWORD}
    answer = administrator.post("/admin/accounts/new", data=form)
    assert answer.location == "/admin/accounts/staff:wu"
    assert administrator.get(answer.location).status_code == 200
    assert sign_in(app.test_client(), "wu", door="/staff/login").status_code == 302
    assert administrator.post("/admin/accounts/new", data=form).status_code == 422


def test_the_list_is_searched_and_paged(administrator):
    for number in range(25):
        build_account(f"user{number:02}", name=f"用户{number}")
    assert "public:user24" not in administrator.get("/admin/accounts").text
    assert "public:user24" in administrator.get("/admin/accounts?page=2").text
    found = administrator.get("/admin/accounts?q=user07").text
    assert "public:user07" in found and "public:user08" not in found
    assert "public:user" not in administrator.get("/admin/accounts?q=%25").text
    assert "public:user" not in administrator.get("/admin/accounts?role=administrator").text


def test_an_administrator_changes_roles_groups_items_place_and_password(app, administrator):
    build_staff("wu", "officer", department="zrzy")
    change = lambda act, **form: administrator.post(f"/admin/accounts/staff:wu/{act}", data=form)
    assert change("roles", roles=["officer", "window_clerk"]).status_code == 302
    assert change("groups", groups="joint-review, 专家组").status_code == 302
    assert change("window-items", items="X01 X02").status_code == 302
    assert change("place", department_code="zjj", division_code="130200").status_code == 302
    assert change("place", division_code="13").status_code == 422
    assert change("password", password="weak").status_code == 422
    assert change("password", password="Another-horse-8").status_code == 302
    wu = principal("staff:wu")
    assert wu.groups == {
        "user:staff:wu", "officer", "window_clerk", "dept:zjj", "officer@zjj", "window_clerk@zjj", "joint-review", "专家组",
    }
    assert sign_in(app.test_client(), "wu", "Another-horse-8", door="/staff/login").status_code == 302


def test_every_change_is_recorded_with_its_author(administrator):
    build_staff("wu", "officer")
    administrator.post("/admin/accounts/staff:wu/disable")
    entries = db.session.scalars(select(AuditEntry).where(AuditEntry.chain == "account:staff:wu")).all()
    assert [(entry.action, entry.by) for entry in entries] == [("account_disabled", "staff:guanli")]


def test_the_last_administrator_cannot_be_shut_out(administrator):
    assert administrator.post("/admin/accounts/staff:guanli/disable").status_code == 409
    assert administrator.post("/admin/accounts/staff:guanli/roles", data={"roles": ["monitor"]}).status_code == 409
    assert administrator.get("/admin/accounts").status_code == 200


@pytest.mark.parametrize("act", ["disable", "enable", "password", "roles", "groups", "window-items", "place"])
def test_only_an_administrator_changes_accounts(client, clock, login, act):
    build_staff("wu", "officer", "monitor")
    build_staff("zhou", "officer")
    login(client, "staff:wu")
    assert client.post(f"/admin/accounts/staff:zhou/{act}", data={"roles": ["administrator"]}).status_code == 403


def test_an_unknown_account_or_act_is_missing(administrator):
    assert administrator.get("/admin/accounts/staff:nobody").status_code == 404
    assert administrator.post("/admin/accounts/staff:nobody/disable").status_code == 404
    assert administrator.post("/admin/accounts/staff:guanli/explode").status_code == 404


def test_pages_speak_english_too(administrator):
    administrator.get("/language/en?next=/account")
    assert 'lang="en"' in administrator.get("/account").text
    assert administrator.get("/language/fr").status_code == 404

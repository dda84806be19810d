"""What every answer carries and every change must show (reliability 3.4)."""
import pytest

from engine.db import db
from tests.builders import build_account
from tests.databases import make_app
from webapp.security import local_address


def test_a_stranger_finds_the_door_and_the_health(client):
    assert client.get("/healthz").json == {"status": "ok"}
    assert client.get("/login").status_code == 200


def test_every_answer_carries_the_security_headers(client):
    headers = client.get("/login").headers
    assert "script-src 'self';" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"
    assert "Content-Security-Policy" in client.get("/no-such-page").headers


@pytest.fixture
def strict(database_url, tmp_path):
    """An application that asks for the CSRF token, as an installation does."""
    app = make_app(database_url, tmp_path, WTF_CSRF_ENABLED=True, ANSWER_FAULTS=True)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def token_of(page):
    return page.text.partition('name="csrf-token" content="')[2].partition('"')[0]


def test_a_form_without_its_token_changes_nothing(strict):
    build_account("zhang")
    client = strict.test_client()
    form = {"login": "zhang", "password": "Correct-horse-7"}
    assert client.post("/login", data=form).status_code == 400
    token = token_of(client.get("/login"))
    assert client.post("/login", data=form | {"csrf_token": token}).status_code == 302


def test_a_script_may_send_the_token_as_a_header(strict):
    client = strict.test_client()
    token = token_of(client.get("/login"))
    answer = client.post("/logout", headers={"X-CSRFToken": token})
    assert answer.status_code == 302
    assert client.post("/logout", headers={"X-CSRFToken": "other"}).status_code == 400


def test_a_bearer_token_needs_no_csrf_token(strict):
    client = strict.test_client()
    answer = client.post("/account/tokens", headers={"Authorization": "Bearer bl_made-up", "Accept": "application/json"})
    assert answer.status_code == 401 and answer.json["code"] == "unauthorized"


def test_signing_in_makes_the_old_token_useless(strict):
    build_account("zhang")
    client = strict.test_client()
    before = token_of(client.get("/login"))
    client.post("/login", data={"login": "zhang", "password": "Correct-horse-7", "csrf_token": before})
    assert client.post("/logout", data={"csrf_token": before}).status_code == 400


# --- errors -----------------------------------------------------------------------------------------

def test_machines_get_a_problem_document_with_a_number(client):
    answer = client.post("/healthz", headers={"Accept": "application/json"})
    assert answer.content_type == "application/problem+json" and answer.status_code == 405
    assert answer.json["status"] == 405 and answer.json["number"] and "GET" in answer.headers["Allow"]


def test_people_get_a_page(client):
    answer = client.get("/no-such-page", headers={"Accept": "text/html"})
    assert answer.status_code == 404 and "<h1>" in answer.text


def test_scripts_on_a_page_get_a_problem_document(client):
    answer = client.get("/no-such-page", headers={"Accept": "*/*", "Sec-Fetch-Dest": "empty"})
    assert answer.content_type == "application/problem+json"


def test_a_fault_of_ours_says_nothing_but_a_number(strict, monkeypatch):
    def broken():
        raise RuntimeError("password=hunter2")

    broken._policy = "public"
    strict.view_functions["site.healthz"] = broken
    answer = strict.test_client().get("/healthz", headers={"Accept": "application/json"})
    assert answer.status_code == 500 and answer.json["number"] and "hunter2" not in answer.text


@pytest.mark.parametrize(("address", "leads_to"), [
    ("/projects?x=1", "/projects?x=1"), ("https://evil.example", "/"), ("//evil.example", "/"), ("/\\evil", "/"),
    ("/a\nb", "/"), ("", "/"), (None, "/"),
])
def test_next_stays_on_this_site(address, leads_to):
    assert local_address(address) == leads_to


@pytest.mark.parametrize("address", ["/account?next=%00", "/language/en?next=/%00account", "/login?%00=%00"])
def test_characters_that_no_database_keeps_are_dropped(client, clock, login, address):
    build_account("zhang")
    assert login(client, "public:zhang").get(address).status_code in (200, 302)


@pytest.mark.parametrize("address", ["/admin/accounts/%00", f"/live/case:{10**30}", "/admin/accounts?q=%00&page=1"])
def test_values_that_no_row_can_hold_are_no_fault_of_ours(client, clock, login, address):
    build_account("guanli", realm="staff", roles=("administrator",))
    assert login(client, "staff:guanli").get(address).status_code < 500


def test_without_a_database_an_error_is_still_told(strict, monkeypatch):
    monkeypatch.setattr("webapp.site.routes.db.session.execute", lambda *_: 1 / 0)
    monkeypatch.setattr("webapp.navigation.current_principal", lambda: 1 / 0)
    answer = strict.test_client().get("/healthz", headers={"Accept": "text/html"})
    assert answer.status_code == 500 and "<h1>" in answer.text

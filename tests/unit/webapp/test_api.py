"""The REST API's own promises: its document, its errors, pages, tokens, and requests that are sent twice."""
from __future__ import annotations

import io
import json
import re
import warnings

import pytest
from flask import Flask, g

from bpmn.catalogue import shipped_definitions
from engine.db import db, unit_of_work
from parallel.projects.models import Project
from tests.api_world import Machine, operations
from tests.builders import build_account, build_clerk, build_staff, build_token, fill_catalogue, principal
from tests.databases import make_app
from webapp.api.idempotency import _hash
from webapp.api.models import KeptAnswer
from webapp.api.values import Who, flat
from webapp.identity.sessions import revoke_token
from webapp.identity.models import ApiToken

pytestmark = pytest.mark.template("catalogue", fill_catalogue)
PROJECT = {
    "name": "第一中学新校区", "organisation": "市教育局", "organisation_code": "91130202MAAY4CL12T", "division_code": "130200",
}
KEY = {"Idempotency-Key": "request-1"}


@pytest.fixture
def zhang(app, clock):
    build_account("zhang", id_number="130200199001011234", phone="13900000000")
    return Machine(app, "public:zhang", at=clock.now())


@pytest.fixture
def nobody(app):
    return Machine(app, None)


def problem(answer, status, code):
    assert answer.status_code == status, answer.get_data(as_text=True)
    assert answer.content_type == "application/problem+json"
    assert answer.json["status"] == status and answer.json["code"] == code and answer.json["detail"]
    return answer.json


# --- the document -----------------------------------------------------------------------------------------------

def test_the_document_says_of_every_operation_what_a_reader_needs(client):
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # two schemas under one name
        document = client.get("/api/openapi.json").json
    assert document["openapi"] == "3.1.0"
    assert re.search("[一-鿿]", document["info"]["title"]) and "Binglian" in document["info"]["title"]
    tags = {tag["name"] for tag in document["tags"]}
    names = []
    for method, path, operation in operations(document):
        names.append(operation["operationId"])
        assert re.search("[一-鿿]", operation["summary"]), path
        assert re.fullmatch("[ -~—’“”]+", operation["description"]), path
        assert set(operation["tags"]) <= tags and operation["tags"]
        assert operation["x-policy"]["rule"] and operation["x-policy"]["scope"] == ("read" if method == "GET" else "write")
        assert "403" in operation["responses"] and ("401" in operation["responses"]) != ({} in operation["security"])
        if "{" in path:
            assert "404" in operation["responses"]
        for status, answer in operation["responses"].items():
            if status >= "400":
                assert "$ref" in answer
    assert len(names) == len(set(names))
    for answer in document["components"]["responses"].values():
        if "content" in answer:
            assert list(answer["content"]) == ["application/problem+json"]


def test_the_document_is_sent_once(client):
    first = client.get("/api/openapi.json")
    again = client.get("/api/openapi.json", headers={"If-None-Match": first.headers["ETag"]})
    assert (first.status_code, again.status_code, again.data) == (200, 304, b"")


def test_the_swagger_page_runs_no_inline_script(client):
    page = client.get("/api/docs")
    text = page.get_data(as_text=True)
    assert page.status_code == 200 and 'data-spec-url="/api/openapi.json"' in text
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    scripts = re.findall(r"<script([^>]*)>(.*?)</script>", text, re.DOTALL)
    assert all("src=" in attributes and not body.strip() for attributes, body in scripts)
    assert not re.search(r"\son\w+=", text)
    assert "//unpkg" not in text and "cdn" not in text


# --- errors -------------------------------------------------------------------------------------------------------

def test_errors_are_problems(nobody, zhang):
    problem(nobody("GET", "/projects"), 401, "unauthorized")
    problem(zhang("GET", "/accounts"), 403, "forbidden")
    problem(zhang("GET", "/projects/7"), 404, "not_found")
    problem(nobody("GET", "/no-such-thing"), 404, "not_found")
    problem(nobody("POST", "/plans", data=b"{", content_type="application/json"), 400, "bad_request")
    problem(nobody("POST", "/plans", data="attributes=1", content_type="text/plain"), 415, "unsupported_media_type")
    assert nobody("GET", "/projects").headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("text", [b"NaN", b'{"attributes": {"land_ha": NaN}}', b'"\\ud800"', b"[" * 5000, b"\xff", b'{"a": "\\u0000"}'])
def test_what_is_not_json_is_refused(nobody, text):
    problem(nobody("POST", "/plans", data=text, content_type="application/json"), 400, "bad_request")


def test_a_wrong_method_is_told_the_right_ones(nobody):
    answer = nobody("DELETE", "/items")
    problem(answer, 405, "method_not_allowed")
    assert {"GET", "POST"} <= set(answer.headers["Allow"].split(", "))


def test_every_field_at_fault_is_named(zhang, nobody):
    wrong = {**PROJECT, "name": 7, "unknown": 1, "attributes": {"land_ha": "6", "farmland": 1, "invest_type": "x"}}
    told = problem(zhang("POST", "/projects", wrong), 422, "invalid")
    assert set(told["errors"]) == {"name", "unknown", "attributes.land_ha", "attributes.farmland", "attributes.invest_type"}
    told = problem(zhang("POST", "/projects", {}), 422, "invalid")
    assert told["errors"]["name"] == ["须填写。"]
    problem(nobody("POST", "/plans", []), 422, "invalid")
    assert problem(nobody("GET", "/items?page=0&pages=1"), 422, "invalid")["errors"].keys() == {"page", "pages"}


def test_what_the_law_finds_wrong_is_named_field_by_field(zhang):
    wrong = {**PROJECT, "division_code": "999999", "attributes": {"invest_type": "social"}}
    told = problem(zhang("POST", "/projects", wrong), 422, "project_invalid")["errors"]
    assert told["division_code"] == ["没有代码为“999999”的行政区划。"] and len(told["approve_mode"]) == 1


def test_nul_and_huge_ids_are_nobodys(zhang):
    assert zhang("GET", "/items/%00").status_code == 404
    assert zhang("GET", "/items?q=%00").status_code == 200  # left out
    assert zhang("GET", f"/projects/{2**31}").status_code == 404
    assert zhang("GET", f"/projects/{10**30}").status_code == 404
    assert zhang("GET", "/projects?page=100001").status_code == 422


def test_faults_say_nothing_of_their_cause(database_url, tmp_path, monkeypatch):
    app = make_app(database_url, tmp_path / "other", ANSWER_FAULTS=True)
    monkeypatch.setattr("webapp.api.resources.items.item_types", lambda: 1 / 0)
    told = problem(app.test_client().get("/api/v1/item-types"), 500, "internal_error")
    assert told["number"] and "division" not in json.dumps(told)


def test_messages_by_dotted_path():
    nested = {"items": {0: {"reason": ["须填写。"]}}, "_schema": ["应为对象。"]}
    assert flat(nested) == {"items.0.reason": ["须填写。"], "body": ["应为对象。"]}


# --- pages --------------------------------------------------------------------------------------------------------

def test_lists_are_paged_in_one_way(nobody):
    first = nobody("GET", "/items?per_page=7").json
    assert (len(first["data"]), first["page"], first["per_page"]) == (7, 1, 7)
    assert first["pages"] == -(-first["total"] // 7)
    last = nobody("GET", f"/items?per_page=7&page={first['pages']}").json
    assert len(last["data"]) == first["total"] - 7 * (first["pages"] - 1)
    assert nobody("GET", "/items?per_page=7&page=99").json["data"] == []
    assert nobody("GET", "/items?per_page=101").status_code == 422


def test_items_are_found_by_four_conditions_together(nobody):
    kind = nobody("GET", "/items/X01").json["kind"]["name"]
    found = nobody("GET", f"/items?q=xmjys&division=130000&department=fgw&item_type={kind}&status=published").json
    assert "X01" in [each["code"] for each in found["data"]] and found["total"] < nobody("GET", "/items").json["total"]
    assert all(each["department"]["code"] == "fgw" and each["item_type"] == kind for each in found["data"])
    assert nobody("GET", "/items?q=没有这样的事项").json["total"] == 0


def test_an_answer_that_one_has_is_not_sent_again(nobody):
    first = nobody("GET", "/items/X01")
    again = nobody("GET", "/items/X01", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_drafts_of_items_are_the_managers(app, nobody, clock):
    build_staff("manager", "item_manager")
    manager = Machine(app, "staff:manager", at=clock.now())
    body = {
        "code": "Z01", "name": "示例事项", "item_type": "行政许可", "department_code": "fgw", "division_code": "130200",
        "legal_days": 20, "promised_days": 5, "materials": [{"name": "申请书", "source": "applicant", "required": True}],
    }
    assert manager("POST", "/items", body).status_code == 201
    assert nobody("GET", "/items/Z01").data == nobody("GET", "/items/Z99").data
    assert nobody("GET", "/items?status=draft").json["total"] == 0 < manager("GET", "/items?status=draft").json["total"]
    problem(manager("PATCH", "/items/Z01", {"promised_days": 30}), 422, "item_invalid")
    assert manager("PATCH", "/items/Z01", {"promised_days": 3}).json["version"] == 2
    assert manager("POST", "/items/Z01/publish").json["status"] == "published"
    assert nobody("GET", "/items/Z01").json["item"]["promised_days"] == 3
    assert [each["version"] for each in manager("GET", "/items/Z01/versions").json["data"]] == [2, 1]
    problem(manager("POST", "/items/Z01/publish"), 409, "item_status_wrong")
    problem(manager("PUT", "/items/Z01/process", {"process_key": "nothing"}), 422, "process_not_deployed")


# --- tokens ---------------------------------------------------------------------------------------------------------

def test_a_token_does_what_its_scopes_say(app, zhang, clock):
    reads = Machine(app, "public:zhang", "read", at=clock.now())
    writes = Machine(app, "public:zhang", "write", at=clock.now())
    assert reads("GET", "/me").json["scopes"] == ["read"]
    problem(reads("POST", "/projects", PROJECT), 403, "forbidden")
    problem(writes("GET", "/me"), 403, "forbidden")
    assert writes("POST", "/projects", PROJECT).status_code == 201


def test_a_token_ends(app, zhang, clock):
    assert zhang("GET", "/me").status_code == 200
    unit_of_work(lambda: revoke_token(db.session.query(ApiToken).one(), at=clock.now()))
    problem(zhang("GET", "/me"), 401, "unauthorized")
    old = Machine(app, "public:zhang", at=clock.now())
    clock.advance(days=31)
    problem(old("GET", "/me"), 401, "unauthorized")


def test_a_token_makes_no_tokens_and_changes_no_passwords(app, zhang, login):
    body = {"name": "接口", "scopes": ["read", "write"], "days": 30}
    problem(zhang("POST", "/tokens", body), 403, "forbidden")
    problem(zhang("PUT", "/me/password", {"current": "Correct-horse-7", "password": "Correct-horse-8"}), 403, "forbidden")
    browser = login(app.test_client(), "public:zhang")
    made = browser.post("/api/v1/tokens", json=body).json
    assert app.test_client().get("/api/v1/me", headers={"Authorization": f"Bearer {made['secret']}"}).status_code == 200
    assert all("secret" not in each for each in browser.get("/api/v1/tokens").json["data"])
    assert browser.delete(f"/api/v1/tokens/{made['id']}").status_code == 204
    assert app.test_client().get("/api/v1/me", headers={"Authorization": f"Bearer {made['secret']}"}).status_code == 401


def test_a_browser_shows_that_it_is_no_other_sites_tool(database_url, tmp_path, clock):
    app: Flask = make_app(database_url, tmp_path / "other", WTF_CSRF_ENABLED=True)
    with app.app_context():
        build_account("zhang")
        token = build_token("public:zhang", "write", at=clock.now())
    client = app.test_client()
    problem(client.post("/api/v1/plans", json={}), 400, "csrf")
    assert client.post("/api/v1/plans", json={}, headers={"Authorization": f"Bearer {token}"}).status_code == 200


# --- requests that are sent twice --------------------------------------------------------------------------------------

def count_projects():
    db.session.rollback()
    return db.session.query(Project).count()


def test_a_request_sent_again_acts_once(zhang):
    first = zhang("POST", "/projects", PROJECT, headers=KEY)
    again = zhang("POST", "/projects", PROJECT, headers=KEY)
    assert first.status_code == again.status_code == 201 and first.json == again.json
    assert again.headers["Idempotent-Replayed"] == "true" and "Idempotent-Replayed" not in first.headers
    assert count_projects() == 1
    assert zhang("POST", "/projects", PROJECT).json["id"] != first.json["id"]


def test_a_key_is_for_one_request(zhang):
    zhang("POST", "/projects", PROJECT, headers=KEY)
    problem(zhang("POST", "/projects", {**PROJECT, "name": "另一项目"}, headers=KEY), 409, "idempotency_key_reused")
    problem(zhang("POST", "/applications", {}, headers=KEY), 409, "idempotency_key_reused")
    problem(zhang("POST", "/projects", PROJECT, headers={"Idempotency-Key": "é"}), 422, "idempotency_key_invalid")
    problem(zhang("POST", "/projects", PROJECT, headers={"Idempotency-Key": "x" * 256}), 422, "idempotency_key_invalid")
    assert count_projects() == 1


def test_a_refused_request_may_be_mended_under_its_key(zhang):
    problem(zhang("POST", "/projects", {**PROJECT, "division_code": "999999"}, headers=KEY), 422, "project_invalid")
    assert db.session.query(KeptAnswer).count() == 0
    assert zhang("POST", "/projects", PROJECT, headers=KEY).status_code == 201


def test_keys_are_each_accounts_own_and_last_a_day(app, zhang, clock):
    build_account("li")
    zhang("POST", "/projects", PROJECT, headers=KEY)
    assert Machine(app, "public:li", at=clock.now())("POST", "/projects", PROJECT, headers=KEY).status_code == 201
    assert count_projects() == 2
    clock.advance(hours=25)
    assert "Idempotent-Replayed" not in zhang("POST", "/projects", PROJECT, headers=KEY).headers
    assert count_projects() == 3 and db.session.query(KeptAnswer).count() == 1


def test_a_kept_answer_is_not_shown_to_who_lost_the_right(app, zhang, clock):
    zhang("POST", "/projects", PROJECT, headers=KEY)
    reads = Machine(app, "public:zhang", "read", at=clock.now())
    problem(reads("POST", "/projects", PROJECT, headers=KEY), 403, "forbidden")


def test_an_upload_is_the_same_whatever_boundary_it_has(app, zhang):
    draft = zhang("POST", "/applications", {"items": ["X00"]}).json["application"]["id"]
    key, path = {"Idempotency-Key": "upload"}, f"/applications/{draft}/materials"

    def upload(content):
        data = {"key": "没有这份材料", "file": (io.BytesIO(content), "a.pdf")}
        return zhang("POST", path, data=data, content_type="multipart/form-data", headers=key)

    problem(upload(b"MZ not a pdf"), 422, "upload_refused")
    assert db.session.query(KeptAnswer).count() == 0
    with app.test_request_context(method="POST", data={"file": (io.BytesIO(b"a"), "a.pdf"), "key": "k"}):
        first = _hash()
    with app.test_request_context(method="POST", data={"file": (io.BytesIO(b"a"), "a.pdf"), "key": "k"}):
        assert _hash() == first
    with app.test_request_context(method="POST", data={"file": (io.BytesIO(b"b"), "a.pdf"), "key": "k"}):
        assert _hash() != first


# --- what is shown ---------------------------------------------------------------------------------------------------

def test_citizens_do_not_see_which_official(app, login):
    """PARALLEL-INV-7: by name to colleagues, by department to citizens."""
    build_account("zhang")
    build_clerk("clerk")
    shown = []
    for account in ("public:zhang", "staff:clerk"):
        with app.test_request_context():
            g._login_user = principal(account)
            shown.append([Who().serialize("by", {"by": each}) for each in ("staff:clerk", "public:zhang", None)])
    assert shown == [["staff", "public:zhang", None], ["staff:clerk", "public:zhang", None]]


def test_an_uploaded_file_needs_its_name_and_a_right_kind(zhang):
    draft = zhang("POST", "/applications", {"items": ["X00"]}).json["application"]["id"]
    path = f"/applications/{draft}/materials"
    told = problem(zhang("POST", path, data={"key": "x"}, content_type="multipart/form-data"), 422, "invalid")
    assert told["errors"] == {"file": ["须填写。"]}
    told = problem(zhang("POST", path, data={"key": "x", "file": "text"}, content_type="multipart/form-data"), 422, "invalid")
    assert told["errors"] == {"file": ["请附上文件。"]}
    problem(zhang("POST", path, {"key": "x"}), 415, "unsupported_media_type")


def test_a_form_keeps_flat_values_only(zhang):
    problem(zhang("POST", "/applications", {"items": ["X00"], "form": {"summary": {"a": 1}}}), 422, "invalid")
    assert zhang("POST", "/applications", {"items": ["X00"], "form": {"summary": "楼"}}).json["form"]["summary"] == "楼"


@pytest.mark.parametrize("code", ["NOPE", ""])
def test_an_unknown_item_cannot_be_applied_for(zhang, code):
    assert zhang("POST", "/applications", {"items": [code]}).status_code in (404, 422)


def test_a_bpmn_file_is_judged_and_deployed(app, clock):
    build_staff("designer", "process_designer")
    designer = Machine(app, "staff:designer", at=clock.now())
    told = problem(designer("POST", "/process-definitions", data=b"<x/>", content_type="application/xml"), 422, "process_refused")
    assert told["findings"][0]["code"] == "not_bpmn" and told["findings"][0]["message_zh"]
    checked = designer("POST", "/process-definitions/check", data=b"<x/>", content_type="text/xml").json
    assert checked["deployable"] is False and checked["findings"] == told["findings"]
    problem(designer("POST", "/process-definitions", {}), 415, "unsupported_media_type")
    path, source = next(iter(shipped_definitions()))
    made = designer("POST", "/process-definitions", data={"file": (io.BytesIO(source), path.name)}, content_type="multipart/form-data")
    [definition] = made.json["data"]
    assert made.status_code == 201 and definition["version"] == 1 and definition["file_name"] == path.name
    assert designer("GET", f"/process-definitions/{definition['id']}/xml").data == source
    assert designer("GET", f"/process-definitions/{definition['key']}/versions").json["data"] == [definition]


def test_the_audit_is_verified(app, zhang, clock):
    build_staff("administrator", "administrator")
    admin = Machine(app, "staff:administrator", at=clock.now())
    zhang("POST", "/projects", PROJECT)
    assert admin("GET", "/audit/verification").json == {"intact": True, "data": []}
    unit_of_work(lambda: db.session.execute(db.text("UPDATE audit_entry SET action = 'forged' WHERE chain = 'project:1'")))
    found = admin("GET", "/audit/verification?chain=project:1").json
    assert found["intact"] is False and found["data"][0]["chain"] == "project:1"

"""Who may call what of the REST API, on whose object: every operation of the document for everybody in town.

A new operation needs a line in `EXPECTED`, and a new POST route of a page one in `SAME_ACT`.
"""
from __future__ import annotations

import io
from dataclasses import dataclass, field

import pytest

from tests.api_world import CANARY, PEOPLE, VICTIM, Town, footprint, keep_files, operations, town
from tests.builders_cases import MONDAY
from webapp.policy import permit

pytestmark = pytest.mark.template("api-town", town)

EVERYBODY = frozenset(PEOPLE)
SIGNED_IN = EVERYBODY - {"anonymous"}
STAFF = SIGNED_IN - {"owner", "other"}
APPLICANTS = frozenset({"owner", "other"})
READERS = frozenset({"owner", "clerk", "clerk_one_item", "officer", "officer_beside", "monitor"})


def only(*names: str) -> frozenset[str]:
    return frozenset(names)


@dataclass(frozen=True)
class Expected:
    """`may`: who gets through. `sees`: who may know of the object and yet not do this (403). To everybody else the
    object answers like a missing one, or, where the rule is about the person (`door`), always 403."""

    may: frozenset[str]
    sees: frozenset[str] = frozenset()
    door: bool = False
    body: dict | None = None
    more: dict = field(default_factory=dict)


def anybody(body: dict | None = None, **more: object) -> Expected:
    return Expected(EVERYBODY, body=body, more=more)


def door(may: frozenset[str], body: dict | None = None, **more: object) -> Expected:
    return Expected(may, door=True, body=body, more=more)


def seen(may: frozenset[str], by: frozenset[str] = READERS, body: dict | None = None) -> Expected:
    return Expected(may, by - may, body=body)


OWNER, MANAGER, ADMINISTRATOR, DESIGNER = only("owner"), only("item_manager"), only("administrator"), only("designer")
CLERK, OFFICER = only("clerk"), only("officer")
# A project's case is read by every department that has one in the project; a material only by those it serves.
TASK_READERS = READERS
MATERIAL_READERS = READERS - {"officer_beside"}
BPMN = {"data": b"<x/>", "content_type": "application/xml"}

EXPECTED: dict[str, Expected] = {
    # items
    "list_items": anybody(), "read_item": anybody(), "list_item_versions": anybody(), "list_item_types": anybody(),
    "list_departments": anybody(), "list_divisions": anybody(),
    "draft_item": door(MANAGER, {"code": "Z01", "name": "新事项", "item_type": "行政许可", "department_code": "fgw", "division_code": "130200"}),
    "revise_item": door(MANAGER, {"note": "新的说明"}), "publish_item": door(MANAGER), "suspend_item": door(MANAGER),
    "resume_item": door(MANAGER), "bind_process": door(MANAGER | DESIGNER, {"process_key": "item-common"}),
    # projects
    "list_project_attributes": anybody(), "try_plan": anybody({}), "try_notice": anybody({}),
    "register_project": door(APPLICANTS, {
        "name": "新项目", "organisation": "市教育局", "organisation_code": "91130202MAAY4CL12T", "division_code": "130200"}),
    "list_projects": door(SIGNED_IN), "read_project": seen(READERS), "read_project_plan": seen(READERS),
    "read_project_notice": seen(READERS), "revise_project": seen(OWNER, body={"attributes": {"farmland": True}}),
    "open_stage": seen(OWNER, body={"reason": "工期紧"}),
    # applications
    "draft_application": door(APPLICANTS, {"items": []}), "list_applications": door(SIGNED_IN),
    "read_application": seen(READERS), "list_documents": seen(READERS),
    "choose_items": seen(OWNER, body={"items": ["L02"]}), "save_form": seen(OWNER, body={"form": {}}),
    "hand_in_material": Expected(OWNER, READERS - OWNER, more={"data": {"key": "x", "file": (b"x", "a.txt")}}),
    "remove_material": seen(OWNER), "submit_application": seen(OWNER), "submit_correction": seen(OWNER),
    "withdraw_application": seen(OWNER, body={}),
    "list_window_queue": door(only("clerk", "clerk_one_item", "clerk_elsewhere")),
    "tick_review_points": seen(CLERK, body={"ticks": {}}), "verify_original": seen(CLERK),
    "pre_accept": seen(CLERK, body={}), "accept_application": seen(CLERK, body={}),
    "request_correction": seen(CLERK, body={"items": [{"field": "summary", "reason": "不清楚"}]}),
    "refuse_application": seen(CLERK, body={"reason": "不属于本机关职权"}),
    # cases
    "list_cases": door(SIGNED_IN), "read_case": seen(READERS), "read_timeline": seen(READERS),
    "list_opinions": seen(READERS), "list_clocks": seen(READERS),
    "list_licences": door(SIGNED_IN), "read_licence": seen(READERS), "read_licence_pdf": seen(READERS),
    # materials and papers
    "track": anybody(), "read_document": seen(READERS), "read_document_pdf": seen(READERS),
    "read_material": seen(MATERIAL_READERS, MATERIAL_READERS),
    "list_material_versions": seen(MATERIAL_READERS, MATERIAL_READERS),
    "download_material_file": seen(MATERIAL_READERS, MATERIAL_READERS),
    # tasks
    "list_tasks": door(SIGNED_IN), "read_task": seen(TASK_READERS),
    "claim_task": seen(OFFICER), "release_task": seen(OFFICER), "save_task_draft": seen(OFFICER, body={"draft": {}}),
    "start_special_procedure": seen(OFFICER, body={"procedure": "听证", "reason": "利害关系人要求"}),
    "end_special_procedure": seen(OFFICER, body={"result": "已听证"}),
    "decide_case": seen(OFFICER, body={"decision": "approve"}), "issue_result": seen(OFFICER, body={}),
    "complete_task": seen(OFFICER, body={}), "review_case": seen(OFFICER, body={}),
    # processes
    "list_definitions": door(STAFF), "list_definition_versions": door(STAFF), "read_definition": door(STAFF),
    "read_definition_xml": door(STAFF), "deploy_definition": door(DESIGNER, **BPMN),
    "check_definition": door(DESIGNER, **BPMN), "read_diagram": seen(READERS), "read_diagram_xml": seen(READERS),
    # supervision
    "list_supervised_projects": door(only("monitor", "monitor_elsewhere")),
    "list_supervised_cases": door(only("monitor", "monitor_elsewhere")),
    # people
    "read_me": door(SIGNED_IN),
    "change_my_password": door(SIGNED_IN, {"current": "not this", "password": "Correct-horse-8"}),
    "register": anybody({
        "login": "newcomer", "name": "新来的", "password": "Correct-horse-7", "kind": "person",
        "number": "130202199001010010", "phone": "13800000009"}),
    "list_tokens": door(SIGNED_IN), "create_token": door(SIGNED_IN, {"name": "接口", "scopes": ["read"], "days": 30}),
    "revoke_token": Expected(OWNER | ADMINISTRATOR), "list_notifications": door(SIGNED_IN),
    "read_notifications": door(SIGNED_IN, {}),
    "list_accounts": door(ADMINISTRATOR), "read_account": door(ADMINISTRATOR),
    "create_account": door(ADMINISTRATOR, {"login": "newclerk", "name": "新人", "password": "Correct-horse-7", "roles": ["window_clerk"]}),
    "set_password": door(ADMINISTRATOR, {"password": "Correct-horse-8"}), "set_roles": door(ADMINISTRATOR, {"roles": ["officer"]}),
    "set_groups": door(ADMINISTRATOR, {"groups": []}), "set_window_items": door(ADMINISTRATOR, {"items": ["X00"]}),
    "set_place": door(ADMINISTRATOR, {"department_code": "fgw", "division_code": "130200"}),
    "disable_account": door(ADMINISTRATOR), "enable_account": door(ADMINISTRATOR), "verify_audit": door(ADMINISTRATOR),
    "list_deliveries": door(ADMINISTRATOR), "retry_delivery": door(ADMINISTRATOR),
}


def filled_in(path: str, here: Town, *, missing: bool = False) -> str:
    """The path with the ids of the town, or with ids that nothing has."""
    nothing, no_text = 2**31 - 1, "0" * 32
    values = {
        "project_id": here.project, "application_id": here.application, "case_id": here.case, "task_id": here.task,
        "material_id": here.material, "licence_id": here.licence, "document_id": here.document,
        "instance_id": here.instance, "token_id": here.token, "definition_id": here.definition,
    }
    fixed = {"number": here.number if "tracking" in path else 2, "code": "L02", "key": "item-common", "account_id": VICTIM,
             "event_id": here.event}
    absent = {name: nothing if isinstance(value, int) else no_text for name, value in values.items()}
    return path.format_map(fixed | (absent if missing else values))


def ask(client, method, path, expected):
    more = dict(expected.more)
    if "data" in more and isinstance(more["data"], dict):
        more["data"] = {name: (io.BytesIO(value[0]), value[1]) if isinstance(value, tuple) else value for name, value in more["data"].items()}
        more["content_type"] = "multipart/form-data"
    if expected.body is not None:
        more["json"] = expected.body
    return client.open(path, method=method, **more)


@pytest.fixture
def here(app, clock):
    clock.set(MONDAY.replace(hour=15))
    keep_files()
    return Town.read()


@pytest.fixture
def document(client):
    return client.get("/api/openapi.json").json


def test_every_operation_has_an_expectation(document):
    assert {operation["operationId"] for _, _, operation in operations(document)} == set(EXPECTED)


@pytest.mark.parametrize("name", PEOPLE)
def test_nobody_gets_at_what_is_not_theirs(name, app, here, login, document):
    """Denied is 401, 403 or the very answer of a missing object, and leaves no trace of an act."""
    account, client = PEOPLE[name], app.test_client()
    if account:
        login(client, account)
    wrong, before = [], footprint()
    for method, path, operation in operations(document):
        expected, told = EXPECTED[operation["operationId"]], operation["operationId"]
        if name in expected.may:
            continue
        answer = ask(client, method, filled_in(path, here), expected)
        absent = ask(client, method, filled_in(path, here, missing=True), expected)
        wanted = 401 if name == "anonymous" else 403 if expected.door or name in expected.sees else 404
        if answer.status_code != wanted:
            wrong.append(f"{told}: {answer.status_code}, not {wanted}")
        elif wanted == 404 and (answer.data, headers(answer)) != (absent.data, headers(absent)):
            wrong.append(f"{told}: its 404 differs from that of a missing object")
        if CANARY in str(answer.json):
            wrong.append(f"{told}: told the project's name")
    assert wrong == []
    assert footprint() == before


def headers(answer):
    return {name: value for name, value in answer.headers if name != "Date"}


@pytest.mark.parametrize("name", PEOPLE)
def test_everybody_gets_at_what_is_theirs(name, app, here, login, document):
    """What the state of the object does not allow now (409) or lacks (422) got past the policy all the same."""
    client = app.test_client()
    if PEOPLE[name]:
        login(client, PEOPLE[name])
    wrong = []
    for method, path, operation in sorted(operations(document), key=lambda each: each[0] != "GET"):
        expected = EXPECTED[operation["operationId"]]
        if name not in expected.may:
            continue
        answer = ask(client, method, filled_in(path, here), expected)
        if answer.status_code in (401, 403, 404):
            wrong.append(f"{operation['operationId']}: {answer.status_code} {answer.get_data(as_text=True)[:200]}")
        elif str(answer.status_code) not in operation["responses"]:
            wrong.append(f"{operation['operationId']}: {answer.status_code} is not documented")
    assert wrong == []


def test_a_draft_is_its_applicants_alone(app, here, login, document):
    wrong = []
    for name in SIGNED_IN - OWNER:
        client = login(app.test_client(), PEOPLE[name])
        for method, path, operation in operations(document):
            if "{application_id}" in path:
                path = filled_in(path.replace("{application_id}", str(here.draft)), here)
                answer = ask(client, method, path, EXPECTED[operation["operationId"]])
                if answer.status_code != 404:
                    wrong.append(f"{name} {operation['operationId']}: {answer.status_code}")
    assert wrong == []


@pytest.mark.parametrize("name", ["other", "clerk_elsewhere", "officer_stranger", "monitor_elsewhere", "item_manager", "designer", "administrator"])
def test_lists_hold_nothing_of_others(name, app, here, login):
    client = login(app.test_client(), PEOPLE[name])
    for path in ("projects", "applications", "cases", "licences", "tasks?box=mine", "tasks?box=claimable", "tasks?box=done", "notifications"):
        assert client.get(f"/api/v1/{path}").json["data"] == [], path


@pytest.mark.parametrize("name", ["owner", "clerk", "officer", "monitor"])
def test_lists_hold_what_is_theirs(name, app, here, login):
    client = login(app.test_client(), PEOPLE[name])
    assert [each["id"] for each in client.get("/api/v1/projects").json["data"]] == [here.project]
    drafts = client.get("/api/v1/applications?state=draft").json["total"]
    assert drafts == (1 if name == "owner" else 0)
    assert here.case in [each["id"] for each in client.get("/api/v1/cases").json["data"]]


def test_a_clerk_reads_but_does_not_handle_what_it_is_not_authorised_for(app, here, login):
    client = login(app.test_client(), PEOPLE["clerk_one_item"])  # L02, which waits at the window
    assert [each["id"] for each in client.get("/api/v1/window/queue").json["data"]] == [here.filed]
    assert client.post(f"/api/v1/applications/{here.filed}/pre-accept", json={}).status_code == 200
    assert client.post(f"/api/v1/applications/{here.application}/pre-accept", json={}).status_code == 403


def test_an_id_of_another_application_is_missing(app, here, login):
    """Swapping the second id of a path leads nowhere."""
    client = login(app.test_client(), PEOPLE["clerk"])
    assert client.post(f"/api/v1/applications/{here.filed}/materials/{here.material}/verify").status_code == 404


def test_a_disabled_account_ends_at_once(app, here, login):
    client, admin = login(app.test_client(), VICTIM), login(app.test_client(), PEOPLE["administrator"])
    assert client.get("/api/v1/me").status_code == 200
    assert admin.post(f"/api/v1/accounts/{VICTIM}/disable").json["disabled"] is True
    assert client.get("/api/v1/me").status_code == 401


def test_reading_changes_nothing(app, here, login, document):
    before = footprint()
    for name in PEOPLE:
        client = app.test_client()
        if PEOPLE[name]:
            login(client, PEOPLE[name])
        for method, path, operation in operations(document):
            if method == "GET":
                ask(client, method, filled_in(path, here), EXPECTED[operation["operationId"]])
    assert footprint() == before


# --- pages and API do the same acts ---------------------------------------------------------------------------

COOKIE = "kept in a cookie of this browser, nothing is stored"
PREVIEW = "shows what would be sent, nothing is stored"
SESSION = "opens or ends a browser's session; machines have tokens"
SAME_ACT: dict[str, str | tuple[str, ...]] = {
    "identity.login": SESSION, "identity.staff_login": SESSION, "identity.logout": SESSION,
    "identity.register": ("register",), "identity.change_password": ("change_my_password",),
    "identity.create_token": ("create_token",), "identity.revoke_token": ("revoke_token",),
    "identity.new_account": ("create_account",),
    "identity.change_account": (
        "disable_account", "enable_account", "set_password", "set_roles", "set_groups", "set_window_items", "set_place"),
    "projects.register": ("register_project",), "projects.save_details": COOKIE, "projects.questions": ("try_plan",),
    "projects.save_questions": COOKIE, "projects.clear": COOKIE,
    "projects.apply": ("draft_application", "choose_items"),
    "portal.begin": ("draft_application",), "portal.form": ("save_form",), "portal.save_form": ("save_form",),
    "portal.upload": ("hand_in_material",), "portal.remove": ("remove_material",),
    "portal.review": ("save_form", "submit_application"), "portal.correct": ("save_form", "submit_correction"),
    "portal.withdraw": ("withdraw_application",), "portal.read_notifications": ("read_notifications",),
    "window.ticks": ("tick_review_points",), "window.verify": ("verify_original",), "window.decision_preview": PREVIEW,
    "window.perform": ("accept_application", "pre_accept", "request_correction", "refuse_application"),
    "inbox.claim": ("claim_task",), "inbox.release": ("release_task",), "inbox.save_draft": ("save_task_draft",),
    "inbox.perform": (
        "review_case", "start_special_procedure", "end_special_procedure", "decide_case", "issue_result", "complete_task"),
    "inbox.refusal_preview": PREVIEW, "inbox.bulk": ("claim_task", "review_case"),
    "designer.bind": ("bind_process",), "designer.hand_in": ("check_definition", "deploy_definition"),
    "designer.deploy_checked": ("deploy_definition",),
    "deliveries.retry": ("retry_delivery",), "items.revise": ("revise_item",), "items.bind": ("bind_process",),
    "items.change_status": ("publish_item", "suspend_item", "resume_item"),
}


def test_every_act_of_a_page_is_in_the_api(app, document):
    known = {operation["operationId"] for _, _, operation in operations(document)}
    pages = {
        rule.endpoint for rule in app.url_map.iter_rules()
        if {"POST", "PUT", "PATCH", "DELETE"} & rule.methods and not rule.rule.startswith("/api/")
    }
    assert sorted(pages - set(SAME_ACT)) == [], "which operation does the same?"
    assert sorted(set(SAME_ACT) - pages) == [], "these pages are gone"
    assert {name for acts in SAME_ACT.values() if isinstance(acts, tuple) for name in acts} <= known


def test_the_rules_of_the_document_are_rules_of_the_policy(document):
    for _, _, operation in operations(document):
        permit(operation["x-policy"]["rule"])  # an unknown one is refused
        assert operation["x-policy"]["scope"] in ("read", "write")


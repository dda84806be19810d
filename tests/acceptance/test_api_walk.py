"""The main job through the REST API alone: register, apply, accept, review, decide, issue, look."""
from __future__ import annotations

import io

import pypdf
import pytest

from tests.api_world import Machine
from tests.builders import build_account, build_clerk, build_staff
from tests.builders_cases import MONDAY, SCHOOL, shipped

pytestmark = pytest.mark.template("shipped", shipped)
ORGANISATION = {
    "name": "第一中学新校区", "organisation": "市教育局", "organisation_code": "91130202MAAY4CL12T", "division_code": "130200",
}


def a_pdf() -> bytes:
    writer, buffer = pypdf.PdfWriter(), io.BytesIO()
    writer.add_blank_page(595, 842)
    writer.write(buffer)
    return buffer.getvalue()


@pytest.fixture
def machines(app, clock):
    clock.set(MONDAY)
    build_account("zhang", id_number="130200199001011234", phone="13900000000")
    build_clerk("clerk")
    for department in ("fgw", "zrzy"):
        build_staff(f"officer-{department}", "officer", department=department)
    accounts = ("public:zhang", "staff:clerk", "staff:officer-fgw", "staff:officer-zrzy")
    return [Machine(app, account, at=clock.now()) for account in accounts]


def ok(answer, status=200):
    assert answer.status_code == status, answer.get_data(as_text=True)
    return answer.json


def filled(fields):
    values = {"number": 1200, "checkbox": True, "date": "2026-05-01"}
    return {
        field["key"]: "13900000000" if field["key"] == "contact_phone" else field["options"][0]["value"] if field["options"]
        else values.get(field["type"], "内容") for field in fields if not field["read_only"]
    }


def apply_for(zhang, project, *codes):
    view = ok(zhang("POST", "/applications", {"project_id": project, "items": list(codes)}), 201)
    number = view["application"]["id"]
    for asked in view["materials"]:
        if asked["standing"] == "missing":
            data = {"key": asked["key"], "file": (io.BytesIO(a_pdf()), "材料.pdf")}
            made = ok(zhang("POST", f"/applications/{number}/materials", data=data, content_type="multipart/form-data"), 201)
            assert made["file_name"] == "材料.pdf" and made["media_type"] == "application/pdf"
    saved = ok(zhang("PATCH", f"/applications/{number}/form", {"form": filled(view["fields"])}))
    assert saved["missing"] == [] and saved["can_submit"]
    assert ok(zhang("POST", f"/applications/{number}/submit"))["application"]["state"] == "submitted"
    return number


def accept(clerk, number):
    refused = clerk("POST", f"/applications/{number}/accept", {})
    assert (refused.status_code, refused.json["code"]) == (422, "review_points_open")
    assert all(refused.json["errors"].values())
    view = ok(clerk("GET", f"/applications/{number}"))
    ticks = {each["key"]: list(range(len(each["review_points"]))) for each in view["materials"] if each["standing"] in ("handed_in", "form")}
    ok(clerk("PUT", f"/applications/{number}/review-points", {"ticks": ticks}))
    return ok(clerk("POST", f"/applications/{number}/accept", {}))


def the_task(officer, step):
    [task] = ok(officer("GET", f"/tasks?box=claimable&step={step}"))["data"]
    return task["id"]


def approve(officer):
    task = the_task(officer, "review")
    assert ok(officer("POST", f"/tasks/{task}/claim"))["assignee"]
    ok(officer("POST", f"/tasks/{task}/review", {"opinion": "符合要求"}))
    again = officer("POST", f"/tasks/{task}/review", {"opinion": "符合要求"})
    assert (again.status_code, again.json["code"]) == (409, "task_not_open")
    ok(officer("POST", f"/tasks/{the_task(officer, 'decide')}/decide", {"decision": "approve"}))
    return ok(officer("POST", f"/tasks/{the_task(officer, 'issue')}/issue", {}))


def test_a_project_goes_through_two_items(machines):
    zhang, clerk, fgw, zrzy = machines
    plan = ok(zhang("POST", "/plans", {"attributes": SCHOOL}))
    assert plan["critical_path_days"] > 0 and {"X00", "L01"} <= {each["code"] for each in plan["items"]}
    project = ok(zhang("POST", "/projects", {**ORGANISATION, "attributes": SCHOOL}), 201)["id"]
    number = apply_for(zhang, project, "X00", "L02")
    assert accept(clerk, number)["application"]["state"] == "accepted"

    licence = approve(fgw)
    task = the_task(zrzy, "review")
    ok(zrzy("POST", f"/tasks/{task}/special-procedure", {"procedure": "专家评审", "reason": "须组织专家评审"}))
    [task] = ok(zrzy("GET", "/tasks?box=claimable&step=special"))["data"] or ok(zrzy("GET", "/tasks?step=special"))["data"]
    assert ok(zrzy("POST", f"/tasks/{task['id']}/special-result", {"result": "专家同意"}))["state"] == "in_review"
    task = (ok(zrzy("GET", "/tasks?step=review"))["data"] or ok(zrzy("GET", "/tasks?box=claimable&step=review"))["data"])[0]["id"]
    ok(zrzy("POST", f"/tasks/{task}/review", {}))
    refusal = {"decision": "refuse", "reason": "不符合规划", "article": "城乡规划法第三十八条", "review_body": "市人民政府"}
    assert zrzy("POST", f"/tasks/{the_task(zrzy, 'decide')}/decide", {"decision": "refuse"}).status_code == 422
    refused = ok(zrzy("POST", f"/tasks/{the_task(zrzy, 'decide')}/decide", refusal))
    assert refused["state"] == "refused" and "不符合规划" in refused["decision_reason"]

    overview = ok(zhang("GET", f"/projects/{project}"))
    states = {each["code"]: each["state"] for stage in overview["stages"] for each in stage["items"]}
    assert (states["X00"], states["L02"], states["L01"]) == ("approved", "refused", "not_filed")
    assert ok(zhang("GET", f"/applications/{number}"))["application"]["state"] == "closed"
    seen = ok(zhang("GET", f"/cases/{licence['case_id']}"))
    assert seen["licence"]["number"] == licence["number"] and seen["light"]["missed"] == []
    assert {each["by"] for each in seen["opinions"]} == {"staff"}, "citizens see departments, not persons"
    assert {each["by"] for each in ok(fgw("GET", f"/cases/{licence['case_id']}"))["opinions"]} == {"staff:officer-fgw"}
    tracked = ok(Machine(zhang.client.application, None)("GET", f"/tracking/{overview_number(zhang, number)}"))
    assert [each["state"] for each in tracked["parts"]] == ["approved", "refused"]
    assert {"accepted", "closed"} <= {each["node"] for each in ok(zhang("GET", "/notifications"))["data"]}
    for paper in ok(zhang("GET", f"/applications/{number}/documents"))["data"]:
        assert zhang("GET", f"/documents/{paper['id']}/pdf").data.startswith(b"%PDF")


def overview_number(zhang, number):
    return ok(zhang("GET", f"/applications/{number}"))["application"]["number"]


def test_a_correction_goes_back_and_forth_under_one_number(machines):
    zhang, clerk, *_ = machines
    project = ok(zhang("POST", "/projects", {**ORGANISATION, "attributes": SCHOOL}), 201)["id"]
    number = apply_for(zhang, project, "L02")
    body = {"items": [{"field": "summary", "reason": "写明建设规模"}], "within_days": 3}
    asked = ok(clerk("POST", f"/applications/{number}/request-correction", body))
    assert asked["application"]["state"] == "correcting" and asked["corrections"][0]["field"] == "summary"
    refused = zhang("PATCH", f"/applications/{number}/form", {"form": {"summary": "新的内容", "site": "别处"}})
    assert (refused.status_code, refused.json["code"]) == (409, "not_editable")
    ok(zhang("PATCH", f"/applications/{number}/form", {"form": {"summary": "新建教学楼三栋"}}))
    again = ok(zhang("POST", f"/applications/{number}/submit-correction"))
    assert again["application"]["state"] == "submitted"
    assert again["application"]["number"] == asked["application"]["number"]
    ended = ok(zhang("POST", f"/applications/{number}/withdraw", {"reason": "方案改变"}))
    assert ended["application"]["state"] == "withdrawn"

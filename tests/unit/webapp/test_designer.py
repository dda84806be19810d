"""The designer's room: findings at their elements, nothing lost, files in and out as they were, and who may enter."""
from __future__ import annotations

import io
import re

import pytest

from bpmn.catalogue import shipped_definitions
from engine.api import ProcessDefinition, db
from parallel.items.queries import current_item
from tests.acceptance.test_designer import JOINT
from tests.builders import build_staff
from tests.builders_cases import shipped

pytestmark = pytest.mark.template("shipped", shipped)

GOOD = JOINT.replace("PLAN", "规划处审查")
BAD = GOOD.replace('sourceRef="join" targetRef="end"', 'sourceRef="join" targetRef="nowhere"')


@pytest.fixture
def designer(app, login, clock):
    return login(app.test_client(), build_staff("designer", "process_designer").id)


def send(browser, source: str | bytes, act="deploy", name="文件.bpmn"):
    data = source if isinstance(source, bytes) else source.encode()
    return browser.post("/designer/upload", data={"act": act, "file": (io.BytesIO(data), name)}, content_type="multipart/form-data")


def count() -> int:
    db.session.rollback()
    return db.session.scalar(db.select(db.func.count()).select_from(ProcessDefinition))


def test_a_file_with_errors_is_not_deployed_and_each_error_says_where_and_what_to_do(designer):
    before = count()
    answer = send(designer, BAD)
    assert answer.status_code == 302 and count() == before
    here = answer.headers["Location"]
    page = designer.get(here).text
    finding = re.search(r'<ul class="bl-wrong" id="findings">(.*?)</ul>', page, re.S).group(1)
    assert "错误" in finding and re.search(r"第 \d+ 行", finding) and "→" in finding and "f6" in finding
    assert "部署" not in re.findall(r"<button[^>]*>(.*?)</button>", page)
    assert designer.get(f"{here}/file").data == BAD.encode()
    designer.set_cookie("language", "en")
    assert re.search(r'id="findings">.*nowhere', designer.get(here).text, re.S)


def test_findings_are_pinned_to_the_elements_of_the_drawing(designer):
    warned = GOOD.replace(' camunda:candidateGroups="officer@fgw"', "", 1)
    here = send(designer, warned, act="check").headers["Location"]
    page = designer.get(here).text
    assert 'data-choose="plan"' in page and f'data-xml-url="{here}/drawing.xml"' in page
    pinned = designer.get(f"{here}/findings.json").json["elements"]
    assert pinned["plan"]["state"] == "due_soon" and pinned["plan"]["note"]
    assert b"BPMNShape" in designer.get(f"{here}/drawing.xml").data
    before = count()
    assert designer.post(f"{here}/deploy").headers["Location"].startswith("/designer/processes/two-offices") and count() == before + 1


@pytest.mark.parametrize("source", [
    b"", b"hello", b"PK\x03\x04zip", b"<a/>", GOOD.encode("utf-16"), b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>",
    b"\xff" * 100, b"x" * 2_100_000, GOOD[:400].encode(),
])
@pytest.mark.parametrize("act", ["deploy", "check", "?"])
def test_whatever_is_uploaded_is_answered_with_findings(designer, source, act):
    answer = send(designer, source, act, name="../../x\\y.bpmn")
    page = designer.get(answer.headers["Location"]) if answer.status_code == 302 else answer
    assert page.status_code in (200, 422) and ("检查结果" in page.text or "第 1 版" in page.text)  # UTF-16 is read


def test_no_file_is_said_at_the_field(designer):
    answer = designer.post("/designer/upload", data={"act": "deploy"})
    assert answer.status_code == 422 and 'id="f-file-error"' in answer.text


def test_only_signed_addresses_lead_to_kept_files(designer):
    here = send(designer, BAD).headers["Location"]
    assert designer.get(here[:-3] + "abc").status_code == 404 and designer.get("/designer/checked/x/file").status_code == 404


def test_the_same_file_again_makes_no_new_version_and_comes_back_byte_for_byte(designer):
    assert send(designer, GOOD).status_code == 302
    before = count()
    assert send(designer, GOOD).status_code == 302 and count() == before
    row = db.session.scalar(db.select(ProcessDefinition).where(ProcessDefinition.key == "two-offices"))
    answer = designer.get(f"/designer/definitions/{row.id}/file")
    assert answer.data == GOOD.encode() and "filename*=UTF-8''%E6%96%87%E4%BB%B6.bpmn" in answer.headers["Content-Disposition"]


def test_lists_versions_and_sheets(designer):
    page = designer.get("/designer/?q=item-common").text
    assert "事项通用流程" in page and "stage-T01-1" not in page
    page = designer.get("/designer/processes/item-common").text
    assert 'data-sheet="accept"' in page and "P5WD" in page and "候选组" in page
    assert designer.get("/designer/processes/item-common?version=77").status_code == 200
    assert designer.get("/designer/processes/none").status_code == 404
    row = db.session.scalar(db.select(ProcessDefinition).where(ProcessDefinition.key == "item-common"))
    drawn = designer.get(f"/designer/definitions/{row.id}.json").json["elements"]
    assert drawn["accept"]["who"] == "window_clerk" and "时限：P5WD" in drawn["accept"]["note"]


def test_every_shipped_file_opens(designer):
    for row in db.session.scalars(db.select(ProcessDefinition)).all():
        assert designer.get(f"/designer/processes/{row.key}").status_code == 200
        assert b"BPMNShape" in designer.get(f"/diagrams/definitions/{row.id}.xml").data
    assert len(list(shipped_definitions())) > 0


def test_binding_says_what_is_wrong_at_the_field(designer):
    assert "请选择事项" in designer.post("/designer/processes/item-common/bind", data={}).text
    assert designer.post("/designer/processes/item-common/bind", data={"item_code": "ZZZ"}).status_code == 422
    assert designer.post("/designer/processes/none/bind", data={"item_code": ""}).status_code == 404
    assert designer.post("/designer/processes/stage-common/bind", data={"item_code": "X00"}).status_code == 302
    db.session.rollback()
    assert current_item("X00").process_key == "stage-common"


def test_only_designers_enter(app, login, clock):
    monitor = login(app.test_client(), build_staff("monitor", "monitor").id)
    for address in ("/designer/", "/designer/upload", "/designer/processes/item-common", "/designer/definitions/1.json", "/designer/definitions/1/file"):
        assert monitor.get(address).status_code == 403
    assert send(monitor, GOOD).status_code == 403
    assert monitor.post("/designer/processes/item-common/bind", data={"item_code": "X00"}).status_code == 403

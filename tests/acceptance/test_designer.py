"""流程设计 through its pages: a department's own drawing is uploaded, bound to an item, and run by new cases only."""
from __future__ import annotations

import io
import re

import pytest

from engine.api import ProcessInstance, db
from tests.builders import build_staff
from tests.builders_cases import shipped

pytestmark = pytest.mark.template("shipped", shipped)

JOINT = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" id="d" targetNamespace="x">
<bpmn:process id="two-offices" name="两处室同时审查" isExecutable="true">
<bpmn:startEvent id="start"/><bpmn:parallelGateway id="split"/>
<bpmn:userTask id="plan" name="PLAN" camunda:candidateGroups="officer@fgw"/><bpmn:userTask id="invest" name="投资处审查" camunda:candidateGroups="officer@fgw"/>
<bpmn:parallelGateway id="join"/><bpmn:endEvent id="end"/>
<bpmn:sequenceFlow id="f1" sourceRef="start" targetRef="split"/><bpmn:sequenceFlow id="f2" sourceRef="split" targetRef="plan"/>
<bpmn:sequenceFlow id="f3" sourceRef="split" targetRef="invest"/><bpmn:sequenceFlow id="f4" sourceRef="plan" targetRef="join"/>
<bpmn:sequenceFlow id="f5" sourceRef="invest" targetRef="join"/><bpmn:sequenceFlow id="f6" sourceRef="join" targetRef="end"/>
</bpmn:process></bpmn:definitions>"""


@pytest.fixture
def browsers(app, login, clock, hall):
    """`browsers(account)` signs in now."""
    build_staff("designer", "process_designer")
    build_staff("monitor", "monitor")

    def sign_in(account):
        clock.set(hall.later(seconds=1))
        return login(app.test_client(), account)

    return sign_in


def upload(browser, source: str, act="deploy", name="两处室.bpmn"):
    return browser.post("/designer/upload", data={"act": act, "file": (io.BytesIO(source.encode()), name)},
                        content_type="multipart/form-data", follow_redirects=True)


def drawing(browser, case) -> str:
    """What the diagram of the case's own process shows."""
    page = browser.get(f"/supervision/cases/{case.id}").text
    return browser.get(re.search(r'data-xml-url="([^"]+)"', page).group(1)).text


def states(browser, case) -> dict:
    page = browser.get(f"/supervision/cases/{case.id}").text
    shown = browser.get(re.search(r'data-state-url="([^"]+)"', page).group(1)).json["elements"]
    return {key: each["state"] for key, each in shown.items()}


@pytest.mark.req("DEPT-3")
def test_an_uploaded_parallel_drawing_runs_new_cases_while_running_ones_keep_theirs(hall, browsers):
    old = hall.accepted(hall.project(), "X00").cases[0]
    done = upload(browsers("staff:designer"), JOINT.replace("PLAN", "规划处审查"))
    assert done.status_code == 200 and "第 1 版" in done.text and "两处室同时审查" in done.text
    bound = browsers("staff:designer").post("/designer/processes/two-offices/bind", data={"item_code": "X00"}, follow_redirects=True)
    assert "的新办件按此流程办理" in bound.text
    db.session.rollback()

    new = hall.accepted(hall.project(), "X00").cases[0]
    watcher = browsers("staff:monitor")
    assert "规划处审查" in drawing(watcher, new) and "规划处审查" not in drawing(watcher, old)
    assert {states(watcher, new)[step] for step in ("plan", "invest")} <= {"running", "due_soon"}
    assert states(watcher, old)["review"] in ("running", "due_soon")  # the common process, as it began

    upload(browsers("staff:designer"), JOINT.replace("PLAN", "规划处会审"))
    db.session.rollback()
    newest = hall.accepted(hall.project(), "X00").cases[0]
    watcher = browsers("staff:monitor")
    assert "规划处审查" in drawing(watcher, new) and "规划处会审" in drawing(watcher, newest)
    versions = browsers("staff:designer").get("/designer/processes/two-offices").text
    rows = re.findall(r'id="row-\d+".*?</tr>', re.search(r'id="versions".*', versions, re.S).group(), re.S)
    assert len(rows) == 2 and all(re.search(r"<td>1</td>\s*<td>0</td>", row) for row in rows)  # one runs on each
    assert db.session.scalar(db.select(ProcessInstance.id).where(ProcessInstance.business_key == f"case:{newest.id}"))

"""部门收件箱 through its pages: from review to delivery, departments in parallel, special procedures, any drawing's tasks."""
from __future__ import annotations

import re

import pytest

from engine.api import Task, db, deploy, start_process, unit_of_work
from parallel.cases.models import Licence, Opinion
from tests.builders import build_clerk
from tests.builders_cases import case_of, shipped
from tests.desks import inbox_rows

pytestmark = pytest.mark.template("shipped", shipped)


def fresh(thing):
    """As the pages left it: the test's own transaction began before."""
    db.session.rollback()
    return db.session.get(type(thing), thing.id, populate_existing=True)


@pytest.mark.req("DEPT-2")
def test_a_department_without_a_system_of_its_own_reviews_decides_and_delivers_in_its_inbox(hall, coded, officer):
    case = hall.accepted(coded, "X01").cases[0]
    browser = officer("fgw")
    [review] = inbox_rows(browser)
    page = browser.get(f"/inbox/{review}").text
    assert case.number in page and case.item.name in page
    assert browser.post(f"/inbox/{review}/claim").location.startswith(f"/inbox/{review}")
    assert inbox_rows(browser, "mine") == [review] and inbox_rows(browser) == []
    assert browser.post(f"/inbox/{review}/pass", data={"opinion": "建设内容与规划一致。"}).status_code == 302

    [decide] = inbox_rows(browser)
    assert "建设内容与规划一致。" in browser.get(f"/inbox/{decide}").text  # who did what
    assert browser.post(f"/inbox/{decide}/approve", data={"opinion": "同意。"}).status_code == 302
    [issue] = inbox_rows(browser)
    suggested = re.search(r'name="suggested" value="([^"]+)"', browser.get(f"/inbox/{issue}").text).group(1)
    assert browser.post(f"/inbox/{issue}/issue", data={"number": suggested, "suggested": suggested}).status_code == 302

    assert fresh(case).state == "approved"
    licence = db.session.scalar(db.select(Licence).filter_by(case_id=case.id))
    assert licence.number == suggested and licence.issued_by == "staff:o-fgw"
    assert [opinion.outcome for opinion in db.session.scalars(db.select(Opinion).filter_by(case_id=case.id))] == [
        "pass", "approve", "issued"]
    assert set(inbox_rows(browser, "done")) == {review, decide, issue} and inbox_rows(browser) == inbox_rows(browser, "mine") == []


@pytest.mark.req("PARALLEL-1")
def test_three_inboxes_show_their_tasks_at_once_and_the_application_waits_for_all(app, hall, coded, officer, login, clock):
    application = hall.file(coded, "X01", "L02", "E03")
    browsers = {department: officer(department) for department in ("fgw", "zrzy", "sthj")}
    assert all(inbox_rows(browser) == [] for browser in browsers.values())

    clerk = login(app.test_client(), build_clerk().id)  # one window coordinates
    values = re.findall(r'name="point" value="([\d.]+)"', clerk.get(f"/window/{application.id}").text)
    clerk.post(f"/window/{application.id}/ticks", data={"point": values})
    assert clerk.post(f"/window/{application.id}/accept").status_code == 302
    assert {department: len(inbox_rows(browser)) for department, browser in browsers.items()} == {"fgw": 1, "zrzy": 1, "sthj": 1}

    for done, (department, browser) in enumerate(browsers.items(), 1):
        for verb in ("pass", "approve", "issue"):
            [task] = inbox_rows(browser)
            assert browser.post(f"/inbox/{task}/{verb}", data={}).status_code == 302, (department, verb)
        assert fresh(application).state == ("closed" if done == 3 else "accepted")


def test_departments_see_each_others_state_and_opinions_beside_their_own_task(hall, coded, officer):
    hall.accepted(coded, "X01", "L02")
    fgw, zrzy = officer("fgw"), officer("zrzy")
    [theirs], [ours] = inbox_rows(fgw), inbox_rows(zrzy)
    fgw.post(f"/inbox/{theirs}/pass", data={"opinion": "投资规模合理。"})
    page = zrzy.get(f"/inbox/{ours}").text
    assert "投资规模合理。" in page and "发展和改革委员会" in page
    assert zrzy.get(f"/inbox/{theirs}").status_code == 200  # may read it
    assert zrzy.post(f"/inbox/{theirs}/pass", data={}).status_code in (403, 404)  # and not do it


def test_a_special_procedure_stops_the_clock_and_does_not_end_without_a_result(hall, coded, officer, clock):
    case = case_of(hall.accepted(coded, "X01", "L02"), "L02")
    browser = officer("zrzy")
    [review] = inbox_rows(browser)
    empty = browser.post(f"/inbox/{review}/special", data={"opinion": "先听证", "procedure": "", "reason": ""})
    assert empty.status_code == 422 and "f-procedure" in empty.text and "先听证" in empty.text
    browser.post(f"/inbox/{review}/special", data={"procedure": "听证", "reason": "利害关系人申请听证"})
    assert fresh(case).state == "suspended"

    [special] = inbox_rows(browser, "mine") or inbox_rows(browser)
    page = browser.get(f"/inbox/{special}").text
    assert "利害关系人申请听证" in page and 'data-state="suspended"' in page
    clock.set(hall.later(days=5))
    refused = browser.post(f"/inbox/{special}/resume", data={"result": " "})
    assert refused.status_code in (302, 422) and fresh(case).state == "suspended"


def test_refusing_asks_for_reason_article_and_the_way_to_appeal(hall, coded, officer):
    case = hall.accepted(coded, "X01").cases[0]
    browser = officer("fgw")
    [review] = inbox_rows(browser)
    browser.post(f"/inbox/{review}/pass", data={})
    [decide] = inbox_rows(browser)
    missing = browser.post(f"/inbox/{decide}/refuse", data={"reason": "不符合产业政策", "article": "", "review_body": ""})
    assert missing.status_code == 422 and "不符合产业政策" in missing.text
    assert "f-article" in missing.text and "f-review_body" in missing.text
    sent = {"reason": "不符合产业政策", "article": "政府投资条例第九条", "review_body": "唐山市人民政府"}
    told = browser.post(f"/inbox/{decide}/refuse/preview", data=sent).text
    assert "六十日" in told and "唐山市人民政府" in told
    assert browser.post(f"/inbox/{decide}/refuse", data=sent).status_code == 302
    found = fresh(case)
    assert found.state == "refused" and "政府投资条例第九条" in found.decision_reason and "唐山市人民政府" in found.decision_reason


def test_a_task_of_any_drawing_opens_with_what_its_gateway_asks(app, officer, hall):
    body = (
        '<startEvent id="s"/><sequenceFlow id="f1" sourceRef="s" targetRef="plan"/>'
        '<userTask id="plan" name="确定踏勘方式" camunda:candidateGroups="officer"/>'
        '<sequenceFlow id="f2" sourceRef="plan" targetRef="g"/><exclusiveGateway id="g" default="f4"/>'
        '<sequenceFlow id="f3" sourceRef="g" targetRef="joint"><conditionExpression>'
        "${方式 == '联合踏勘' and 部门数 >= 2 and 需要}</conditionExpression></sequenceFlow>"
        '<sequenceFlow id="f4" sourceRef="g" targetRef="e"/>'
        '<userTask id="joint" name="联合踏勘" camunda:candidateGroups="officer"/>'
        '<sequenceFlow id="f5" sourceRef="joint" targetRef="e"/><endEvent id="e"/>'
    )
    source = (
        '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" '
        f'targetNamespace="t"><process id="visit" name="踏勘" isExecutable="true">{body}</process></definitions>'
    ).encode()
    unit_of_work(lambda: deploy(source, file_name="visit.bpmn", by="staff:designer", at=hall.at))
    unit_of_work(lambda: start_process("visit", business_key="free:1", variables={}, by="staff:designer", at=hall.at))
    browser = officer("zrzy")
    [task] = inbox_rows(browser)
    page = browser.get(f"/inbox/{task}").text
    assert 'value="联合踏勘"' in page and 'name="variable.部门数"' in page and 'name="variable.需要" value="true"' in page
    wrong = browser.post(f"/inbox/{task}/complete", data={"variable.部门数": "两个", "variable.方式": "联合踏勘", "opinion": "去"})
    assert wrong.status_code == 422 and "两个" in wrong.text and "去" in wrong.text
    sent = {"variable.方式": "联合踏勘", "variable.部门数": "3", "variable.需要": "true", "opinion": "三个部门一起去"}
    assert browser.post(f"/inbox/{task}/complete", data=sent).status_code == 302
    [joint] = inbox_rows(browser)
    assert db.session.get(Task, joint).name == "联合踏勘"
    assert "三个部门一起去" in browser.get(f"/inbox/{joint}").text

"""综合窗口 through its pages: who may accept what, review points, the notices as they are shown and sent, correction."""
from __future__ import annotations

import re

import pytest

from engine.api import db
from parallel.cases import actions
from parallel.cases.models import Application
from parallel.cases.review_points import open_points
from parallel.documents.models import Document
from tests.builders_cases import case_of, shipped

pytestmark = pytest.mark.template("shipped", shipped)


def state_of(application: Application) -> str:
    """As the pages left it: the test's own transaction began before."""
    db.session.rollback()
    return db.session.get(Application, application.id, populate_existing=True).state


def button(html: str, verb: str) -> str:
    """The opening tag of a decision's button."""
    return re.search(rf'<button[^>]*value="{verb}"[^>]*>', html).group()


def points_of(html: str) -> list[str]:
    return re.findall(r'name="point" value="([\d.]+)"', html)


@pytest.mark.req("ACCEPT-1")
def test_a_clerk_cannot_handle_what_it_is_not_authorised_for(hall, desk):
    application = hall.file(hall.project(), "L02")
    browser = desk("X00")
    assert application.number not in browser.get("/window").text
    found = browser.get(f"/window?q={application.number}")  # no way round by its number
    assert found.status_code == 200 and f"/window/{application.id}" not in found.text
    here = f"/window/{application.id}"
    assert browser.get(here).status_code == 403
    assert browser.post(f"{here}/ticks", data={"point": ["0.0"]}).status_code == 403
    for decision in ("accept", "pre-accept", "correct", "refuse"):
        assert browser.get(f"{here}/{decision}").status_code == 403
        assert browser.post(f"{here}/{decision}", data={"reason": "x"}).status_code == 403
    assert state_of(application) == "submitted"

    other = desk("X00", "L02", name="second")
    assert application.number in other.get("/window").text
    assert other.get(here).status_code == 200


@pytest.mark.req("ACCEPT-7")
def test_every_review_point_is_listed_and_must_be_ticked_one_by_one(hall, site, desk):
    application = hall.file(site, "L01")
    browser, here = desk(), f"/window/{application.id}"
    page = browser.get(here).text
    for name, points in open_points(application).items():
        assert name in page and all(point in page for point in points)
    values = points_of(page)
    assert len(values) == sum(map(len, open_points(application).values()))
    assert " disabled" in button(page, "accept") and " disabled" not in button(page, "correct")

    for count in range(len(values)):  # one by one, as the browser saves them
        assert browser.post(f"{here}/ticks", data={"point": values[:count]}, headers={"X-Fragment": "1"}).status_code == 204
        assert browser.post(f"{here}/accept").status_code == 422
        assert " disabled" in button(browser.get(here).text, "accept")
    assert state_of(application) == "submitted"

    assert browser.post(f"{here}/ticks", data={"point": values, "then": "accept"}).location.endswith(f"{here}/accept")
    assert " disabled" not in button(browser.get(here).text, "accept")
    assert browser.post(f"{here}/accept").status_code == 302
    assert state_of(application) == "accepted"


@pytest.mark.req("ACCEPT-8")
def test_the_correction_notice_lists_the_two_materials_chosen_and_is_shown_before_it_is_sent(hall, site, desk):
    application = hall.file(site, "L01")
    browser, here = desk(), f"/window/{application.id}/correct"
    page = browser.get(here).text
    lines = dict(re.findall(r'value="(m\.\d+)" id="[^"]*"(?: checked)?><span>([^<]+)', page))
    first, second = list(lines)[:2]
    sent = {"pick": [first, second], f"reason.{first}": "缺少签章", f"reason.{second}": "图纸版本不一致", "days": "7"}

    shown = browser.post(f"{here}/preview", data=sent).text
    for word in (application.number, lines[first], "缺少签章", lines[second], "图纸版本不一致", "2026年3月11日"):
        assert word in shown
    assert state_of(application) == "submitted"

    assert browser.post(here, data=sent).status_code == 302
    assert state_of(application) == "correcting"
    [notice] = db.session.scalars(db.select(Document).filter_by(application_id=application.id, kind="correction"))
    assert notice.fields["materials"] == [f"{lines[first]}：缺少签章", f"{lines[second]}：图纸版本不一致"]
    assert set(notice.fields) >= {"case_number", "received_at", "department", "clerk", "promised_limit", "materials"}


@pytest.mark.req("ACCEPT-9")
def test_a_corrected_application_opens_by_id_number_under_its_old_number(hall, site, desk):
    application = hall.file(site, "L01")
    number, browser = application.number, desk()
    lines = re.findall(r'value="(m\.\d+)"', browser.get(f"/window/{application.id}/correct").text)
    browser.post(f"/window/{application.id}/correct", data={"pick": lines[0], f"reason.{lines[0]}": "请重新签章"})
    hall.later(days=1)
    assert state_of(application) == "correcting"
    hall.hand_in(application, application.corrections[0]["material_key"])
    hall.do(actions.submit_correction, application, by=application.applicant)

    for text in (application.applicant_id_number, number):
        found = browser.get(f"/window?q={text}")
        assert found.status_code == 302 and f"/window/{application.id}" in found.location
    page = browser.get(found.location).text
    assert number in page and "请重新签章" in page and " disabled" not in button(page, "correct")
    assert state_of(application) == "submitted"
    assert db.session.scalar(db.select(db.func.count()).select_from(Application).filter_by(number=number)) == 1
    assert case_of(application, "L01").number.startswith(number)


def test_refusing_needs_a_reason_and_keeps_what_was_typed(hall, desk):
    application = hall.file(hall.project(), "L02")
    browser, here = desk(), f"/window/{application.id}/refuse"
    refused = browser.post(here, data={"reason": "  "})
    assert refused.status_code == 422 and "f-reason" in refused.text and state_of(application) == "submitted"
    too_long = browser.post(here, data={"reason": "依" * 501})
    assert too_long.status_code == 422 and "依" * 501 in too_long.text

    told = browser.post(f"{here}/preview", data={"reason": "不属于本机关职权范围"}).text
    assert "不属于本机关职权范围" in told and application.number in told
    assert browser.post(here, data={"reason": "不属于本机关职权范围"}).status_code == 302
    assert state_of(application) == "not_accepted"


def test_the_next_application_opens_and_a_second_clerk_is_told_that_it_is_done(hall, desk):
    first, second = hall.file(hall.project(), "L02"), hall.file(hall.project(), "L02")
    browser, other = desk(), desk(name="second")
    sent = browser.post(f"/window/{first.id}/refuse?tab=submitted", data={"reason": "材料不属于本项目"})
    assert sent.location.startswith(f"/window/{second.id}")
    late = other.post(f"/window/{first.id}/pre-accept", follow_redirects=True)
    assert late.status_code == 200 and "不能" in late.text and state_of(first) == "not_accepted"
    assert browser.get(f"/window/{first.id}/accept").status_code == 302  # nothing to decide any more


def test_a_missing_material_stops_pre_review_and_a_form_field_can_be_pointed_out(hall, site, desk):
    application = hall.file(site, "L01")
    browser = desk()
    page = browser.get(f"/window/{application.id}/correct").text
    field = re.search(r'value="(f\.site)"', page).group(1)
    nothing = browser.post(f"/window/{application.id}/correct", data={"days": "0"})
    assert nothing.status_code == 422 and "f-days" in nothing.text
    assert browser.post(f"/window/{application.id}/correct", data={"pick": field}).status_code == 422
    assert browser.post(
        f"/window/{application.id}/correct", data={"pick": field, f"reason.{field}": "请写明四至"}
    ).status_code == 302
    assert state_of(application) == "correcting" and application.corrections[0]["field"] == "site"

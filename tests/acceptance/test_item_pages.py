"""事项管理 through its pages: search by four conditions together, and what is not published cannot be applied for."""
from __future__ import annotations

import re

import pytest

from engine.api import db
from parallel.cases.models import Application
from parallel.items.models import ServiceItem
from tests.builders import build_account, build_staff
from tests.builders_cases import shipped

pytestmark = pytest.mark.template("shipped", shipped)


@pytest.fixture
def browser(app, login, clock, hall):
    build_staff("manager", "item_manager")
    build_account("zhang")

    def sign_in(account="staff:manager"):
        clock.set(hall.later(seconds=1))
        return login(app.test_client(), account)

    return sign_in


def codes(page: str) -> set[str]:
    return set(re.findall(r'id="row-(\w+)"', page))


@pytest.mark.req("ITEM-9")
def test_four_conditions_together_find_the_right_set(browser):
    browser().post("/staff/items/B02/status/suspend")
    db.session.rollback()
    wanted = {"division": "130200", "department": "zrzy", "type": "行政许可"}
    rows = db.session.scalars(db.select(ServiceItem).where(
        ServiceItem.is_current, ServiceItem.department_code == "zrzy", ServiceItem.item_type == "行政许可"
    )).all()
    expected = {row.code for row in rows}
    assert len(expected) > 2 and "B02" in expected
    published = codes(browser().get("/staff/items/", query_string=wanted | {"status": "published"}).text)
    suspended = codes(browser().get("/staff/items/", query_string=wanted | {"status": "suspended"}).text)
    assert published == expected - {"B02"} and suspended == {"B02"}
    assert codes(browser().get("/staff/items/", query_string=wanted | {"status": "published", "division": "130300"}).text) == set()
    assert codes(browser().get("/staff/items/", query_string=wanted | {"department": "fgw", "status": "suspended"}).text) == set()
    assert codes(browser().get("/staff/items/", query_string=wanted | {"status": "suspended", "q": "jsgcghxk"}).text) == {"B02"}


@pytest.mark.req("ITEM-8")
def test_a_suspended_item_is_refused_when_applied_for(hall, browser):
    project = hall.project()
    application = hall.draft(project, "X00")
    hall.hand_in_all(application)
    page = browser().post("/staff/items/X00/status/suspend", follow_redirects=True).text
    assert "已停用" in page and "事项已停用，不再接受新申请" in page
    refused = browser("public:zhang").post(f"/applications/{application.id}/review", data={"truth_promise": "1"})
    assert refused.status_code == 422 and "尚未发布或已停用，不能申请" in refused.text
    db.session.rollback()
    assert db.session.get(Application, application.id, populate_existing=True).state == "draft"

    browser().post("/staff/items/X00/status/resume")
    bound = browser().get("/staff/items/X00").text
    assert "item-common" in bound and "事项通用流程" in bound  # 流程模板与清单版本绑定
    assert browser().post("/staff/items/X00/process", data={"process_key": "not-deployed"}).status_code == 422
    accepted = browser("public:zhang").post(f"/applications/{application.id}/review", data={"truth_promise": "1"})
    assert accepted.status_code == 302
    db.session.rollback()
    assert db.session.get(Application, application.id, populate_existing=True).state == "submitted"

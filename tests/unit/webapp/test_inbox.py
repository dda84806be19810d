"""The inbox: boxes, filters, claiming, drafts, many at once, and rows that are nobody else's business."""
from __future__ import annotations

import re

import pytest

from engine.api import Task, db
from tests.builders import build_account, build_clerk
from tests.builders_cases import case_of, shipped
from tests.desks import inbox_rows
from webapp.inbox.models import OpinionDraft
from webapp.inbox.outcomes import CHOICE, NUMBER, YES_NO, OutcomeField

pytestmark = pytest.mark.template("shipped", shipped)


def task_now(task_id: str) -> Task:
    db.session.rollback()
    return db.session.get(Task, task_id, populate_existing=True)


class TestList:
    def test_filters_narrow_and_a_strange_one_is_left_out(self, hall, coded, officer):
        application = hall.accepted(coded, "X01", "L02", "E03")
        hall.accepted(hall.project(), "L02")
        browser = officer("zrzy")
        every = inbox_rows(browser)
        assert len(every) == 2
        assert len(inbox_rows(browser, project=coded.id)) == 1
        assert len(inbox_rows(browser, item="L02")) == 2 and inbox_rows(browser, item="X01") == []
        assert len(inbox_rows(browser, step="review")) == 2 and inbox_rows(browser, step="issue") == []
        number = case_of(application, "L02").number
        assert len(inbox_rows(browser, q=number)) == 1 and len(inbox_rows(browser, q="guihuatiaojian")) == 2
        assert inbox_rows(browser, q="没有这个") == inbox_rows(browser, q="%") == []
        assert inbox_rows(browser, sort="new") == every[::-1]
        assert inbox_rows(browser, step="x", due="y", sort="z", project="abc", page="-1") == every

    def test_due_filters_follow_the_clock(self, hall, coded, officer, clock, login, app):
        hall.accepted(coded, "L02")  # promised: 10 working days
        officer("zrzy")
        [task] = [each.id for each in hall.open_tasks(step="review")]
        due = task_now(task).due_at
        for moment, expected in ((due.replace(hour=9), {"today", "week"}), (due.replace(hour=9).replace(day=due.day + 1), {"overdue"})):
            clock.set(moment)
            browser = login(app.test_client(), "staff:o-zrzy")
            assert {name for name in ("overdue", "today", "week") if inbox_rows(browser, due=name)} == expected

    def test_nothing_of_another_department_or_of_the_window_is_listed_or_opens(self, hall, coded, officer, app, login):
        hall.accepted(coded, "L02")
        waiting = hall.file(hall.project(), "L02")
        ours, theirs = officer("zrzy"), officer("sthj")
        [task] = inbox_rows(ours)
        assert inbox_rows(theirs) == []
        assert theirs.get(f"/inbox/{task}").status_code == 404
        for verb in ("claim", "pass", "draft", "release"):
            assert theirs.post(f"/inbox/{task}/{verb}").status_code == 404
        window = next(each.id for each in hall.open_tasks(step="accept"))
        clerk = login(app.test_client(), build_clerk().id)
        assert inbox_rows(clerk) == []
        assert clerk.get(f"/inbox/{window}").location.startswith(f"/window/{waiting.id}")

    def test_the_public_and_strangers_stay_out(self, app, client, login, hall):
        assert client.get("/inbox").status_code == 302
        browser = login(app.test_client(), build_account("li").id)
        assert browser.get("/inbox").status_code == 403
        assert browser.get("/inbox/none").status_code == 404

    def test_the_list_listens_to_its_owner_and_to_every_group(self, hall, officer):
        page = officer("zrzy").get("/inbox", headers={"X-Fragment": "1"}).text
        (heard,) = re.findall(r'data-live-topic="([^"]+)"', page)
        assert {"user:staff:o-zrzy", "group:officer@zrzy", "group:dept:zrzy", "group:officer"} <= set(heard.split(","))


class TestTask:
    def test_claimed_by_one_it_is_gone_for_the_others_and_comes_back_released(self, hall, coded, officer):
        hall.accepted(coded, "L02")
        one, two = officer("zrzy"), officer("zrzy", "second")
        [task] = inbox_rows(two)
        one.post(f"/inbox/{task}/claim")
        assert inbox_rows(two) == [] and inbox_rows(one, "mine") == [task]
        assert two.post(f"/inbox/{task}/pass", data={}).status_code in (403, 404)
        assert two.get(f"/inbox/{task}").status_code == 200  # the department's case: may look
        one.post(f"/inbox/{task}/release")
        assert inbox_rows(two) == [task]

    def test_a_draft_is_kept_for_its_writer_and_goes_with_the_task(self, hall, coded, officer):
        hall.accepted(coded, "L02")
        one, two = officer("zrzy"), officer("zrzy", "second")
        [task] = inbox_rows(one)
        sent = {"opinion": "还要核对红线", "csrf_token": "x", "variable.数量": "3", "unknown": "y"}
        assert one.post(f"/inbox/{task}/draft", data=sent, headers={"X-Fragment": "1"}).status_code == 204
        assert "还要核对红线" in one.get(f"/inbox/{task}").text and "还要核对红线" not in two.get(f"/inbox/{task}").text
        [draft] = db.session.scalars(db.select(OpinionDraft))
        assert draft.values == {"opinion": "还要核对红线", "variable.数量": "3"}
        one.post(f"/inbox/{task}/pass", data={"opinion": "符合。"})
        db.session.rollback()
        assert db.session.scalar(db.select(OpinionDraft)) is None

    def test_a_verb_of_another_step_is_not_there(self, hall, coded, officer):
        hall.accepted(coded, "L02")
        browser = officer("zrzy")
        [task] = inbox_rows(browser)
        for verb in ("approve", "refuse", "issue", "resume", "complete", "nonsense"):
            assert browser.post(f"/inbox/{task}/{verb}", data={}).status_code == 404
        assert task_now(task).status == "open"

    def test_after_a_decision_the_next_task_opens(self, hall, coded, officer):
        for _ in range(3):
            hall.accepted(hall.project(), "L02")
        browser = officer("zrzy")
        first, second, _third = inbox_rows(browser)
        answer = browser.post(f"/inbox/{first}/pass?box=claimable", data={})
        assert answer.location.startswith(f"/inbox/{second}")
        late = browser.post(f"/inbox/{first}/pass?box=claimable", data={})
        assert late.status_code in (302, 403)

    def test_what_is_done_can_be_read_and_no_longer_changed(self, hall, coded, officer):
        hall.accepted(coded, "L02")
        browser = officer("zrzy")
        [task] = inbox_rows(browser)
        browser.post(f"/inbox/{task}/pass", data={})
        page = browser.get(f"/inbox/{task}")
        assert page.status_code == 200 and "已办理" in page.text and "审查通过</button>" not in page.text.split('id="verbs"')[1].split("</section>")[0]

    def test_a_licence_number_of_the_departments_own_is_taken_and_a_long_opinion_is_told(self, hall, coded, officer):
        case = hall.accepted(coded, "L02").cases[0]
        hall.review(case)
        hall.decide(case)
        browser = officer("zrzy")
        [task] = inbox_rows(browser)
        long = browser.post(f"/inbox/{task}/issue", data={"opinion": "长" * 4001, "number": "规条字第 7 号", "suggested": "x"})
        assert long.status_code == 422 and "规条字第 7 号" in long.text
        assert browser.post(f"/inbox/{task}/issue", data={"number": "规条字第 7 号", "suggested": "x"}).status_code == 302
        db.session.rollback()
        assert hall.open_tasks(case) == []


class TestBulk:
    def test_claims_what_can_be_claimed(self, hall, officer):
        for _ in range(2):
            hall.accepted(hall.project(), "L02")
        one, two = officer("zrzy"), officer("zrzy", "second")
        ids = inbox_rows(one)
        two.post(f"/inbox/{ids[0]}/claim")
        told = one.post("/inbox/bulk", data={"verb": "claim", "ids": [*ids, "nothing"]}, follow_redirects=True)
        assert told.status_code == 200 and inbox_rows(one, "mine") == [ids[1]] and inbox_rows(two, "mine") == [ids[0]]

    def test_passes_reviews_only(self, hall, officer):
        cases = [hall.accepted(hall.project(), "L02").cases[0] for _ in range(3)]
        hall.review(cases[0])  # stands at the decision
        browser = officer("zrzy")
        browser.post("/inbox/bulk", data={"verb": "pass", "ids": inbox_rows(browser)})
        assert len(inbox_rows(browser, step="review")) == 2
        browser.post("/inbox/bulk", data={"verb": "pass", "ids": inbox_rows(browser, step="review")})
        assert inbox_rows(browser, step="review") == [] and len(inbox_rows(browser, step="decide")) == 3
        assert browser.post("/inbox/bulk", data={"verb": "refuse", "ids": ["x"]}).status_code == 404
        assert browser.post("/inbox/bulk", data={"verb": "claim"}).status_code == 302


@pytest.mark.parametrize(("kind", "text", "value"), [
    (YES_NO, "true", True), (YES_NO, "false", False), (NUMBER, "3", 3), (NUMBER, "2.5", 2.5), (CHOICE, "甲", "甲"),
])
def test_an_answer_becomes_a_value(kind, text, value):
    read = OutcomeField("x", kind, [("甲", "甲")]).read(text)
    assert read == value and type(read) is type(value)


@pytest.mark.parametrize(("kind", "text"), [(NUMBER, "三"), (NUMBER, "inf"), (NUMBER, "nan"), (CHOICE, "丙")])
def test_an_answer_that_does_not_fit_is_refused(kind, text):
    with pytest.raises((ValueError, OverflowError)):
        OutcomeField("x", kind, [("甲", "甲")]).read(text)

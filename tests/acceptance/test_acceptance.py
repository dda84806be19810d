"""窗口受理: pre-review, review points, the three notices, correction under the same number."""
from __future__ import annotations

import pytest

from engine.api import OutboxEvent, Task, db, fire_due_timers, unit_of_work
from parallel.cases import actions
from parallel.cases.errors import (
    CorrectionNotDone,
    CorrectionsMissing,
    IllegalAct,
    MaterialsMissing,
    NotTolerable,
    ReasonMissing,
    ReviewPointsOpen,
    ToleratedMaterialDue,
)
from parallel.cases.queries import (
    application_view,
    applications_of_id_number,
    window_queue,
)
from parallel.cases.review_points import materials_to_review, open_points
from parallel.documents.kinds import KINDS
from parallel.documents.models import Document
from parallel.items.actions import revise_item, suspend_item
from parallel.items.errors import ItemNotOpen
from parallel.items.queries import current_item
from parallel.notifications.models import Notification
from parallel.time_limits.models import TimeLimit
from tests.builders_cases import CLERK, ZHANG, case_of, shipped

pytestmark = pytest.mark.template("shipped", shipped)
DRAWING, COORDINATES = "选址位置地形图", "用地边界拐点坐标表"  # keys; the names say more
DRAWING_NAME, COORDINATES_NAME = "选址位置地形图(CGCS2000)", "用地边界拐点坐标表(TXT)"


@pytest.fixture
def filed(hall):
    """L02 of a new project, at the window."""
    return hall.file(hall.project(), "L02")


def notices(application, kind):
    return list(db.session.scalars(db.select(Document).filter_by(application_id=application.id, kind=kind)))


def nodes(account=ZHANG):
    return [n.node for n in db.session.scalars(db.select(Notification).filter_by(account=account).order_by(Notification.id))]


@pytest.mark.req("ACCEPT-2")
def test_pre_review_refuses_a_missing_material_and_tells_the_applicant_to_come_when_all_is_there(hall, site):
    application = hall.file(site, "L01")
    revised = [*current_item("L01").body["materials"], {
        "name": "土地勘测定界图", "original": 1, "copy": 0, "electronic": 1, "source": "applicant", "required": True}]
    hall.do(revise_item, "L01", {"materials": revised}, by="staff:manager")
    case_of(application, "L01").item = current_item("L01")
    db.session.commit()
    with pytest.raises(MaterialsMissing) as refused:
        hall.do(actions.pre_accept, application, by=CLERK)
    assert refused.value.missing == ["土地勘测定界图"]
    assert application.state == "submitted" and "come_to_hall" not in nodes()

    items = [{"material_key": "土地勘测定界图", "reason": "须提交"}]
    hall.do(actions.request_correction, application, items, by=CLERK)
    hall.hand_in(application, "土地勘测定界图")
    hall.do(actions.submit_correction, application, by=ZHANG)
    hall.do(actions.pre_accept, application, by=CLERK)
    assert application.state == "pre_accepted"
    [told] = db.session.scalars(db.select(Notification).filter_by(node="come_to_hall"))
    assert "大厅" in told.text and told.phone == application.contact_phone
    assert f"sms:{told.id}" in set(db.session.scalars(db.select(OutboxEvent.key).filter_by(kind="SmsRequested")))


@pytest.mark.req("PREREV-1")
def test_no_clock_runs_after_pre_acceptance_and_it_runs_after_acceptance(hall, filed):
    hall.do(actions.pre_accept, filed, by=CLERK)
    assert db.session.scalars(db.select(TimeLimit).filter_by(case_id=filed.cases[0].id)).all() == []
    hall.accept(filed)
    clocks = db.session.scalars(db.select(TimeLimit).filter_by(case_id=filed.cases[0].id)).all()
    assert [(clock.kind, clock.state) for clock in clocks] == [("promised", "running")]  # L02 has no statutory limit
    assert {clock.started_at for clock in clocks} == {hall.at}


@pytest.mark.req("PREREV-2")
def test_more_may_be_asked_for_after_pre_acceptance_any_number_of_times(hall, site):
    application = hall.file(site, "L01")
    hall.do(actions.pre_accept, application, by=CLERK)
    for key in (DRAWING, COORDINATES):
        hall.do(actions.request_correction, application, [{"material_key": key, "reason": "不清晰"}], by=CLERK)
        [task] = hall.open_tasks(assignee=ZHANG)
        assert task.step == "correct" and task.due_at is not None
        hall.hand_in(application, key)
        hall.do(actions.submit_correction, application, by=ZHANG)
    assert len(notices(application, "correction")) == 2


@pytest.mark.req("ACCEPT-7")
def test_accepting_needs_every_review_point_ticked(hall, site):
    application = hall.file(site, "L01")
    with pytest.raises(ReviewPointsOpen) as refused:
        hall.do(actions.accept_application, application, by=CLERK)
    assert DRAWING_NAME in refused.value.open_points
    assert not application_view(application).can_accept

    first, *others = materials_to_review(application)
    hall.do(actions.tick_review_points, application, {entry.key: range(len(entry.review_points)) for entry in others}, by=CLERK)
    hall.do(actions.tick_review_points, application, {first.key: [0]}, by=CLERK)
    assert open_points(application) == {first.name: first.review_points[1:]}
    with pytest.raises(ReviewPointsOpen):
        hall.do(actions.accept_application, application, by=CLERK)

    hall.do(actions.tick_review_points, application, {first.key: range(len(first.review_points))}, by=CLERK)
    assert application_view(application).can_accept
    hall.do(actions.accept_application, application, by=CLERK)
    assert application.state == "accepted"


def test_the_acceptance_notice_has_its_seven_fields(hall, site):
    application = hall.accept(hall.file(site, "L01"))
    [notice] = notices(application, "acceptance")
    assert [key for key, *_ in KINDS["acceptance"].fields] == list(notice.fields)
    assert len(notice.fields) == 7 and all(notice.fields.values())
    assert notice.fields["case_number"] == application.number and notice.fields["clerk"] == "李窗口"
    assert notice.fields["promised_limit"] == "6个工作日"
    assert {DRAWING_NAME, COORDINATES_NAME} <= set(notice.fields["materials"])
    assert notice.number == "130200受理〔2026〕000003号"  # the third of the year: X00 and X01 came first


@pytest.mark.req("ACCEPT-6")
def test_non_acceptance_needs_a_reason_and_ends_the_case(hall, filed):
    with pytest.raises(ReasonMissing):
        hall.do(actions.refuse_application, filed, "  ", by=CLERK)
    assert filed.state == "submitted" and notices(filed, "non_acceptance") == []

    hall.do(actions.refuse_application, filed, "不属于本机关职权范围。", by=CLERK, clerk_name="李窗口")
    [notice] = notices(filed, "non_acceptance")
    assert list(notice.fields) == ["case_number", "decided_at", "department", "clerk", "reason"]
    assert notice.fields["reason"] == "不属于本机关职权范围。"
    assert filed.state == "not_accepted" and filed.cases[0].state == "not_accepted"
    assert hall.open_tasks() == [] and nodes() == ["not_accepted"]
    with pytest.raises(IllegalAct):
        hall.do(actions.accept_application, filed, by=CLERK)


@pytest.mark.req("ACCEPT-8")
def test_the_correction_notice_lists_the_two_materials_chosen(hall, site):
    application = hall.file(site, "L01")
    with pytest.raises(CorrectionsMissing):
        hall.do(actions.request_correction, application, [{"material_key": DRAWING, "reason": ""}], by=CLERK)
    items = [{"material_key": DRAWING, "reason": "比例尺不符"}, {"material_key": COORDINATES, "reason": "未闭合"}]
    hall.do(actions.request_correction, application, items, by=CLERK, within_days=5)
    [notice] = notices(application, "correction")
    assert notice.fields["materials"] == [f"{DRAWING_NAME}：比例尺不符", f"{COORDINATES_NAME}：未闭合"]
    assert notice.fields["promised_limit"] == "6个工作日"
    assert notice.fields["due_on"] == "2026年3月9日"  # five working days after Monday 2 March
    assert list(notice.fields) == [key for key, *_ in KINDS["correction"].fields] and len(notice.fields) == 7


@pytest.mark.req("ACCEPT-9")
def test_a_corrected_application_is_the_same_one_under_the_same_number(hall, site):
    application = hall.file(site, "L01")
    number, case_number, form = application.number, application.cases[0].number, dict(application.form)
    hall.do(actions.request_correction, application, [{"material_key": DRAWING, "reason": "不清晰"}], by=CLERK)
    with pytest.raises(CorrectionNotDone):
        hall.do(actions.submit_correction, application, by=ZHANG)
    hall.hand_in(application, DRAWING)
    hall.do(actions.submit_correction, application, by=ZHANG)

    [found] = [each for each in applications_of_id_number(application.applicant_id_number) if each.state != "accepted"]
    assert found.id == application.id and found.number == number and found.cases[0].number == case_number
    assert found.form == form
    assert [entry.application.id for entry in window_queue().rows] == [application.id]
    hall.accept(application)
    assert application.number == number


def test_what_was_corrected_must_be_ticked_again(hall, site):
    application = hall.file(site, "L01")
    hall.tick_all(application)
    hall.do(actions.request_correction, application, [{"material_key": DRAWING, "reason": "不清晰"}], by=CLERK)
    hall.hand_in(application, DRAWING)
    hall.do(actions.submit_correction, application, by=ZHANG)
    assert list(open_points(application)) == [DRAWING_NAME]


def test_an_application_not_corrected_in_time_goes_back(hall, filed):
    field = {"field": "site", "reason": "未写四至"}
    hall.do(actions.request_correction, filed, [field], by=CLERK, within_days=5)
    hall.later(days=8)
    assert unit_of_work(lambda: fire_due_timers(filed.instance_id, hall.at))
    assert filed.state == "not_accepted" and "逾期" in filed.decision_reason
    assert filed.cases[0].state == "not_accepted" and hall.open_tasks() == []


@pytest.mark.req("PORTAL-APPLY-4")
def test_each_of_the_four_nodes_is_told_exactly_once(hall, filed):
    hall.do(actions.request_correction, filed, [{"field": "site", "reason": "未写四至"}], by=CLERK)
    hall.do(actions.save_draft, filed, {"site": "东至学院路，西至河，南至南路，北至北路"}, by=ZHANG)
    hall.do(actions.submit_correction, filed, by=ZHANG)
    hall.accept(filed)
    hall.approve(filed.cases[0])
    assert nodes() == ["correction", "accepted", "closed"]

    other = hall.file(hall.project(owner="public:li"), "L02", applicant="public:li")
    hall.do(actions.refuse_application, other, "不属于本机关职权范围。", by=CLERK)
    assert nodes("public:li") == ["not_accepted"]
    [told] = db.session.scalars(db.select(Notification).filter_by(account="public:li"))
    assert "不属于本机关职权范围" in told.text


@pytest.mark.req("ITEM-2")
def test_a_case_keeps_the_version_of_its_acceptance(hall):
    running = hall.accepted(hall.project(), "L02").cases[0]
    due = running.promised_on
    waiting = hall.file(hall.project(), "L02")
    hall.do(revise_item, "L02", {"promised_days": 4}, by="staff:manager")
    hall.accept(waiting)
    assert (running.item.version, running.item.promised_days, running.promised_on) == (1, 10, due)
    assert (waiting.cases[0].item.version, waiting.cases[0].item.promised_days) == (2, 4)
    assert waiting.cases[0].promised_on < due


@pytest.mark.req("ITEM-8")
def test_a_suspended_item_is_neither_applied_for_nor_accepted(hall, filed):
    project = hall.project()
    draft = hall.draft(project, "L02")
    hall.do(suspend_item, "L02", by="staff:manager")
    with pytest.raises(ItemNotOpen):
        hall.submit(draft)
    with pytest.raises(ItemNotOpen):
        hall.draft(project, "L02")
    with pytest.raises(ItemNotOpen):
        hall.accept(filed)
    assert draft.state == "draft" and draft.number is None and filed.state == "submitted"


@pytest.fixture
def tolerant(hall):
    """L02 with one material that may come later and one that may not."""
    papers = [*current_item("L02").body["materials"], *(
        {"name": name, "original": 1, "copy": 0, "electronic": 1, "source": "applicant", "required": True,
         "tolerable": tolerable} for name, tolerable in (("土地权属证明", True), ("宗地图", False)))]
    hall.do(revise_item, "L02", {"materials": papers}, by="staff:manager")
    application = hall.draft(hall.project(), "L02")
    hall.hand_in(application, "宗地图")
    return hall.submit(application)


def test_tolerated_materials_may_come_later_but_before_the_end(hall, tolerant):
    hall.tick_all(tolerant)
    with pytest.raises(MaterialsMissing):
        hall.do(actions.accept_application, tolerant, by=CLERK)
    hall.accept(tolerant, tolerate=["土地权属证明"], tolerate_days=5)
    assert tolerant.tolerated == [{"material_key": "土地权属证明", "name": "土地权属证明", "due_on": "2026-03-09"}]
    case = tolerant.cases[0]
    hall.review(case)
    with pytest.raises(ToleratedMaterialDue):
        hall.decide(case)
    hall.hand_in(tolerant, "土地权属证明")
    hall.decide(case)
    hall.issue(case)
    assert case.state == "approved"


def test_what_is_not_tolerable_cannot_be_tolerated(hall, tolerant):
    hall.do(actions.request_correction, tolerant, [{"material_key": "宗地图", "reason": "不清晰"}], by=CLERK)
    revised = [dict(entry, tolerable=False) for entry in current_item("L02").body["materials"]]
    hall.do(revise_item, "L02", {"materials": revised}, by="staff:manager")
    hall.hand_in(tolerant, "宗地图")
    hall.do(actions.submit_correction, tolerant, by=ZHANG)
    hall.tick_all(tolerant)
    with pytest.raises(NotTolerable):
        hall.do(actions.accept_application, tolerant, by=CLERK, tolerate=["土地权属证明"])


def test_only_one_of_two_clerks_accepts(hall, filed):
    hall.accept(filed)
    with pytest.raises(IllegalAct):
        hall.do(actions.accept_application, filed, by="staff:other")
    assert db.session.scalar(db.select(db.func.count()).select_from(Task).filter_by(step="accept", status="completed")) == 1

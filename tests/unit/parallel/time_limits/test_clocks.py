"""The clocks of a case: started, paused, resumed, stopped, and explained."""
from datetime import date, datetime

import pytest

from engine.api import CHINA, db, unit_of_work
from parallel.cases.models import Application, Case
from parallel.items.actions import revise_item
from parallel.items.queries import current_item
from parallel.time_limits.actions import pause_clocks, resume_clocks, start_clocks, stop_clocks
from parallel.time_limits.errors import ClocksAlreadyStarted, ClocksNotPaused, ClocksNotRunning, PauseReasonMissing
from parallel.time_limits.models import ClockPause, TimeLimit
from parallel.time_limits.queries import explain, light_of, lights_of, pauses_of, time_limits_of
from tests.unit.parallel.items.prepared import MONDAY, WITH_CATALOGUE

pytestmark = [WITH_CATALOGUE, pytest.mark.usefixtures("app")]
OFFICER = "staff:zrzy1"


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHINA)


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.fixture
def case() -> Case:
    return new_case("B02")  # 3 working days promised, 20 by law


def new_case(code: str) -> Case:
    def act() -> Case:
        item = current_item(code)
        application = Application(
            applicant="public:zhang", applicant_name="张三", applicant_id_number="1", contact_phone="1",
            division_code="130200", state="accepted", delivery="online", form={}, checks={}, corrections=[],
            tolerated=[], created_at=MONDAY,
        )
        case = Case(item=item, item_code=code, department_code=item.department_code, state="in_review")
        application.cases.append(case)
        db.session.add(application)
        return case

    return unit_of_work(act)


def start(case, at="2026-02-12T10:00"):
    return unit_of_work(lambda: start_clocks(case, moment(at)))


def pause(case, at, procedure="专家评审", reason="需要专家论证"):
    return unit_of_work(lambda: pause_clocks(case, procedure, reason, OFFICER, moment(at)))


def resume(case, at, procedure=None):
    return unit_of_work(lambda: resume_clocks(case, "通过", OFFICER, moment(at), procedure))


def stop(case, at):
    return unit_of_work(lambda: stop_clocks(case, moment(at)))


def test_both_clocks_start_on_the_day_of_acceptance(case):
    promised, statutory = start(case)
    assert (promised.kind, promised.days, promised.due_on) == ("promised", 3, day("2026-02-24"))
    assert (statutory.kind, statutory.days, statutory.due_on) == ("statutory", 20, day("2026-03-18"))
    assert (case.promised_on, case.legal_on) == (promised.due_on, statutory.due_on)
    with pytest.raises(ClocksAlreadyStarted):
        start(case)


def test_the_day_is_chinas(case):
    unit_of_work(lambda: start_clocks(case, datetime.fromisoformat("2026-02-11T17:00:00+00:00")))
    assert case.promised_on == day("2026-02-24")  # 01:00 on the 12th in China


def test_an_item_without_a_limit_has_no_such_clock():
    case = new_case("X00")
    assert [clock.kind for clock in start(case)] == ["promised"] and case.legal_on is None
    beside = new_case("L03")
    assert [clock.kind for clock in start(beside)] == ["statutory"] and beside.promised_on is None
    assert light_of(beside, day("2026-02-12")).kind == "statutory"
    assert light_of(new_case("C13"), day("2026-02-12")) is None


def test_a_case_keeps_the_limit_of_its_version(case):
    unit_of_work(lambda: revise_item("B02", {"promised_days": 1}, OFFICER, MONDAY))
    start(case)
    assert case.promised_on == day("2026-02-24")
    later = new_case("B02")
    start(later)
    assert later.promised_on == day("2026-02-13")


def test_a_special_procedure_moves_both_due_dates(case):
    start(case, "2026-03-02T09:00")
    pause(case, "2026-03-03T09:00")
    assert {clock.state for clock in time_limits_of(case)} == {"paused"}
    assert light_of(case, day("2026-04-01")).paused and light_of(case, day("2026-04-01")).remaining == 2
    resume(case, "2026-03-10T15:00")
    assert (case.promised_on, case.legal_on) == (day("2026-03-12"), day("2026-04-07"))
    assert {clock.state for clock in time_limits_of(case)} == {"running"}
    assert [(row.procedure, row.result) for row in pauses_of(case)] == [("专家评审", "通过")]


def test_two_procedures_at_once_take_a_day_out_once(case):
    start(case, "2026-03-02T09:00")
    pause(case, "2026-03-03T09:00", "专家评审")
    pause(case, "2026-03-04T09:00", "公示")
    resume(case, "2026-03-05T09:00", "专家评审")
    assert time_limits_of(case)[0].state == "paused"
    resume(case, "2026-03-06T09:00", "公示")
    assert case.promised_on == day("2026-03-10")  # out: 4th, 5th, 6th


def test_what_may_not_be_done(case):
    with pytest.raises(ClocksNotRunning):
        pause(case, "2026-03-03T09:00")
    start(case, "2026-03-02T09:00")
    with pytest.raises(PauseReasonMissing):
        pause(case, "2026-03-03T09:00", reason=" ")
    with pytest.raises(ClocksNotPaused):
        resume(case, "2026-03-03T09:00")
    stop(case, "2026-03-03T09:00")
    with pytest.raises(ClocksNotRunning):
        pause(case, "2026-03-04T09:00")


@pytest.mark.parametrize(("ended", "promised", "statutory"), [
    ("2026-02-24T23:00", "met", "met"), ("2026-02-25T09:00", "missed", "met"), ("2026-03-19T09:00", "missed", "missed"),
])
def test_each_clock_is_met_or_missed(case, ended, promised, statutory):
    start(case)
    assert [clock.state for clock in stop(case, ended)] == [promised, statutory]
    assert stop(case, "2026-05-01T09:00") == []
    light = light_of(case, day("2026-12-01"))
    assert light.missed == tuple(k for k, s in (("promised", promised), ("statutory", statutory)) if s == "missed")


def test_a_case_that_ends_in_a_special_procedure_is_not_late(case):
    start(case, "2026-03-02T09:00")
    pause(case, "2026-03-04T09:00")
    assert [clock.state for clock in stop(case, "2026-05-20T09:00")] == ["met", "met"]
    assert all(row.ended_at for row in db.session.scalars(db.select(ClockPause)))


@pytest.mark.parametrize(("today", "colour", "remaining", "missed"), [
    ("2026-02-12", "green", 3, ()), ("2026-02-13", "green", 2, ()), ("2026-02-14", "yellow", 1, ()),
    ("2026-02-24", "yellow", 0, ()), ("2026-02-25", "red", -1, ("promised",)),
    ("2026-03-19", "red", -1, ("promised", "statutory")),
])
def test_lights(case, today, colour, remaining, missed):
    start(case)
    light = light_of(case, day(today))
    assert (light.colour, light.remaining, light.missed) == (colour, remaining, missed)
    assert light.kind == ("statutory" if "statutory" in missed else "promised")


def test_the_lights_of_a_list(case):
    other, without = new_case("X00"), new_case("C13")
    start(case)
    start(other, "2026-02-24T09:00")
    lights = lights_of([case, other, without], day("2026-02-25"))
    assert {key: light.colour for key, light in lights.items()} == {case.id: "red", other.id: "yellow"}


def test_a_due_date_in_a_year_without_an_official_calendar_is_provisional(case):
    start(case, "2026-12-30T09:00")
    assert light_of(case, day("2026-12-30")).provisional


def test_the_explanation_names_every_day(case):
    start(case)
    explained = explain(time_limits_of(case)[0])
    assert (explained.started_on, explained.due_on, len(explained.days)) == (day("2026-02-12"), day("2026-02-24"), 13)
    by_day = {entry.day.day: entry for entry in explained.days}
    assert by_day[12].reason_zh == "起算日，不计入（民法典第二百零一条）" and not by_day[12].counts
    assert (by_day[13].number, by_day[13].reason_zh) == (1, "第 1 日")
    assert by_day[14].reason_zh == "第 2 日（春节调休上班）" and by_day[14].reason_en == "Day 2 (worked weekend)"
    assert by_day[17].reason_zh == "春节放假，不计入" and by_day[22].reason_zh == "春节放假，不计入"
    assert by_day[24].is_last and by_day[24].number == 3


def test_the_explanation_names_the_pauses(case):
    start(case, "2026-03-02T09:00")
    pause(case, "2026-03-03T09:00")
    clock = db.session.scalars(db.select(TimeLimit).order_by(TimeLimit.kind)).first()
    assert explain(clock, today=day("2026-03-05")).due_on == day("2026-03-09")
    resume(case, "2026-03-05T09:00")
    explained = explain(clock)
    paused = [entry for entry in explained.days if entry.reason == "paused"]
    assert [entry.day.day for entry in paused] == [4, 5]
    assert paused[0].reason_zh == "“专家评审”期间，不计入（行政许可法第四十五条）"
    assert explained.due_on == case.promised_on == day("2026-03-09") and len(explained.pauses) == 1

"""The arithmetic of limits: the vectors of the domain facts, the law's edge cases, and a day-by-day brute force."""
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.calendar import Calendar
from parallel.time_limits.arithmetic import (
    GREEN, RED, YELLOW, Limit, Pause, counted_days, day_by_day, due_on, remaining, standing, used, within, yellow_from,
)
from parallel.time_limits.calendar_seed import known_years, shipped_days

CHINA = Calendar({day: is_workday for day, (is_workday, _) in shipped_days().items()}, known_years())


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(("accepted", "limit", "deadline"), [  # time_rules.yaml › test_vectors
    ("2026-02-12", 3, "2026-02-24"),
    ("2026-04-30", 5, "2026-05-11"),
    ("2026-09-30", 1, "2026-10-08"),
    ("2025-09-26", 3, "2025-09-30"),
])
def test_vectors(accepted, limit, deadline):
    assert due_on(CHINA, day(accepted), Limit(limit)) == day(deadline)
    assert CHINA.add(day(accepted), limit) == day(deadline)


def test_shipped_calendar_says_which_years_it_knows():
    assert known_years() == frozenset(range(2019, 2027))
    assert CHINA.covers(day("2026-12-31")) and not CHINA.covers(day("2027-01-04"))


def test_calendar_days_end_after_the_holiday():
    """民法典 203: the 10th calendar day after 2026-09-25 is 10-05, inside the holiday, so it is 10-08."""
    assert due_on(CHINA, day("2026-09-25"), Limit(10, "ND")) == day("2026-10-08")
    assert remaining(CHINA, day("2026-09-25"), day("2026-10-06"), Limit(10, "ND")) == 2


def test_nothing_to_wait_for_ends_on_the_same_day():
    assert due_on(CHINA, day("2026-10-01"), Limit(0)) == day("2026-10-01")


def test_an_extension_lengthens_the_limit():
    assert due_on(CHINA, day("2026-03-02"), Limit(20, extension=10)) == due_on(CHINA, day("2026-03-02"), Limit(30))


def test_a_pause_moves_the_due_date_by_its_working_days():
    # Monday accepted, paused Wednesday, resumed Monday: Thursday, Friday and Monday are taken out
    pause = Pause(day("2026-03-04"), day("2026-03-09"))
    assert due_on(CHINA, day("2026-03-02"), Limit(5), [pause]) == day("2026-03-12")
    assert used(CHINA, day("2026-03-02"), day("2026-03-09"), Limit(5), [pause]) == 2


def test_overlapping_pauses_are_taken_out_once():
    one = Pause(day("2026-03-04"), day("2026-03-09"))
    two = Pause(day("2026-03-05"), day("2026-03-10"))
    both = due_on(CHINA, day("2026-03-02"), Limit(5), [one, two])
    assert both == due_on(CHINA, day("2026-03-02"), Limit(5), [Pause(one.start, two.end)]) == day("2026-03-13")


def test_a_standing_pause_freezes_what_remains():
    pause = [Pause(day("2026-03-04"))]
    for today in ("2026-03-04", "2026-03-11", "2026-04-20"):
        assert remaining(CHINA, day("2026-03-02"), day(today), Limit(5), pause) == 3


def test_a_pause_within_one_day_takes_nothing_out():
    pause = [Pause(day("2026-03-04"), day("2026-03-04"))]
    assert due_on(CHINA, day("2026-03-02"), Limit(5), pause) == day("2026-03-09")


@pytest.mark.parametrize(("limit", "threshold"), [(1, 1), (5, 1), (6, 2), (10, 2), (11, 3), (20, 4), (45, 9)])
def test_yellow_threshold(limit, threshold):
    assert yellow_from(Limit(limit)) == threshold


@pytest.mark.parametrize(("today", "light", "left"), [
    ("2026-03-02", GREEN, 10), ("2026-03-11", GREEN, 3), ("2026-03-12", YELLOW, 2), ("2026-03-16", YELLOW, 0),
    ("2026-03-17", RED, -1),
])
def test_light(today, light, left):
    position = standing(CHINA, day("2026-03-02"), day(today), Limit(10))
    assert (position.light, position.remaining, position.overdue) == (light, left, light == RED)


def test_the_weekend_after_the_last_day_is_overdue():
    position = standing(CHINA, day("2026-03-02"), day("2026-03-14"), Limit(9))  # due Friday 13th
    assert (position.due_on, position.remaining, position.light) == (day("2026-03-13"), 0, RED)


@pytest.mark.parametrize(("promised", "statutory", "kept"), [
    (Limit(20), Limit(20), True), (Limit(21), Limit(20), False),
    (Limit(5), Limit(7, "ND"), True), (Limit(6), Limit(7, "ND"), False), (Limit(10), Limit(15, "ND"), True),
    (Limit(28, "ND"), Limit(20), True), (Limit(29, "ND"), Limit(20), False),
])
def test_a_promise_keeps_the_law(promised, statutory, kept):
    assert within(promised, statutory) is kept


@pytest.mark.parametrize("wrong", [{"days": -1}, {"days": 1, "unit": "WH"}, {"days": 1, "extension": -1}])
def test_no_limit(wrong):
    with pytest.raises(ValueError):
        Limit(**wrong)


# --- against a brute force that knows only sets of days -----------------------------------------------

days = st.dates(day("2024-01-01"), day("2026-11-30"))
limits = st.builds(Limit, st.integers(0, 60), st.sampled_from(["WD", "ND"]), st.integers(0, 15))


@st.composite
def clocks(draw):
    start = draw(days)
    pauses = []
    for _ in range(draw(st.integers(0, 4))):
        begin = start + timedelta(days=draw(st.integers(0, 60)))
        pauses.append(Pause(begin, begin + timedelta(days=draw(st.integers(0, 30)))))
    return start, draw(limits), pauses


def brute_force(start: date, limit: Limit, pauses: list[Pause]) -> tuple[date, list[date]]:
    """Walk a paper calendar: cross out days off and paused days, tick the others until the limit is used up."""
    crossed = {pause.start + timedelta(days=n) for pause in pauses
               for n in range(1, (pause.end - pause.start).days + 1)}
    ticked, today = [], start
    while len(ticked) < limit.days + limit.extension:
        today += timedelta(days=1)
        day_off = limit.unit == "WD" and not CHINA.is_workday(today)
        if not day_off and today not in crossed:
            ticked.append(today)
    while limit.days + limit.extension and not CHINA.is_workday(today):
        today += timedelta(days=1)
    return today, ticked


@settings(deadline=None, max_examples=300)
@given(clocks(), st.integers(0, 200))
def test_against_brute_force(clock, later):
    start, limit, pauses = clock
    today = start + timedelta(days=later)
    last, ticked = brute_force(start, limit, pauses)
    assert due_on(CHINA, start, limit, pauses, today) == last
    if limit.unit == "WD":
        used_up, left = used(CHINA, start, today, limit, pauses), remaining(CHINA, start, today, limit, pauses)
        assert used_up + left == limit.total
        assert used_up == len([day for day in ticked if day <= today]) or today > last
    explained = day_by_day(CHINA, start, limit, pauses, today)
    assert [entry.day for entry in explained if entry.reason == "counted"] == ticked
    assert explained[-1].day == last and explained[-1].last
    assert len(explained) == (last - start).days + 1


@settings(deadline=None)
@given(clocks(), days)
def test_a_pause_never_shortens_a_limit(clock, other):
    start, limit, pauses = clock
    more = [*pauses, Pause(other, other + timedelta(days=10))]
    assert due_on(CHINA, start, limit, more) >= due_on(CHINA, start, limit, pauses)


@settings(deadline=None)
@given(days, days)
def test_counting_is_the_calendars(one, two):
    assert counted_days(CHINA, one, two) == CHINA.between(one, two)

"""The plan reproduces every scenario of the domain facts, and agrees with a second, naive way of computing it."""
from datetime import date
from itertools import product

import pytest

from parallel.projects.plan import make_plan
from tests.unit.parallel.projects.catalogue import item, items, scenario_values, scenarios

DAY = date(2026, 3, 2)


@pytest.mark.parametrize("scenario", scenarios(), ids=lambda entry: entry["name"][:2])
def test_scenarios(scenario):
    plan = make_plan(items(), scenario_values(scenario["name"]))
    assert {str(stage): codes for stage, codes in plan.codes_by_stage.items()} == scenario["expected_items"]
    assert len(plan.items) == scenario["count"]
    assert plan.critical_path == scenario["critical_path"]
    assert plan.critical_path_days == scenario["critical_path_days_excl_special"]


@pytest.mark.parametrize("scenario", scenarios(), ids=lambda entry: entry["name"][:2])
def test_slack_is_how_much_longer_an_item_may_take(scenario):
    """Checked by doing it: an item that takes its slack longer moves nothing, one day more moves the end."""
    values = scenario_values(scenario["name"])
    plan = make_plan(items(), values)
    assert all(plan.items[code].slack == 0 for code in plan.critical_path)
    for planned in plan.items.values():
        for more, moved in ((planned.slack, 0), (planned.slack + 1, 1)):
            if not any(len(need.any_of) > 1 for other in plan.items.values() for need in other.needs):
                assert _length_with(plan, planned.code, more) == plan.critical_path_days + moved, planned.code


def _length_with(plan, code: str, more: int) -> int:
    finish: dict[str, int] = {}

    def finish_of(each: str) -> int:
        if each not in finish:
            planned = plan.items[each]
            start = max((min(map(finish_of, need.any_of)) for need in planned.needs), default=0)
            finish[each] = start + planned.days + (more if each == code else 0)
        return finish[each]

    return max(map(finish_of, plan.items))


def test_waves_need_nothing_of_one_another():
    for name, stage in product(("S1", "S2", "S3", "S6"), (1, 2, 3, 4, 5)):
        plan = make_plan(items(), scenario_values(name))
        seen: set[str] = set()
        for wave in plan.stages.get(stage, []):
            assert wave
            for code in wave:
                earlier = {other for need in plan.items[code].needs for other in need.any_of}
                assert not earlier & set(wave)
                assert {other for other in earlier if plan.items[other].item.stage == stage} <= seen
            seen |= set(wave)


def test_first_waves_of_a_school():
    assert make_plan(items(), scenario_values("S1")).stages[1] == [
        ["X00", "L02"], ["X01", "E01"], ["L01"], ["X02"], ["L06"],
    ]


def test_dates_follow_the_working_calendar(calendar):
    plan = make_plan(items(), scenario_values("S6"), DAY, calendar)
    for planned in plan.items.values():
        assert planned.due_on == calendar.add(planned.start_on, planned.days)
        for need in planned.needs:
            assert planned.start_on >= min(plan.items[code].due_on for code in need.any_of)
    assert plan.items["C09"].due_on == plan.finish_on == calendar.add(DAY, 43)


def test_an_item_beside_the_stages_is_waited_for_where_it_is_a_prerequisite():
    values = scenario_values("S1") | {"energy_tce": 5000}
    assert "E02" in {code for need in make_plan(items(), values).items["X02"].needs for code in need.any_of}


def test_nothing_applies_to_an_empty_catalogue(calendar):
    plan = make_plan([], scenario_values("S1"), DAY, calendar)
    assert (plan.critical_path, plan.critical_path_days, plan.stages) == ([], 0, {})


def test_days_are_promised_else_legal_else_none():
    plan = make_plan(items(), scenario_values("S1"))
    assert [plan.items[code].days for code in ("X01", "L03", "C13")] == [3, 20, 0]
    assert item("L03").promised_days is None and item("C13").legal_days is None

import pytest

from bpmn.catalogue import shipped_definitions
from parallel.projects.templates import choose_template, five_stage_names, template, templates
from tests.unit.parallel.projects.catalogue import item, scenario_values


@pytest.mark.parametrize(("scenario", "changes", "chosen"), [
    ("S1", {}, "T01"), ("S2", {}, "T03"), ("S3", {}, "T03"), ("S6", {}, "T11"),
    ("S2", {"approve_mode": "核准"}, "T02"), ("S1", {"project_class": "市政", "new_land": True}, "T04"),
    ("S1", {"project_class": "市政", "new_land": False, "land_mode": "自有"}, "T06"),
    ("S1", {"project_class": "装饰装修"}, "T08"), ("S1", {"project_class": "老旧小区改造"}, "T09"),
    ("S2", {"project_class": "市政", "land_mode": "划拨"}, "T10"), ("S1", {"project_class": "水利"}, "T00"),
])
def test_choice(scenario, changes, chosen):
    choice = choose_template(scenario_values(scenario) | changes)
    assert choice.template.id == chosen
    assert choice.reason_zh and choice.reason_en


def test_eleven_templates_and_a_common_one():
    assert sorted(templates()) == [f"T{number:02}" for number in range(12)]
    assert [stage.name for stage in template("T00").stages] == [
        "立项用地规划许可", "工程建设许可", "施工许可", "竣工验收", "并行推进",
    ]
    assert len(five_stage_names()) == 5


def test_stage_days_sum_up_to_the_total():
    for each in templates().values():
        days = [stage.promised_days for stage in each.stages if stage.promised_days is not None]
        assert not days or sum(days) == each.total_days


def test_milestones_are_items_of_their_stage_and_drawings_are_shipped():
    drawn = {path.stem for path, _ in shipped_definitions()}
    for each in templates().values():
        for stage in each.stages:
            assert all(item(code).stage == stage.number for code in stage.milestone_items)
            assert stage.process_key in drawn

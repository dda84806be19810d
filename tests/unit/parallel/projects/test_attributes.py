import pytest
import yaml

from parallel.projects.attributes import attribute_groups, attributes, default_attributes, validate_attributes
from parallel.projects.errors import ProjectInvalid
from tests.unit.parallel.projects.catalogue import SCENARIOS


def test_the_attributes_are_the_68_of_the_facts_with_their_defaults():
    defaults = yaml.safe_load(SCENARIOS.read_text(encoding="utf-8"))["defaults"]
    assert len(attributes()) == 68
    assert default_attributes() == defaults


def test_every_attribute_stands_in_one_group_with_words_in_both_languages():
    listed = [row.name for group in attribute_groups() for row in group.attributes]
    assert sorted(listed) == sorted(attributes())
    for row in attributes().values():
        assert row.zh and row.en and row.help_zh and row.help_en
        assert row.fault(row.default) is None
        assert row.kind != "choice" or all(zh and en for zh, en in row.choices.values())


@pytest.mark.parametrize(("given", "field"), [
    ({"land_ha": -1}, "land_ha"), ({"land_ha": "6"}, "land_ha"), ({"land_ha": True}, "land_ha"),
    ({"land_ha": float("nan")}, "land_ha"), ({"new_land": "yes"}, "new_land"), ({"eia_class": "表"}, "eia_class"),
    ({"colour": 1}, "colour"),
    ({"invest_type": "gov", "approve_mode": "备案"}, "approve_mode"),
    ({"invest_type": "social", "approve_mode": "审批"}, "approve_mode"),
])
def test_each_fault_names_its_field(given, field):
    with pytest.raises(ProjectInvalid) as caught:
        validate_attributes(given)
    assert list(caught.value.errors) == [field]


def test_what_is_left_out_has_its_default():
    assert validate_attributes({"land_ha": 6})["land_mode"] == "划拨"

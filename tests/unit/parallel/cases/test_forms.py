from types import SimpleNamespace

import pytest

from parallel.cases.forms import PROMISE, faults, schema, taken, union_form
from tests.builders_cases import filled

PROJECT = SimpleNamespace(code="2603-130200-04-01-123456", name="第一中学", organisation="教育局", organisation_code="9113")


def item(code, name, result="批复", form=()):
    return SimpleNamespace(code=code, name=name, result_name=result, body={"form": list(form)} if form else {})


LAND = item("L06", "建设用地规划许可证核发")
WORKS = item("B02", "建设工程规划许可证核发")


def test_every_field_stands_once_and_says_who_asks_for_it():
    fields = {field.key: field for field in union_form([LAND, WORKS], PROJECT)}
    assert len(fields) == len(union_form([LAND, WORKS], PROJECT))
    assert fields["land_area_m2"].items == ("L06",) and fields["floor_area_m2"].items == ("B02",)
    assert fields["site"].items == () and fields["summary"].items == ()  # all of them
    assert "energy_tce" not in fields


def test_what_the_project_holds_is_shown_and_not_taken():
    fields = union_form([LAND], PROJECT)
    shown = {field.key: field.value for field in fields if field.read_only}
    assert shown["project_code"] == PROJECT.code
    assert taken(fields, {"project_code": "other", "summary": " 学校 ", "unknown": 1}) == {"summary": "学校"}


def test_a_complete_form_has_no_faults_and_an_empty_one_names_each():
    fields = union_form([LAND], PROJECT)
    assert faults(fields, filled(fields)) == {}
    wrong = faults(fields, {})
    assert {"contact_name", "contact_phone", "site", "delivery", PROMISE} <= set(wrong)
    assert "contact_email" not in wrong and all(sentence.endswith("。") for sentence in wrong.values())


@pytest.mark.parametrize(("key", "value"), [
    ("land_area_m2", "-1"), ("land_area_m2", "nan"), ("land_area_m2", "很多"), ("land_area_m2", True),
    ("contact_phone", "打给我"), ("delivery", "pigeon"), ("summary", "字" * 2001), ("summary", ["x"]), (PROMISE, "on"),
])
def test_wrong_values_are_told(key, value):
    fields = union_form([LAND], PROJECT)
    assert set(faults(fields, filled(fields) | {key: value})) == {key}


def test_an_item_may_bring_fields_of_its_own():
    own = {"key": "species", "label_zh": "树种", "options": [{"value": "oak", "label_zh": "栎"}], "type": "select"}
    first, second = item("L07", "林地审核", form=[own]), item("L08", "草原审核", form=[own])
    [field] = [field for field in union_form([first, second], None) if field.key == "species"]
    assert field.items == ("L07", "L08") and field.label_en == "树种"


def test_the_schema_is_plain_data():
    [first, *_] = schema(union_form([LAND], None))
    assert {"key", "label_zh", "label_en", "type", "required", "options", "items"} <= set(first)

"""The shipped files say what the domain facts say, and each other's names."""
import csv

import pytest

from bpmn.expressions import compile_expression
from parallel.items.departments import department_code, department_codes, shipped_departments, shipped_divisions
from parallel.items.loading import shipped_entries
from parallel.items.requirements import normalised, requirements_of, same_as
from parallel.projects.attributes import attributes
from parallel.time_limits.calendar_seed import HOLIDAYS


def test_counts():
    entries = shipped_entries()
    groups = [group for entry in entries for group in entry["prerequisites"]]
    edges = sum(len(group.get("any_of") or [group["item"]]) for group in groups)
    assert (len(entries), sum(len(entry["materials"]) for entry in entries), edges) == (101, 378, 192)
    assert len(list(shipped_divisions())) == 3210
    with HOLIDAYS.open(encoding="utf-8") as file:
        assert len(list(csv.DictReader(file))) == 290


def test_every_mention_of_a_department_is_mapped_to_one_that_exists():
    entries, departments = shipped_entries(), shipped_departments()
    mentions = {entry["lead_dept"] for entry in entries}
    assert len(mentions) == 60
    for mention in mentions:
        assert department_code(mention) in departments
    for entry in entries:
        for mention in entry["co_depts"]:
            assert set(department_codes(mention)) <= set(departments)
    assert len({row.name for row in departments.values()}) == len(departments)
    assert all(row.name_en for row in departments.values())


def test_one_body_under_several_mentions_is_one_department():
    assert {department_code(text) for text in ("水行政(行政审批局)", "水行政", "建设单位(水行政监管)")} == {"slj"}
    assert department_codes("水电气热通信") == ["gsgs", "gdgs", "rqgs", "rlgs", "txgs"]


def test_every_expression_compiles_and_names_attributes_only():
    for entry in shipped_entries():
        for text in [entry["applicability"]["expr"], *(g["when"] for g in entry["prerequisites"] if "when" in g)]:
            assert compile_expression(text).names <= attributes().keys(), text


def test_every_material_has_review_points():
    for entry in shipped_entries():
        for row in requirements_of(entry["code"], entry["materials"]):
            assert 3 <= len(row.review_points) <= 6, row.name
            assert all(point.strip() for point in row.review_points)


@pytest.mark.parametrize(("entry", "key"), [
    ({"name": "消防设计文件", "source": "shared", "from_item": "B06"}, "result:B06"),
    ({"name": "申请人身份证明", "source": "e_licence", "licence": "营业执照"}, "licence:营业执照"),
    ({"name": "竣工图(电子)", "source": "intermediary"}, "竣工图"),
    ({"name": "工程竣工验收报告", "source": "applicant"}, "竣工验收报告"),
    ({"name": "申请书", "source": "online_form"}, "申请书@E19"),
    ({"name": "项目简介", "source": "online_form"}, "项目简介"),
])
def test_what_makes_materials_the_same(entry, key):
    assert same_as("E19", entry) == key


def test_a_name_in_brackets_only_stays():
    assert normalised("（附图）") == "(附图)"

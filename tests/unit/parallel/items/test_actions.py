import pytest

from engine.api import deploy, entries, unit_of_work
from parallel.items.actions import bind_process, draft_item, publish_item, resume_item, revise_item, suspend_item
from parallel.items.errors import CodeTaken, ItemInvalid, ItemNotFound, ItemNotOpen, ItemStatusWrong, ProcessNotDeployed
from parallel.items.queries import current_item, item_guide, open_item, versions_of
from tests.unit.parallel.items.prepared import MANAGER, MONDAY, WITH_CATALOGUE

pytestmark = [WITH_CATALOGUE, pytest.mark.usefixtures("app")]
ACT = {"by": MANAGER, "at": MONDAY}


def revise(code: str, **changes):
    return unit_of_work(lambda: revise_item(code, changes, **ACT))


@pytest.mark.parametrize(("code", "changes", "field"), [
    ("B02", {"promised_days": 21}, "promised_days"), ("B02", {"promised_days": -1}, "promised_days"),
    ("B02", {"applicability": "invest_type =="}, "applicability"), ("B02", {"applicability": "lnad_ha>1"}, "applicability"),
    ("B02", {"name": " "}, "name"),
    ("B02", {"item_type": "行政审批"}, "item_type"), ("B02", {"department_code": "nobody"}, "department_code"),
    ("B02", {"basic_code": "123"}, "basic_code"), ("B02", {"colour": "red"}, "colour"),
    ("B02", {"implementation_code": "1" * 23}, "implementation_code"),
    ("X00", {"prerequisites": [{"item": "C09"}]}, "prerequisites"),
    ("B02", {"materials": [{"name": "图", "source": "post", "required": True}]}, "materials"),
    ("B16", {"promised_days": 6}, "promised_days"),  # six working days may last eight calendar days, the law gives seven
])
def test_a_wrong_element_is_refused_and_named(code, changes, field):
    with pytest.raises(ItemInvalid) as caught:
        revise(code, **changes)
    assert caught.value.field == field
    assert current_item(code).version == 1


def test_the_same_again_makes_no_version():
    assert revise("B02", promised_days=3).version == 1


def test_other_elements_may_change_while_an_old_limit_is_wrong():
    assert revise("L05", note="见公示").version == 2  # its promise of 21 days exceeds the law's 20


def test_every_change_is_on_record():
    revise("B02", promised_days=2)
    last = list(entries("item:B02"))[-1]
    assert last.action == "revised" and b'"promised_days":3' in last.body and b'"promised_days":2' in last.body


def test_suspended_items_are_not_open_and_can_be_resumed():
    unit_of_work(lambda: suspend_item("B02", **ACT))
    with pytest.raises(ItemNotOpen):
        open_item("B02")
    with pytest.raises(ItemStatusWrong):
        unit_of_work(lambda: suspend_item("B02", **ACT))
    unit_of_work(lambda: resume_item("B02", **ACT))
    assert open_item("B02").status == "published"
    with pytest.raises(ItemNotFound):
        open_item("Z99")


def test_a_draft_is_published():
    entry = {"code": "Z01", "name": "新事项", "en": "New item", "type": "行政许可"}
    unit_of_work(lambda: draft_item(entry, "zrzy", "130200", **ACT))
    with pytest.raises(ItemNotOpen):
        open_item("Z01")
    unit_of_work(lambda: publish_item("Z01", **ACT))
    assert open_item("Z01").legal_days == 20
    assert item_guide("Z01").result_name == "新事项批复"
    with pytest.raises(ItemInvalid):
        unit_of_work(lambda: draft_item(entry, "zrzy", "130200", **ACT))


def test_one_basic_code_is_one_item_of_a_division_under_one_name_everywhere():
    code = current_item("B02").basic_code
    with pytest.raises(CodeTaken):
        revise("B01", basic_code=code)
    other = {"code": "Z02", "name": "别的名称", "type": "行政许可", "codes": {"basic": code}}
    with pytest.raises(ItemInvalid) as caught:
        unit_of_work(lambda: draft_item(other, "zrzy", "130202", **ACT))
    assert caught.value.field == "name"
    other["name"] = current_item("B02").name
    assert unit_of_work(lambda: draft_item(other, "zrzy", "130202", **ACT)).basic_code == code


def test_official_codes_are_no_demo_codes():
    revise("B02", basic_code="0104900000")
    assert not item_guide("B02").codes_are_demo and item_guide("B01").codes_are_demo


def test_a_process_is_bound_only_when_it_is_deployed():
    with pytest.raises(ProcessNotDeployed):
        unit_of_work(lambda: bind_process("B02", "own-process", **ACT))
    source = SIMPLE.replace("KEY", "own-process").encode()
    unit_of_work(lambda: deploy(source, file_name="own.bpmn", **ACT))
    unit_of_work(lambda: bind_process("B02", "own-process", **ACT))
    assert [row.process_key for row in versions_of("B02")] == ["own-process", "item-common"]


def test_a_guide_has_all_that_its_page_shows():
    guide = item_guide("B02")
    assert guide.department.name == "自然资源和规划局"
    assert (guide.kind.name, guide.stage_name, guide.result_name) == ("行政许可", "工程建设许可", "建设工程规划许可证及附图")
    assert guide.material_origins["L06"].name == "建设用地规划许可证核发"
    assert any(len(group.any_of) == 3 for group in guide.prerequisites)
    assert {"B16", "B18", "K02"} <= {link.code for link in guide.followers}
    assert guide.fee["charge"] and guide.special_procedures == ["听证", "公示"]
    assert [row.name for row in item_guide("B07").co_departments][0] == "供水公司"


SIMPLE = """<?xml version="1.0"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:b="http://binglian.org/schema/bpmn/1.0"
  targetNamespace="t"><process id="KEY" name="k" isExecutable="true">
  <startEvent id="s"><outgoing>f1</outgoing></startEvent>
  <userTask id="t" name="审查" b:candidateGroups="officer@zrzy"><incoming>f1</incoming><outgoing>f2</outgoing></userTask>
  <endEvent id="e"><incoming>f2</incoming></endEvent>
  <sequenceFlow id="f1" sourceRef="s" targetRef="t"/><sequenceFlow id="f2" sourceRef="t" targetRef="e"/>
</process></definitions>"""

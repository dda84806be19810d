"""CODE-1, CODE-2, CODE-4 and CODE-5 as the book states them."""
import pytest

from engine.api import unit_of_work
from parallel.items.actions import draft_item, revise_item
from parallel.items.codes import BasicCode, ImplementationCode, split_basic_code, split_implementation_code
from parallel.items.errors import CodeInvalid, CodeTaken, ItemInvalid
from parallel.items.item_types import item_type, types_of_class
from parallel.items.queries import current_item
from tests.unit.parallel.items.prepared import MANAGER, MONDAY, WITH_CATALOGUE

pytestmark = [WITH_CATALOGUE, pytest.mark.usefixtures("app")]


def revise(code: str, **changes):
    return unit_of_work(lambda: revise_item(code, changes, MANAGER, MONDAY))


@pytest.mark.req("CODE-1")
def test_basic_code():
    """校验: 长度10; 子项无→末三位000; 重复→拒绝."""
    assert split_basic_code("0101001000") == BasicCode(kind="01", main="01001", sub="000")
    assert str(BasicCode("01", "01001"))[-3:] == "000"
    for wrong in ("010100100", "01010010000"):
        with pytest.raises(CodeInvalid) as caught:
            revise("B02", basic_code=wrong)
        assert "10 位" in str(caught.value)
    assert revise("B02", basic_code="0199001000").basic_code == "0199001000"
    with pytest.raises(CodeTaken):
        revise("B01", basic_code="0199001000")
    assert current_item("B01").basic_code != "0199001000"


@pytest.mark.req("CODE-2")
def test_implementation_code():
    """6+3+3+9+1+2=24 拆分/拼装互逆; 第9位段允许字母; 县级无乡村→000000."""
    code = ImplementationCode(
        division="130283", town="101", village="202", organisation="MB2855918", body_kind="1", handling="01"
    )
    text = "130283" + "101" + "202" + "MB2855918" + "1" + "01"
    assert len(text) == 24 and str(code) == text and split_implementation_code(text) == code
    county = ImplementationCode(division="130283", organisation="00698845X")
    assert str(county)[6:12] == "000000" and str(county)[-2:] == "00"
    assert revise("B02", implementation_code=text).implementation_code == text
    with pytest.raises(CodeInvalid) as caught:
        revise("B02", implementation_code=text.replace("MB28", "M-28"))
    assert caught.value.segment == "organisation"


@pytest.mark.req("CODE-4")
def test_names_agree_under_one_basic_code():
    """同一基本编码下名称一致: a county that implements the item must use its name."""
    shared = current_item("B02")
    entry = {"code": "Z01", "name": "规划许可", "type": "行政许可", "codes": {"basic": shared.basic_code}}

    def draft():
        return unit_of_work(lambda: draft_item(entry, "zrzy", "130283", MANAGER, MONDAY))

    with pytest.raises(ItemInvalid) as caught:
        draft()
    assert caught.value.field == "name" and shared.name in str(caught.value)
    entry["name"] = shared.name
    assert draft().basic_code == shared.basic_code
    with pytest.raises(ItemInvalid):
        revise("Z01", name="规划许可")


@pytest.mark.req("CODE-5")
def test_item_types():
    """非枚举值→拒绝; ①5类、②≥9类可选."""
    with pytest.raises(ItemInvalid) as caught:
        revise("B02", item_type="行政审批")
    assert caught.value.field == "item_type"
    powers = [kind.name for kind in types_of_class("power") if kind.in_guide]
    services = [kind.name for kind in types_of_class("service") if kind.in_guide]
    assert powers == ["行政许可", "行政征收", "行政给付", "行政确认", "其他事项"]
    assert services == [
        "基本公共教育", "劳动就业服务", "社会保险", "基本社会服务", "基本医疗卫生", "人口和计划生育", "基本住房保障",
        "公共文化体育", "残疾人基本公共服务",
    ]
    for name in powers + services:
        assert revise("B02", item_type=name).item_type == name
        assert item_type(name).code.isdigit() and len(item_type(name).code) == 2

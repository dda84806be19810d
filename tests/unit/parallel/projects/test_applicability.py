import pytest

from parallel.projects.applicability import applicable_items, decide, deciding_facts
from tests.unit.parallel.projects.catalogue import items, scenario_values


def reason(code: str, **changes) -> str:
    values = scenario_values("S1") | changes
    return next(entry.reason_zh for entry in decide(items(), values) if entry.item.code == code)


@pytest.mark.parametrize(("code", "changes", "words"), [
    ("E02", {"energy_tce": 300},
     "年综合能耗 300 吨标准煤，低于 1,000 吨标准煤；年煤炭消费量 0 吨，低于 1,000 吨，不需要办理"),
    ("E02", {"energy_tce": 1200}, "年综合能耗 1,200 吨标准煤，达到 1,000 吨标准煤，需要办理"),
    ("X00", {}, "所有项目都要办理"),
    ("L01", {}, "立项方式为审批；供地方式为划拨；“新增建设用地”为“是”，需要办理"),
    ("X04", {}, "投资类型为政府投资，不是企业投资；立项方式为审批，不是核准，不需要办理"),
    ("L04", {"land_mode": "自有"}, "供地方式为自有建设用地，不是出让，不需要办理"),
    ("B01", {"project_class": "装饰装修"}, "项目类别为装饰装修，不需要办理"),
    ("C03B", {}, "“特殊建设工程（消防）”为“是”，不需要办理"),
])
def test_the_reason_says_which_facts_decided(code, changes, words):
    assert reason(code, **changes) == words


def test_every_item_has_a_reason_in_both_languages_and_it_agrees_with_the_decision():
    for name in ("S1", "S2", "S3", "S6"):
        values = scenario_values(name)
        decisions = decide(items(), values)
        assert len(decisions) == 101
        assert [entry.item for entry in decisions if entry.applies] == applicable_items(items(), values)
        for entry in decisions:
            assert entry.reason_zh.endswith("不需要办理") is not entry.applies, entry.item.code
            assert entry.reason_en


def test_another_spelling_of_the_language_is_decided_though_not_explained():
    assert deciding_facts("${land_ha > 1 && new_land}", scenario_values("S1")) == []

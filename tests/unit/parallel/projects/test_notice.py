from parallel.items.item_types import item_type
from parallel.projects.applicability import applicable_items
from parallel.projects.notice import SUPPLIER_NAMES, make_notice, project_notice
from tests.unit.parallel.projects.catalogue import item, items, scenario_values, scenarios


def material(notice, key: str):
    return next(entry for entry in notice.materials if entry.key == key)


def test_a_result_is_one_material_however_many_items_ask_for_it_and_is_never_handed_in():
    notice = project_notice(items(), scenario_values("S1"))
    permit = material(notice, "result:B02")
    assert permit.name == "建设工程规划许可证及附图"
    assert permit.supplier == "platform" and [row.code for row in permit.results_of] == ["B02"]
    assert {use.item.code for use in permit.uses} >= {"B12", "B16", "B18", "C00", "C01", "K01"}
    assert permit not in notice.to_hand_in


def test_the_result_of_another_kind_of_project_is_replaced_by_this_ones():
    """B02 asks for X02's 可研批复; a filed project has X05's 备案证 instead."""
    values = scenario_values("S2")
    notice = make_notice([item("B02")], values, applicable_items(items(), values))
    approval = material(notice, "result:X05")
    assert approval.name == "企业投资项目备案证" and [row.code for row in approval.results_of] == ["X05"]
    assert not [entry for entry in notice.materials if "X02" in entry.key]


def test_a_result_that_no_item_of_the_project_makes_is_not_asked_for():
    values = scenario_values("S6")  # fitting-out: no planning permit, no land
    notice = make_notice([item("B16")], values, applicable_items(items(), values))
    assert {entry.key for entry in notice.materials if entry.source == "shared"} == {
        "result:B06", "result:B12", "result:B13", "result:B15",
    }


def test_every_scenario_has_every_material_once_and_knows_its_supplier():
    for scenario in scenarios():
        notice = project_notice(items(), scenario_values(scenario["name"]))
        keys = [entry.key for entry in notice.materials]
        assert len(keys) == len(set(keys)) == notice.once < notice.asked
        assert sum(len(entry.uses) for entry in notice.materials) == notice.asked
        assert sum(notice.by_supplier.values()) == notice.once
        assert set(notice.by_supplier) <= set(SUPPLIER_NAMES)
        for entry in notice.materials:
            assert entry.review_points and entry.uses
            assert entry.supplier == "platform" or not entry.results_of


def test_what_one_item_requires_is_required():
    notice = project_notice(items(), scenario_values("S1"))
    bid = material(notice, "result:B11")  # optional for all that use it
    assert not bid.required and not bid.tolerable
    assert material(notice, "licence:不动产权证书").tolerable is False


def test_types_of_the_items_are_known():
    assert all(item_type(row.item_type) for row in items())

"""ITEM-2 and ITEM-9 as the book states them. ITEM-2's other half, a case that keeps its limit, is shown with cases."""
import pytest

from engine.api import unit_of_work
from parallel.items.actions import revise_item, suspend_item
from parallel.items.queries import current_item, search_items, versions_of
from tests.unit.parallel.items.prepared import MANAGER, MONDAY, WITH_CATALOGUE

pytestmark = [WITH_CATALOGUE, pytest.mark.usefixtures("app")]


@pytest.mark.req("ITEM-2")
def test_a_changed_promise_is_a_new_version_and_the_old_one_stays():
    """变更产生新版本: who holds the old version still reads the old limit, new ones read the new."""
    held = current_item("B02").id
    new = unit_of_work(lambda: revise_item("B02", {"promised_days": 2}, MANAGER, MONDAY))
    old = next(row for row in versions_of("B02") if row.id == held)
    assert (old.version, old.promised_days, old.is_current) == (1, 3, False)
    assert (new.version, new.promised_days, new.effective_at) == (2, 2, MONDAY)
    assert current_item("B02").id == new.id
    assert [row.name for row in old.requirements] == [row.name for row in new.requirements]


def codes(**conditions) -> list[str]:
    return [item.code for item in search_items(per_page=200, **conditions).rows]


@pytest.mark.req("ITEM-9")
def test_four_conditions_together_find_exactly_what_fits():
    """条件: 区域、部门、类型、状态; 四条件组合查询返回正确集合."""
    unit_of_work(lambda: suspend_item("B02", MANAGER, MONDAY))
    licences = {"division": "130200", "department": "zrzy", "item_type": "行政许可"}
    assert codes(**licences, status="published") == ["L01", "L06", "L05", "L06T", "L09", "L10", "K04"]
    assert codes(**licences, status="suspended") == ["B02"]
    assert codes(**licences) == ["L01", "L06", "L05", "L06T", "B02", "L09", "L10", "K04"]
    assert codes(**licences | {"department": "slj"}, status="published") == ["B25", "C15", "E04", "E05", "E06"]
    assert codes(**licences | {"division": "130000"}) == codes(**licences)  # the province takes in its cities
    assert codes(**licences | {"division": "130202"}) == []
    assert codes(**licences | {"item_type": "备案"}) == []


@pytest.mark.parametrize(("text", "found"), [
    ("施工许可", {"B16", "B22", "B24"}), ("jiansheyongdiguihua", {"L06"}), ("jsydghxkz", {"L06"}), ("b16", {"B16"}),
    ("fire", {"B09", "C03", "C03B"}), ("permit land-use", {"L06"}), ("100%", set()), ("_", set()), ("节能 验收", {"C07", "C19"}),
])
def test_text_is_found_in_name_code_english_pinyin_and_initials(text, found):
    assert set(codes(text=text)) == found


def test_pages():
    first, last = search_items(page=1, per_page=40), search_items(page=3, per_page=40)
    assert (first.total, first.pages, len(first.rows), len(last.rows)) == (101, 3, 40, 21)
    assert not {item.code for item in first.rows} & {item.code for item in last.rows}

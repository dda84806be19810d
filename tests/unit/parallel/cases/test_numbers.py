from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from engine.api import unit_of_work
from parallel.cases.numbers import (
    application_number,
    case_number,
    document_number,
    licence_number,
    next_in,
)

AT = datetime(2026, 3, 1, 17, 0, tzinfo=UTC)  # already 2 March in China


def in_unit(act):
    return unit_of_work(act)


def test_application_numbers_follow_the_convention_and_count_by_unit_and_day(app):
    first = in_unit(lambda: application_number("130200", {"zrzy"}, AT))
    assert first == "130200ZRZY20260302000001" and len(first) == 6 + 4 + 8 + 6
    assert in_unit(lambda: application_number("130200", {"zrzy"}, AT)).endswith("000002")
    assert in_unit(lambda: application_number("130200", {"fgw", "zrzy"}, AT)) == "130200ZHCK20260302000001"
    assert in_unit(lambda: application_number("130200", {"fgw"}, AT)) == "130200FGW020260302000001"
    assert case_number(first, 3) == f"{first}-03"


def test_a_number_given_and_rolled_back_is_given_again_and_never_twice(app):
    assert in_unit(lambda: next_in("x")) == 1
    with pytest.raises(ZeroDivisionError):
        in_unit(lambda: next_in("x") / 0)
    assert in_unit(lambda: [next_in("x"), next_in("x")]) == [2, 3]


@pytest.mark.parametrize(("name", "project_class", "number"), [
    ("建设工程规划许可证及附图", "房建", "建字第1302002026GG0000001号"),
    ("建设项目用地预审与选址意见书", "房建", "用字第1302002026XS0000001号"),
    ("建筑工程施工许可证", "市政", "130200202603020102"),
    ("可行性研究报告批复", None, "130200-X02-2026-000001"),
])
def test_licences_are_numbered_by_their_type(app, name, project_class, number):
    case = SimpleNamespace(
        item=SimpleNamespace(result_name=name), item_code="X02", application=SimpleNamespace(division_code="130200"))
    assert in_unit(lambda: licence_number(case, project_class, AT)) == number


def test_documents_have_numbers_of_their_own(app):
    assert in_unit(lambda: document_number("130200", "补正", AT)) == "130200补正〔2026〕000001号"

import pytest

from parallel.items.requirements import SOURCES
from parallel.materials.trust import Trust, trust_of, verified


@pytest.mark.parametrize(("source", "level", "verify"), [
    ("result", "A", False), ("e_licence", "C", True), ("applicant", "D", False), ("commitment", "D", False),
    ("intermediary", "D", True),  # 指南 C1: a report is D and must be checked
])
def test_levels_by_source(source, level, verify):
    assert trust_of(source) == Trust(level, verify)


def test_every_source_of_the_catalogue_has_a_level():
    assert {trust_of(source).level for source in SOURCES} <= set("ABCD")


@pytest.mark.parametrize(("before", "after"), [("A", "A"), ("B", "B"), ("C", "B"), ("D", "B")])
def test_verification_makes_b_of_what_is_less(before, after):
    trust = verified(Trust(before, before in "CD"))
    assert trust == Trust(after, False)

"""The table of requirements and the marker behind it."""
from tests.requirements import book, table

def test_the_book_has_its_355_requirements():
    assert len(book()) == 355 and "AUTH-1" in book() and "PARALLEL-INV-11" in book()


def test_every_requirement_has_a_row_and_those_without_a_test_a_dash():
    text = table({"AUTH-1": ["tests/b.py::test_b", "tests/a.py::test_a"]})
    assert "| AUTH-1 | " in text and "`tests/a.py::test_a`<br>`tests/b.py::test_b` |" in text
    assert text.count(" | — |") == 354 and "1 of 355" in text

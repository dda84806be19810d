import pytest
from hypothesis import given
from hypothesis import strategies as st

from parallel.items.codes import (
    BasicCode, ImplementationCode, demo_basic_code, demo_organisation_code, split_basic_code,
    split_implementation_code, with_check_digit,
)
from parallel.items.errors import CodeInvalid
from parallel.items.item_types import item_type
from parallel.items.loading import shipped_entries


@given(st.from_regex(r"\A[0-9]{10}\Z"))
def test_a_basic_code_splits_and_joins(text):
    assert str(split_basic_code(text)) == text


@given(st.from_regex(r"\A[1-9][0-9]{5}([0-9]{3}[1-9][0-9]{2}|[1-9][0-9]{2}000|000000)?\Z"),
       st.from_regex(r"\A[0-9A-Z]{9}\Z"), st.sampled_from("1239"), st.from_regex(r"\A[0-9]{2}\Z"))
def test_an_implementation_code_splits_and_joins(place, organisation, kind, handling):
    text = f"{place:0<12}{organisation}{kind}{handling}"
    if text[6:9] == "000" != text[9:12]:
        return
    assert str(split_implementation_code(text)) == text


@pytest.mark.parametrize(("text", "segment"), [
    ("010100100", "length"), ("01010010000", "length"), ("A101001000", "kind"), ("01O1001000", "main"),
    ("010100100X", "sub"), ("٠١٠١٠٠١٠٠٠", "kind"),
])
def test_a_wrong_basic_code_names_its_segment(text, segment):
    with pytest.raises(CodeInvalid) as caught:
        split_basic_code(text)
    assert caught.value.segment == segment


@pytest.mark.parametrize(("text", "segment"), [
    ("130200000000MDEMO0014400", "body_kind"), ("030200000000MDEMO0014100", "division"),
    ("13020000A000MDEMO0014100", "town"), ("13020000000AMDEMO0014100", "village"),
    ("130200000001MDEMO0014100", "village"), ("130200000000mDEMO0014100", "organisation"),
    ("130200000000MDEMO001410A", "handling"), ("130200000000MDEMO001410", "length"),
])
def test_a_wrong_implementation_code_names_its_segment(text, segment):
    with pytest.raises(CodeInvalid) as caught:
        split_implementation_code(text)
    assert caught.value.segment == segment


def test_defaults_are_those_of_a_county_or_higher_without_parts():
    assert str(ImplementationCode("130202", "000000000")) == "130202" + "000000" + "000000000" + "1" + "00"
    assert str(BasicCode("01", "01001")) == "0101001000"


@pytest.mark.parametrize(("body", "code"), [  # organisation codes inside real credit codes (codes.yaml, GB 11714)
    ("MB285591", "MB2855918"), ("00698845", "006988451"), ("00612224", "006122244"), ("00001333", "000013338"),
    ("MB032716", "MB0327169"),
])
def test_the_check_digit_is_that_of_gb_11714(body, code):
    assert with_check_digit(body) == code


def test_demo_codes_follow_their_rule():
    assert str(demo_basic_code("X01", "11")) == "1101001000"
    assert str(demo_basic_code("B10Z", "10")) == "1004010026"
    assert demo_organisation_code(1) == with_check_digit("MDEMO001")


def test_every_shipped_item_has_codes_of_its_own_marked_as_demo():
    entries = shipped_entries()
    assert len({entry["codes"]["basic"] for entry in entries}) == len(entries) == 101
    for entry in entries:
        assert entry["codes"]["demo"]
        assert split_basic_code(entry["codes"]["basic"]).kind == item_type(entry["type"]).code
        split_implementation_code(entry["codes"]["implementation"])

import pytest

from parallel.projects.codes import demo_project_code, is_demo_code, parse_project_code
from parallel.projects.errors import ProjectCodeInvalid


@pytest.mark.parametrize(("text", "form"), [
    ("2304-441900-04-01-135254", "current"), ("2106-440605-07-02-12345X", "current"),
    ("2511-130200-04-01-00001C", "current"), ("2017-330100-47-03-012345", "old"), ("2020-130200-47-03-000001", "old"),
])
def test_both_forms(text, form):
    code = parse_project_code(text)
    assert (code.form, str(code)) == (form, text)


@pytest.mark.parametrize(("text", "words"), [
    ("", "无码不受理"), ("2304-441900-04-01-13525", "24 位"), ("2304/441900/04/01/135254", "格式"),
    ("2313-441900-04-01-135254", "年月"), ("2300-441900-04-01-135254", "年月"), ("2304-041900-04-01-135254", "地区"),
    ("2017-330100-47-03-01234X", "数字"), ("２３04-441900-04-01-135254", "格式"),
])
def test_what_is_wrong_is_said(text, words):
    with pytest.raises(ProjectCodeInvalid, match=words):
        parse_project_code(text)


def test_demo_codes_are_well_formed_and_known_as_such():
    code = demo_project_code(7, "2511", "130200")
    assert str(code) == "2511-130200-04-01-00007C"
    assert is_demo_code(code) and not is_demo_code(parse_project_code("2304-441900-04-01-135254"))

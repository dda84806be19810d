"""Plans as their pages show them, and the draft that stays in the browser."""
from __future__ import annotations

from datetime import date

import pytest

from parallel.projects.attributes import attribute_groups, default_attributes
from tests.builders_cases import shipped
from webapp.projects.draft import COOKIE, Draft
from webapp.projects.planning import plan_page
from webapp.projects.schemas import DetailsSchema, load_facts

MONDAY = date(2026, 3, 2)


@pytest.mark.template("shipped", shipped)
def test_bars_stand_within_the_time_and_follow_what_they_wait_for(app):
    with app.test_request_context("/"):
        page = plan_page(default_attributes(), MONDAY)
        rows = {row.code: row for stage in page.stages for row in stage.rows}
        assert set(rows) == set(page.plan.items)
        for row in rows.values():
            assert 0 <= row.left < 100 and 0 < row.width and row.left + row.width <= 101
            for need in row.planned.needs:
                assert row.planned.start_on >= min(rows[code].planned.due_on for code in need.any_of)
        assert [row.code for row in page.critical] == page.plan.critical_path
        assert page.plan.critical_path_days < page.days_one_by_one
        assert len(page.not_needed) + page.count == 101


@pytest.mark.template("shipped", shipped)
def test_every_reason_is_told_in_both_languages(app):
    for language, not_needed in (("zh", "不"), ("en", "not needed")):
        with app.test_request_context("/", headers={"Cookie": f"language={language}"}):
            page = plan_page(default_attributes(), MONDAY)
            assert all(row.reason for stage in page.stages for row in stage.rows)
            assert all(not_needed in (d.reason_zh if language == "zh" else d.reason_en) for d in page.not_needed)


def test_a_whole_project_fits_into_the_draft(client):
    """Every answer other than the default, under the 4 KB that a browser keeps."""
    for group in attribute_groups():
        form = {row.name: "123456789" for row in group.attributes if row.kind == "number"}
        form |= {row.name: list(row.choices)[-1] for row in group.attributes if row.kind == "choice"}
        form |= {row.name: "1" for row in group.attributes if row.kind == "bool"}
        assert client.post(f"/plan/{group.name}", data=form).status_code == 302
    assert len(client.get_cookie(COOKIE).value) < 3000


def test_only_what_differs_from_the_defaults_is_kept():
    draft = Draft()
    draft.set_facts(default_attributes())
    assert draft.facts == {}
    draft.set_facts({"civil_building": True})
    draft.set_facts({"civil_building": False})
    assert draft.facts == {} and draft.values == default_attributes()


@pytest.mark.parametrize(("typed", "number"), [("5000", 5000), ("12,000", 12000), ("1 200.5", 1200.5), ("0", 0), ("３００", 300), ("-1", None), ("1e9", None), ("", None)])
def test_numbers_as_people_type_them(app, typed, number):
    group = next(group for group in attribute_groups() if group.name == "basics")
    form = {row.name: str(row.default) for row in group.attributes} | {"invest_wan": typed}
    with app.test_request_context("/"):
        facts, errors = load_facts(group, form)
    assert (facts.get("invest_wan"), "invest_wan" in errors) == (number, number is None)


def test_codes_are_trimmed_and_written_large(app):
    with app.test_request_context("/"):
        loaded = DetailsSchema({"130200"}).load({
            "name": " 新建工程 ", "organisation": "市教育局", "organisation_code": " 91130202 maay4cl12t", "division_code": "130200", "code": "",
        })
    assert loaded["organisation_code"] == "91130202MAAY4CL12T" and loaded["name"] == "新建工程"

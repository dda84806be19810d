"""The item manager's room: a version for every change, faults at their fields, differences, codes, and who may enter."""
from __future__ import annotations

import re

import pytest

from engine.api import db, unit_of_work
from parallel.items.actions import revise_item
from parallel.items.queries import current_item, versions_of
from tests.builders import build_staff, fill_catalogue
from tests.conftest import NOON
from webapp.items.comparing import differences
from webapp.items.forms import material_rows, values_of

pytestmark = pytest.mark.template("catalogue", fill_catalogue)


@pytest.fixture
def manager(app, login, clock):
    return login(app.test_client(), build_staff("manager", "item_manager").id)


def form_of(code: str, **changes) -> dict:
    """What a browser would send of the edit page when nothing was touched, and then the changes."""
    item = current_item(code)
    data = {name: "" if value is None else str(value) for name, value in values_of(item).items()} | {"version": str(item.version)}
    for number, row in enumerate(material_rows(item)):
        data |= {f"m-{number}-{name}": str(row[name]) for name in ("index", "name", "source", "from_item", "original", "copy", "electronic")}
        data |= {f"m-{number}-{name}": "1" for name in ("required", "tolerable") if row[name]}
    db.session.rollback()
    return {**data, **changes}


def fresh(code: str):
    db.session.rollback()
    return current_item(code)


def test_nothing_touched_makes_no_version(manager):
    answer = manager.post("/staff/items/B02/edit", data=form_of("B02"))
    assert answer.status_code == 302 and fresh("B02").version == 1


def test_limits_conditions_and_materials_make_one_new_version(manager):
    new = len(material_rows(current_item("B02"))) - 2
    changes = {"promised_days": "7", "conditions": "城镇规划区内", "m-2-remove": "1", f"m-{new}-name": "日照分析报告", f"m-{new}-source": "intermediary"}
    answer = manager.post("/staff/items/B02/edit", data=form_of("B02", **changes))
    assert answer.headers["Location"].startswith("/staff/items/B02/compare")
    item = fresh("B02")
    names = [row.name for row in item.requirements]
    assert (item.version, item.promised_days, item.body["applicability"]["text"]) == (2, 7, "城镇规划区内")
    assert "建设用地规划许可证" not in names and names[-1] == "日照分析报告"
    assert item.body["codes"]["demo"] is True and item.body["materials"][1]["from_item"] == "X02"
    page = manager.get(answer.headers["Location"]).text
    assert re.search(r"<del>3 个工作日</del>.*<ins>7 个工作日</ins>", page, re.S) and "<ins>日照分析报告" in page and "<del>建设用地规划许可证" in page
    assert "第 2 版" in manager.get("/staff/items/B02").text


@pytest.mark.parametrize("changes, field", [
    ({"promised_days": "99"}, "promised_days"), ({"promised_days": "三天"}, "promised_days"), ({"legal_days": "-1"}, "legal_days"),
    ({"legal_days": "1000"}, "legal_days"), ({"name": " "}, "name"), ({"applicability": "land_ha >"}, "applicability"),
    ({"applicability": ""}, "applicability"), ({"basic_code": "12"}, "basic_code"), ({"basic_code": "01010010AA"}, "basic_code"),
    ({"implementation_code": "1"}, "implementation_code"), ({"m-0-name": ""}, "m-0-name"), ({"m-0-copy": "x"}, "m-0-name"),
    ({"m-0-source": "moon"}, "m-0-name"), ({"m-1-from_item": ""}, "m-1-name"), ({"m-0-name": "划拨决定书"}, "materials"),
])
def test_a_fault_stands_at_its_field_and_nothing_typed_is_lost(manager, changes, field):
    answer = manager.post("/staff/items/B02/edit", data=form_of("B02", conditions="打了很多字", **changes))
    assert answer.status_code in (409, 422) and fresh("B02").version == 1
    assert f'href="#f-{field}"' in answer.text and f'id="f-{field}"' in answer.text and "打了很多字" in answer.text


def test_a_taken_basic_code_is_refused(manager):
    taken = current_item("B01").basic_code
    answer = manager.post("/staff/items/B02/edit", data=form_of("B02", basic_code=taken))
    assert answer.status_code == 409 and "已被事项" in answer.text and 'href="#f-basic_code"' in answer.text


def test_who_saves_an_old_version_is_told(manager):
    old = form_of("B02", promised_days="8")
    unit_of_work(lambda: revise_item("B02", {"promised_days": 6}, by="staff:other", at=NOON))
    answer = manager.post("/staff/items/B02/edit", data=old)
    assert answer.status_code == 422 and "别人刚刚改出了第 2 版" in answer.text and fresh("B02").promised_days == 6


def test_status_changes_and_impossible_ones_are_said(manager):
    assert "已停用" in manager.post("/staff/items/B02/status/suspend", follow_redirects=True).text
    assert "不能改为" in manager.post("/staff/items/B02/status/publish", follow_redirects=True).text
    assert fresh("B02").status == "suspended"
    assert manager.post("/staff/items/B02/status/resume").status_code == 302 and fresh("B02").status == "published"
    assert manager.post("/staff/items/B02/status/burn").status_code == 404
    assert manager.post("/staff/items/none/status/suspend").status_code == 404


def test_codes_are_explained_by_segments(manager):
    page = manager.get("/staff/items/B02").text
    parts = re.findall(r"<li><b>(\w+)</b><small>(\S+?)</small>", page)
    assert [part for part, _ in parts[:3]] == ["01", "04002", "000"] and [len(part) for part, _ in parts[3:]] == [6, 3, 3, 9, 1, 2]
    assert "唐山市" in page and "法定机关" in page


def test_versions_are_compared_field_by_field(manager):
    unit_of_work(lambda: revise_item("B02", {"promised_days": 6}, by="staff:manager", at=NOON))
    unit_of_work(lambda: revise_item("B02", {"name_en": "Permit", "special_procedures": ["听证"]}, by="staff:manager", at=NOON))
    third, second, first = versions_of("B02")
    assert [each.label for each in differences(first, second)] == ["承诺时限"]
    assert [each.label for each in differences(second, third)] == ["英文名称", "特别程序"] and differences(first, first) == []
    assert "两版内容相同" in manager.get("/staff/items/B02/compare?before=2&after=2").text
    assert manager.get("/staff/items/B02/compare?before=1&after=9").status_code == 404
    assert manager.get("/staff/items/none/compare").status_code == 404


def test_pages_open_whatever_is_asked(manager):
    for address in ("/staff/items/?page=99&q=%25_&type=x", "/staff/items/?page=-1", "/staff/items/X00", "/staff/items/X00/edit", "/staff/items/X00/compare"):
        assert manager.get(address).status_code == 200
    assert manager.get("/staff/items/none").status_code == 404 and manager.get("/staff/items/none/edit").status_code == 404
    manager.set_cookie("language", "en")
    assert "Construction planning permit" in manager.get("/staff/items/B02").text


def test_only_item_managers_enter(app, login, clock):
    designer = login(app.test_client(), build_staff("designer", "process_designer").id)
    for address in ("/staff/items/", "/staff/items/B02", "/staff/items/B02/edit", "/staff/items/B02/compare"):
        assert designer.get(address).status_code == 403
    for address in ("/staff/items/B02/edit", "/staff/items/B02/status/suspend", "/staff/items/B02/process"):
        assert designer.post(address).status_code == 403

from datetime import timedelta

import pytest
import yaml

from engine.api import db, unit_of_work
from parallel.items.actions import revise_item
from parallel.items.loading import CATALOGUE, load_catalogue
from parallel.items.models import Department, Division, MaterialRequirement, Prerequisite, ServiceItem
from parallel.items.queries import current_item, versions_of
from tests.unit.parallel.items.prepared import MANAGER, MONDAY, WITH_CATALOGUE

pytestmark = [WITH_CATALOGUE, pytest.mark.usefixtures("app")]


def reload(path=CATALOGUE):
    return unit_of_work(lambda: load_catalogue(MONDAY + timedelta(days=1), MANAGER, path))


def count(model) -> int:
    return db.session.scalar(db.select(db.func.count()).select_from(model))


def changed_file(tmp_path, change):
    file = yaml.safe_load(CATALOGUE.read_text(encoding="utf-8"))
    change({entry["code"]: entry for entry in file["items"]})
    path = tmp_path / "items.yaml"
    path.write_text(yaml.safe_dump(file, allow_unicode=True), encoding="utf-8")
    return path


def test_everything_is_there():
    assert (count(ServiceItem), count(MaterialRequirement), count(Prerequisite)) == (101, 378, 192)
    assert (count(Division), count(Department)) == (3210, 42)
    item = current_item("B02")
    assert (item.version, item.status, item.department_code, item.legal_days, item.promised_days) == (
        1, "published", "zrzy", 20, 3)


def test_loading_again_changes_nothing():
    report = reload()
    assert (report.new, report.changed, len(report.unchanged)) == ([], [], 101)
    assert (report.departments, report.divisions) == (0, 0)
    assert count(ServiceItem) == 101


def test_a_promise_longer_than_the_law_is_reported():
    assert [text[:3] for text in reload().warnings] == ["L05"]


def test_a_changed_entry_makes_a_new_version_and_the_old_one_stays(tmp_path):
    path = changed_file(tmp_path, lambda entries: entries["B02"]["promise_limit"].update(days=2))
    report = reload(path)
    assert (report.changed, len(report.unchanged)) == (["B02"], 100)
    new, old = versions_of("B02")
    assert (new.version, new.promised_days, new.is_current) == (2, 2, True)
    assert (old.version, old.promised_days, old.is_current) == (1, 3, False)
    assert len(old.requirements) == len(new.requirements) > 0


def test_a_new_entry_is_added(tmp_path):
    def change(entries):
        entries["X00"] |= {"code": "X99", "name": "新事项"}

    assert reload(changed_file(tmp_path, change)).new == ["X99"]


def test_what_an_item_manager_changed_is_left_alone():
    unit_of_work(lambda: revise_item("B02", {"promised_days": 2}, MANAGER, MONDAY))
    assert reload().changed == []
    assert (current_item("B02").version, current_item("B02").promised_days) == (2, 2)

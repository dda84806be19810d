"""The window's queue and search, and what a stranger's file may do when it is looked at."""
from __future__ import annotations

import pytest

from engine.api import db
from parallel.cases import actions
from parallel.materials.actions import UploadedFile
from parallel.materials.models import FileAccess, Material, StoredFile
from parallel.materials.queries import asked_materials
from tests.builders import build_account, build_staff
from tests.builders_cases import ZHANG, shipped
from webapp.principal import OFFICER
from webapp.storage import storage
from webapp.window import queue
from webapp.materials.files import is_shown_inline

pytestmark = pytest.mark.template("shipped", shipped)
PDF = b"%PDF-1.7\n%a small paper\n"


def stored(name: str, media_type: str, content: bytes = PDF) -> UploadedFile:
    kept = storage().put(content)
    return UploadedFile(kept.sha256, kept.size, media_type, name)


class TestQueue:
    def test_each_state_has_its_tab_and_the_oldest_comes_first(self, hall, desk):
        filed = [hall.file(hall.project(), "L02") for _ in range(4)]
        hall.do(actions.pre_accept, filed[1], by="staff:clerk")
        hall.do(actions.refuse_application, filed[2], "不属于本机关职权范围", by="staff:clerk")
        browser = desk()
        pages = {tab.key: browser.get(f"/window?tab={tab.key}").text for tab in queue.TABS}
        shown = {key: [each.id for each in filed if f"/window/{each.id}?" in page] for key, page in pages.items()}
        assert shown == {
            "submitted": [filed[0].id, filed[3].id], "pre_accepted": [filed[1].id], "corrected": [], "correcting": [],
            "accepted": [], "refused": [filed[2].id],
        }
        assert pages["submitted"].index(f"/window/{filed[0].id}?") < pages["submitted"].index(f"/window/{filed[3].id}?")

    def test_search_finds_by_applicant_project_and_pinyin_in_every_tab(self, hall, desk):
        application = hall.file(hall.project(), "L02")
        hall.do(actions.pre_accept, application, by="staff:clerk")
        browser = desk()
        for words in ("张三", "第一中学", "xinxiaoqu", application.number[:12], "张三 第一中学"):
            assert f"/window/{application.id}?" in browser.get("/window", query_string={"q": words}).text, words
        for words in ("李四", "%", "_"):
            assert f"/window/{application.id}?" not in browser.get("/window", query_string={"q": words}).text, words

    def test_of_several_of_one_person_the_corrected_one_opens(self, hall, desk):
        first, second = hall.file(hall.project(), "L02"), hall.file(hall.project(), "L02")
        browser = desk()
        assert browser.get(f"/window?q={first.applicant_id_number}").status_code == 200  # two: let the clerk choose
        hall.do(actions.request_correction, second, [{"field": "site", "reason": "请写明"}], by="staff:clerk")
        hall.do(actions.submit_correction, second, by=second.applicant)
        assert f"/window/{second.id}" in browser.get(f"/window?q={first.applicant_id_number}").location

    def test_the_queue_alone_is_what_live_pages_reload(self, hall, desk):
        application = hall.file(hall.project(), "L02")
        fragment = desk().get("/window?tab=submitted", headers={"X-Fragment": "1"}).text
        assert f'id="row-{application.id}"' in fragment and "<html" not in fragment
        assert 'data-live-topic="group:window_clerk"' in fragment

    @pytest.mark.parametrize("address", ["/window?page=abc", "/window?page=-3", "/window?page=99999", "/window?tab=none&q=%00"])
    def test_a_strange_address_is_no_fault(self, hall, desk, address):
        assert desk().get(address).status_code == 200

    def test_only_clerks_come_in(self, app, client, login, hall, clock):
        assert client.get("/window").status_code == 302  # to the door
        officer = login(app.test_client(), build_staff("o", OFFICER, department="zrzy").id)
        assert officer.get("/window").status_code == 403
        assert officer.get("/window/999").status_code == 404


class TestTicks:
    def test_ticks_that_name_nothing_are_left_out_and_one_may_be_taken_back(self, hall, site, desk):
        application = hall.file(site, "L01")
        browser, here = desk(), f"/window/{application.id}/ticks"
        browser.post(here, data={"point": ["0.0", "0.1", "0.999", "77.0", "x", "1.x"]})
        db.session.rollback()
        db.session.refresh(application)
        assert sum(map(len, application.checks.values())) == 2
        browser.post(here, data={})
        db.session.rollback()
        db.session.refresh(application)
        assert sum(map(len, application.checks.values())) == 0

    def test_an_original_is_checked_off(self, hall, site, desk):
        application = hall.file(site, "L01")
        browser = desk()
        material = db.session.scalar(db.select(Material).filter_by(application_id=application.id))
        assert browser.post(f"/window/{application.id}/verify/{material.id}", data={"place": "0"}).status_code == 302
        other = hall.file(hall.project(), "L02")
        assert browser.post(f"/window/{other.id}/verify/{material.id}").status_code == 404


class TestFiles:
    @pytest.fixture
    def handed_in(self, hall, site):
        """An application with a PDF and a drawing that no browser shows."""
        application = hall.draft(site, "L01")
        keys = [entry.key for entry in asked_materials(application) if entry.is_missing]
        found = {"pdf": hall.hand_in(application, keys[0], stored("报告 一.pdf", "application/pdf")).id}
        found["dwg"] = hall.hand_in(application, keys[1], stored("图.dwg", "image/vnd.dwg", b"AC1032 drawing")).id
        hall.hand_in_all(application)
        hall.submit(application)
        return found

    def test_a_paper_opens_beside_the_form_and_can_do_nothing_there(self, handed_in, desk):
        answer = desk().get(f"/materials/{handed_in['pdf']}")
        assert answer.status_code == 200 and answer.data == PDF and answer.mimetype == "application/pdf"
        assert answer.headers["Content-Security-Policy"].startswith("sandbox;")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Disposition"].startswith("inline")
        assert "filename*=UTF-8''" in answer.headers["Content-Disposition"]

    def test_what_no_browser_shows_is_downloaded(self, handed_in, desk):
        browser = desk()
        for address in (f"/materials/{handed_in['dwg']}", f"/materials/{handed_in['pdf']}/download"):
            assert browser.get(address).headers["Content-Disposition"].startswith("attachment")
        assert browser.get(f"/materials/{handed_in['dwg']}").mimetype == "application/octet-stream"

    @pytest.mark.parametrize("media_type", ["text/html", "image/svg+xml", "application/xhtml+xml", "text/plain"])
    def test_nothing_that_can_hold_a_script_is_shown(self, media_type):
        assert not is_shown_inline(Material(file=StoredFile(media_type=media_type)))

    def test_each_look_is_on_record_once(self, handed_in, desk):
        browser = desk()
        browser.get(f"/materials/{handed_in['pdf']}")
        browser.get(f"/materials/{handed_in['pdf']}", headers={"Range": "bytes=0-3"})
        browser.head(f"/materials/{handed_in['pdf']}")
        browser.get(f"/materials/{handed_in['pdf']}/download")
        rows = db.session.scalars(db.select(FileAccess).filter_by(material_id=handed_in["pdf"]).order_by(FileAccess.id))
        assert [(row.action, row.by) for row in rows] == [
            ("upload", ZHANG), ("view", "staff:chuangkou"), ("download", "staff:chuangkou")]

    def test_strangers_and_departments_without_a_case_do_not_see_it(self, app, client, login, handed_in, clock):
        address = f"/materials/{handed_in['pdf']}"
        assert client.get(address).status_code == 302
        build_account("li")
        for account in ("public:li", build_staff("o-sthj", OFFICER, department="sthj").id):
            assert login(app.test_client(), account).get(address).status_code == 404
        assert login(app.test_client(), build_account("zhang").id).get(address).status_code == 200

    def test_a_missing_file_is_said_and_is_no_fault(self, hall, site, desk):
        application = hall.file(site, "L01")
        material = db.session.scalar(db.select(Material).filter_by(application_id=application.id))
        assert desk().get(f"/materials/{material.id}").status_code == 404

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from flask import Flask
from flask_babel import Babel, force_locale, lazy_gettext

from webapp import formats
from webapp.assets import asset

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)  # 12:00 in China


@pytest.fixture
def request_context():
    app = Flask(__name__)
    Babel(app, default_locale="zh")
    with app.test_request_context("/tasks?sort=due&page=3&tag=a&tag=b"):
        yield


@pytest.mark.usefixtures("request_context")
class TestChinese:
    def test_dates(self):
        assert formats.zh_date(date(2026, 11, 23)) == "2026年11月23日(周一)"
        assert formats.short_date(date(2026, 12, 1), today=date(2026, 11, 23)) == "12月1日"
        assert formats.short_date(date(2027, 1, 4), today=date(2026, 11, 23)) == "2027年1月4日"
        assert formats.date_time(NOON) == "2026年11月23日 12:00"
        assert formats.date_time("2026-11-23T04:00:00+00:00") == "2026年11月23日 12:00"
        assert formats.zh_date("2026-11-23") == "2026年11月23日(周一)"
        assert formats.zh_date(None) == formats.date_time(None) == formats.short_date(None) == ""

    def test_the_day_is_the_day_in_china(self):
        assert formats.zh_date(datetime(2026, 11, 22, 17, 0, tzinfo=UTC)) == "2026年11月23日(周一)"

    @pytest.mark.parametrize(
        ("passed", "reads"),
        [
            (timedelta(seconds=20), "刚刚"),
            (timedelta(minutes=5), "5 分钟前"),
            (timedelta(hours=3, minutes=59), "3 小时前"),
            (timedelta(days=2), "2 天前"),
            (timedelta(days=7), "11月16日"),
            (timedelta(days=-1), "11月24日"),
        ],
    )
    def test_relative(self, passed, reads, monkeypatch):
        monkeypatch.setattr(formats, "short_date", lambda value: formats._date(value, year=False))
        assert formats.relative(NOON - passed, now=NOON) == reads

    @pytest.mark.parametrize(
        ("span", "reads"),
        [
            (timedelta(seconds=3), "1 分钟"),
            (timedelta(hours=1, minutes=30), "1 小时 30 分钟"),
            (timedelta(days=2, hours=3, minutes=9), "2 天 3 小时"),
            (timedelta(days=2), "2 天"),
        ],
    )
    def test_duration(self, span, reads):
        assert formats.duration(span) == reads

    @pytest.mark.parametrize(
        ("number", "state", "reads"),
        [
            (6, "running", "剩 6 个工作日"),
            (0, "due_soon", "今天到期"),
            (-2, "overdue", "超期 2 个工作日"),
            (9, "suspended", "计时暂停"),
            (None, "running", "到期"),
            (None, "done", "按时办结"),
        ],
    )
    def test_days_left(self, number, state, reads):
        assert formats.days_left(number, state) == reads

    def test_amounts(self):
        assert formats.working_days(20) == "20 个工作日"
        assert formats.money(Decimal("1234.5")) == "¥1,234.50"
        assert formats.money(0) == "免费"
        assert formats.grouped(12345) == "12,345"

    @pytest.mark.parametrize(("size", "reads"), [(1, "1 B"), (1536, "1.5 KB"), (5 * 2**20, "5.0 MB"), (2**41, "2048.0 GB")])
    def test_file_size(self, size, reads):
        assert formats.file_size(size) == reads

    def test_sentences_of_a_field(self):
        later = lazy_gettext("必填")
        assert formats.sentences(later) == [later]
        assert formats.sentences(["必填", "太长"]) == ["必填", "太长"]

    def test_url_with_changes_one_argument_and_keeps_the_others(self):
        assert formats.url_with(page=4) == "/tasks?sort=due&tag=a&tag=b&page=4"
        assert formats.url_with(page=None, sort=None, tag=None) == "/tasks"


@pytest.mark.usefixtures("request_context")
def test_english_dates():
    with force_locale("en"):
        assert formats.zh_date(date(2026, 11, 23)) == "23 Nov 2026"
        assert formats.date_time(NOON) == "23 Nov 2026, 12:00"
        assert formats.short_date(date(2026, 12, 1), today=date(2026, 11, 23)) == "1 Dec"


def test_asset_loads_styles_and_imports_of_an_entry(tmp_path):
    (tmp_path / ".vite").mkdir()
    manifest = {
        "src/app.js": {"file": "assets/app-1.js", "css": ["assets/app-1.css"], "imports": ["_words.js"]},
        "_words.js": {"file": "assets/words-1.js", "imports": ["_dom.js"]},
        "_dom.js": {"file": "assets/dom-1.js"},
    }
    (tmp_path / ".vite" / "manifest.json").write_text(json.dumps(manifest))
    assert asset("app", tmp_path).split("\n") == [
        '<link rel="stylesheet" href="/static/dist/assets/app-1.css">',
        '<link rel="modulepreload" href="/static/dist/assets/dom-1.js">',
        '<link rel="modulepreload" href="/static/dist/assets/words-1.js">',
        '<script type="module" src="/static/dist/assets/app-1.js"></script>',
    ]


def test_asset_without_a_built_front_end_leaves_pages_readable(tmp_path):
    assert asset("app", tmp_path) == ""

"""The English catalogue is complete and faithful, and an English page says nothing in Chinese but names."""
from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import yaml
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask.testing import FlaskClient

from parallel.items.loading import shipped_entries
from tests.builders_cases import shipped
from tests.databases import close, make_app

ROOT = Path(__file__).parents[3]
ENGLISH = ROOT / "webapp" / "translations" / "en" / "LC_MESSAGES" / "messages.po"
REVIEW_POINTS = ROOT / "parallel" / "items" / "catalogue" / "review_points.yaml"
CHINESE = re.compile(r"[\u3400-\u9fff]")
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|\{\w*\}|%%")

PAGES = ["/", "/items", "/items/B16", "/plan", "/track", "/login", "/staff/login"]
# What an English page may say in Chinese:
PROPER_NAMES = {"并联", "中文", "唐山市"}  # the platform's name, the switch of languages, a division
ENTRIES_SHOWN = {"/items/B16": "B16"}  # and what the catalogue says of this item: conditions, materials, review points, laws


def read_catalogue() -> Catalog:
    with ENGLISH.open("rb") as file:
        return read_po(file, locale="en")


@pytest.fixture(scope="module")
def english() -> Catalog:
    return read_catalogue()


@pytest.fixture(scope="module")
def extracted() -> set[Any]:
    """What `make translations` collects: a sentence, or singular and plural."""
    with (ROOT / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)
    keywords = {"_": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2)}
    found = extract_from_dir(ROOT, methods, options, keywords, directory_filter=lambda folder: "node_modules" not in folder)
    return {message for _, _, message, _, _ in found}


def test_every_sentence_has_its_english(english: Catalog, extracted: set[Any]):
    assert len(extracted) > 1000
    told = {one if isinstance(one, str) else one[0] for one in extracted}
    missing = [one for one in sorted(told) if not (found := english.get(one)) or not all(_forms(found.string))]
    assert not missing, f"without English (make translations, then {ENGLISH.name}): {missing}"
    assert not [message.id for message in english if message.id and "fuzzy" in message.flags]


def test_the_catalogue_holds_nothing_that_is_no_longer_said(english: Catalog, extracted: set[Any]):
    told = {one if isinstance(one, str) else one[0] for one in extracted}
    assert not [one.id for one in english if one.id and _forms(one.id)[0] not in told]


def test_the_english_keeps_the_placeholders_and_is_english(english: Catalog):
    for message in english:
        if message.id:
            for form in _forms(message.string):
                assert set(PLACEHOLDER.findall(form)) == set(PLACEHOLDER.findall(_forms(message.id)[0])), message.id
                assert not CHINESE.search(form), message.id


def _forms(words: Any) -> tuple[str, ...]:
    return (words,) if isinstance(words, str) else tuple(words)


@pytest.fixture
def browser(database_url: str, tmp_path: Path) -> Iterator[FlaskClient]:
    """A browser of an application that speaks the catalogue as it stands, not as somebody compiled it last."""
    compiled = tmp_path / "translations" / "en" / "LC_MESSAGES"
    compiled.mkdir(parents=True)
    with (compiled / "messages.mo").open("wb") as file:
        write_mo(file, read_catalogue())
    app = make_app(database_url, tmp_path / "data", BABEL_TRANSLATION_DIRECTORIES=str(tmp_path / "translations"))
    yield app.test_client()
    close(app)


class Said(HTMLParser):
    """What a page tells people: its texts, and the attributes that are shown or read out."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.said: list[str] = []
        self.silent = False
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.silent = tag in {"script", "style"}
        self.said += [value or "" for name, value in attributes if name in {"title", "alt", "placeholder", "aria-label"}]

    def handle_endtag(self, tag: str) -> None:
        self.silent = False

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.said.append(data.strip())


def chinese(page: str) -> list[str]:
    return [text for text in Said(page).said if CHINESE.search(text)]


@pytest.mark.template("shipped", shipped)
@pytest.mark.parametrize("address", PAGES)
def test_public_pages_are_english_in_english_and_chinese_in_chinese(browser: FlaskClient, address: str):
    answer = browser.get(address)
    assert answer.status_code == 200 and 'lang="zh-CN"' in answer.text and len(chinese(answer.text)) > 10
    browser.set_cookie("language", "en")
    page = browser.get(address).text
    assert '<html lang="en"' in page
    data = PROPER_NAMES | set(_texts(_data(ENTRIES_SHOWN.get(address))))
    assert [text for text in chinese(page) if not _is_data(text, data)] == []


def _data(code: str | None) -> list[Any]:
    rules = yaml.safe_load(REVIEW_POINTS.read_text(encoding="utf-8"))["rules"]
    return [[entry, rules] for entry in shipped_entries() if entry["code"] == code]


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _texts(each)


def _is_data(text: str, data: set[str]) -> bool:
    """Whether nothing Chinese is left of a text when the data's own words are taken out."""
    for one in sorted(data, key=len, reverse=True):
        text = text.replace(one, "")
    return not CHINESE.search(text)

"""Files from outside: what is read, what is refused, and that nothing else happens."""

import io
import time
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bpmn import ProcessRefused, check_file, parse
from bpmn.layout import add_layout
from bpmn.source import MAX_BYTES, read_source
from tests.unit.bpmn.drawing import line, user

GOOD = line(user("受理", name="受理", binglian_candidateGroups="window_clerk"))
TEXT = GOOD.decode()
ENTITIES = "".join(f'<!ENTITY a{n + 1} "{f"&a{n};" * 10}">' for n in range(9))


def declared(encoding, text=TEXT):
    return text.replace('encoding="UTF-8"', f'encoding="{encoding}"')


def zipped():
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("a.bpmn", GOOD)
    return archive.getvalue()


def with_document_type(declaration, text=TEXT):
    return text.replace("?>\n", f"?>\n{declaration}\n", 1)


HOSTILE = {
    "empty": (b"", "empty_file"),
    "blank": (b" \n\t ", "empty_file"),
    "5 MB": (GOOD + b" " * 5_000_000, "file_too_large"),
    "zip": (zipped(), "not_xml"),
    "png": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "wrong_encoding"),
    "nothing but text": (b"hello", "not_xml"),
    "cut off": (GOOD[:-30], "not_xml"),
    "two roots": (GOOD + b"<a/>", "not_xml"),
    "zero bytes": (b"\x00" * 1000, "not_xml"),
    "html": (b"<html><body/></html>", "not_bpmn"),
    "dmn": (b'<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/"/>', "not_bpmn"),
    "no namespace": (b"<definitions/>", "not_bpmn"),
    "html with a doctype": (b"<!DOCTYPE html><html/>", "document_type"),
    "external entity": (
        with_document_type('<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>')
        .replace('name="流程"', 'name="&x;"')
        .encode(),
        "document_type",
    ),
    "external document type": (with_document_type('<!DOCTYPE d SYSTEM "http://x/d.dtd">').encode(), "document_type"),
    "entity bomb": (
        with_document_type(f'<!DOCTYPE d [<!ENTITY a0 "ha">{ENTITIES}]>').replace("流程", "&a9;").encode(),
        "document_type",
    ),
    "doctype after comments": (
        with_document_type('<!-- a --><?b c?> <!-- <x> -->\n<!DOCTYPE d [<!ENTITY x "y">]>').encode(),
        "document_type",
    ),
    "doctype in UTF-16": (
        declared("UTF-16", with_document_type('<!DOCTYPE d [<!ENTITY x "y">]>')).encode("utf-16"),
        "document_type",
    ),
    "doctype in UTF-16 without a mark": (
        with_document_type('<!DOCTYPE d [<!ENTITY x "y">]>').encode("utf-16-be"),
        "document_type",
    ),
    "doctype in UTF-7": (
        declared("UTF-7", with_document_type("<!DOCTYPE d>")).encode("ascii", "xmlcharrefreplace"),
        "unknown_encoding",
    ),
    "unknown entity": (TEXT.replace("流程", "&unknown;").encode(), "not_xml"),
    "deep": (
        TEXT.replace(
            "<bpmn:userTask", "<bpmn:subProcess>" * 120 + "</bpmn:subProcess>" * 120 + "<bpmn:userTask"
        ).encode(),
        "too_deep",
    ),
    "very deep": (b"<a>" * 200_000 + b"</a>" * 200_000, "not_xml"),
    "many attributes": (b"<a " + b" ".join(b'a%d=""' % n for n in range(150_000)) + b"/>", "not_bpmn"),
    "GBK, not declared": (TEXT.encode("gbk"), "wrong_encoding"),
    "GBK, declared and broken": (declared("GBK").encode("gbk") + b"\xff\xff", "wrong_encoding"),
    "made-up encoding": (declared("x-klingon").encode(), "unknown_encoding"),
    "EBCDIC": (declared("cp037").encode("cp037", "replace"), "wrong_encoding"),
    "UTF-32": (declared("UTF-32").encode("utf-32"), "not_xml"),
    "lone surrogate": (TEXT.encode("utf-16-le").replace("流".encode("utf-16-le"), b"\x00\xd8"), "wrong_encoding"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused_at_once_and_say_why(name):
    source, code = HOSTILE[name]
    began = time.perf_counter()
    with pytest.raises(ProcessRefused) as refused:
        parse(source)
    assert time.perf_counter() - began < 1
    (finding,) = refused.value.findings
    assert (finding.severity, finding.code) == ("error", code)
    assert finding.message_zh and finding.message_en
    assert check_file(source) == [finding]
    with pytest.raises(ProcessRefused):
        add_layout(source)


@pytest.mark.parametrize(
    "source",
    [
        GOOD,
        b"\xef\xbb\xbf" + GOOD,
        TEXT.split("\n", 1)[1].encode(),
        declared("GBK").encode("gbk"),
        declared("gb2312").encode("gb2312"),
        declared("GB18030").encode("gb18030"),
        declared("UTF-16").encode("utf-16"),
        declared("UTF-16").encode("utf-16-le"),
        declared("UTF-16").encode("utf-16-be"),
        declared("utf-16").encode("utf-8"),
        TEXT.replace("\n", "\r\n").encode(),
        with_document_type("<!-- 注释 --><?tool x?>").encode(),
    ],
)
def test_encodings_are_understood(source):
    (process,) = parse(source).processes.values()
    assert (process.name, process.elements["受理"].name) == ("流程", "受理")


def test_a_wrong_encoding_names_the_line_and_the_likely_one():
    finding = check_file(TEXT.encode("gbk"))[0]
    assert finding.line == 3
    assert "GBK" in finding.message_zh


def test_a_broken_file_names_the_line():
    assert check_file(TEXT.replace("</bpmn:endEvent>", "", 1).encode())[0].line > 3


def test_the_size_limit_is_a_setting():
    with pytest.raises(ProcessRefused, match="limit is 100"):
        read_source(GOOD, max_bytes=100)
    assert MAX_BYTES == 2_000_000


def test_entities_in_a_text_are_just_text():
    source = TEXT.replace("流程", "&lt;!DOCTYPE x&gt; &amp; &#27969;").encode()
    assert next(iter(parse(source).processes.values())).name == "<!DOCTYPE x> & 流"


@settings(max_examples=300, deadline=2000)
@given(st.binary(max_size=300) | st.binary(max_size=100).map(lambda tail: GOOD[:200] + tail))
def test_random_bytes_are_refused(source):
    with pytest.raises(ProcessRefused):
        parse(source)


@settings(max_examples=300, deadline=2000)
@given(st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), min_size=1, max_size=4))
def test_flipped_bytes_are_read_or_refused(changes):
    source = bytearray(GOOD)
    for position, byte in changes:
        source[position] = byte
    for act in (parse, add_layout):
        try:
            act(bytes(source))
        except ProcessRefused as refused:
            assert refused.findings

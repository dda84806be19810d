"""What may be uploaded (EDOC-2)."""
from __future__ import annotations

import io
import zipfile

import pypdf
import pytest
from PIL import Image
from pypdf import PdfWriter

from parallel.materials.checks import (
    DEFAULT_LIMITS,
    UploadLimits,
    check_upload,
    dpi_on_a4,
    picture_dpi,
)
from parallel.materials.errors import UploadRefused

A4_300 = (2480, 3508)


def picture(size=A4_300, kind="PNG", dpi=None, **options):
    data = io.BytesIO()
    Image.new("L", size, 255).save(data, kind, **({"dpi": (dpi, dpi)} if dpi else {}), **options)
    return data.getvalue()


def photograph(size, dpi=72):
    exif = Image.Exif()
    exif[0x010F] = "Xiaomi"  # Make
    return picture(size, "JPEG", dpi, exif=exif)


def scan_pdf(size, dpi):
    data = io.BytesIO()
    Image.new("L", size, 255).save(data, "PDF", resolution=dpi)
    return data.getvalue()


def text_pdf(password=None):
    writer = PdfWriter()
    writer.add_blank_page(595, 842)
    if password:
        writer.encrypt(password)
    data = io.BytesIO()
    writer.write(data)
    return data.getvalue()


def archive(*names):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as file:
        for name in names:
            file.writestr(name, "x")
    return data.getvalue()


def refusal(name, data, limits=DEFAULT_LIMITS):
    with pytest.raises(UploadRefused) as refused:
        check_upload(name, data, limits)
    assert all(reason.endswith("。") for reason in refused.value.reasons)
    return str(refused.value)


@pytest.mark.parametrize(("name", "data", "media_type"), [
    ("扫描.PNG", picture(dpi=300), "image/png"),
    ("扫描.jpg", picture(kind="JPEG", dpi=200), "image/jpeg"),
    ("扫描.tif", picture(kind="TIFF", dpi=300), "image/tiff"),
    ("手机拍照.jpg", photograph((3024, 4032)), "image/jpeg"),
    ("身份证.jpg", picture((1011, 638), "JPEG", 300), "image/jpeg"),
    ("文本.pdf", text_pdf(), "application/pdf"),
    ("扫描.pdf", scan_pdf(A4_300, 300), "application/pdf"),
    ("图.dxf", b"0\nSECTION\n2\nHEADER\n0\nENDSEC\n0\nEOF\n", "image/vnd.dxf"),
    ("图.dwg", b"AC1032" + b"\0" * 300, "image/vnd.dwg"),
    ("资料.zip", archive("a.pdf", "b.dwg"), "application/zip"),
    ("版式.ofd", archive("OFD.xml"), "application/ofd"),
    ("表.docx", archive("[Content_Types].xml", "word/document.xml"),
     "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("旧表.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "application/vnd.ms-excel"),
])
def test_good_files_pass_and_get_their_media_type(name, data, media_type):
    assert check_upload(name, data) == media_type


@pytest.mark.parametrize(("name", "data"), [
    ("木马.exe", b"MZ\x90\0" + b"\0" * 100),
    ("材料.pdf", b"MZ\x90\0" + b"\0" * 100),
    ("材料.pdf", b"\x7fELF" + b"\0" * 100),
    ("脚本.pdf", b"#!/bin/sh\nrm -rf /"),
    ("批处理.BAT", b"del *.*"),
    ("宏.docm", archive("word/vbaProject.bin")),
    ("材料.pdf.exe", text_pdf()),
    ("资料.zip", archive("a.pdf", "安装/setup.EXE")),
])
def test_executables_are_refused_under_whatever_name(name, data):
    assert "可执行程序" in refusal(name, data)


@pytest.mark.parametrize(("name", "data", "words"), [
    ("a.mp4", b"....ftypmp42", "格式"), ("没有后缀", b"abc", "格式"), ("a.pdf", picture(dpi=300), "内容不是"),
    ("a.png", text_pdf(), "内容不是"), ("a.docx", picture(dpi=300), "内容不是"), ("a.pdf", b"", "空"),
    ("a.pdf", b"%PDF-1.7 garbage", "损坏"), ("a.zip", b"PK\x03\x04garbage", "损坏"),
    ("a.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 40, "损坏"), ("a.pdf", text_pdf("secret"), "密码"),
])
def test_other_kinds_and_broken_files_are_refused_in_words(name, data, words):
    assert words in refusal(name, data)


def test_a_file_too_large_is_told_its_size():
    assert "0.0 MB" in refusal("a.pdf", text_pdf(), UploadLimits(max_bytes=10))


@pytest.mark.parametrize(("name", "data", "measured"), [
    ("72.jpg", picture(A4_300, "JPEG", 72), "72 dpi"),  # a scanner says so itself
    ("无.jpg", picture((595, 842), "JPEG"), "72 dpi"),  # said by no one: its pixels on A4
    ("拍照.jpg", photograph((1200, 1600), 300), "137 dpi"),  # a camera's word counts for nothing
    ("扫描.pdf", scan_pdf((827, 1169), 100), "100 dpi"),
])
def test_a_coarse_scan_is_told_what_was_measured_and_what_is_wanted(name, data, measured):
    told = refusal(name, data)
    assert measured in told and "200 dpi" in told


def test_a_scan_smaller_than_a_card_is_no_page():
    assert "版面" in refusal("邮票.png", picture((300, 200), dpi=300))


def test_a_logo_on_a_text_page_is_no_scan():
    logo = pypdf.PdfReader(io.BytesIO(scan_pdf((40, 40), 72)))
    writer = PdfWriter()
    writer.add_blank_page(595, 842).merge_page(logo.pages[0])
    data = io.BytesIO()
    writer.write(data)
    assert check_upload("公文.pdf", data.getvalue()) == "application/pdf"


def test_limits_can_be_set():
    assert check_upload("a.jpg", picture(A4_300, "JPEG", 72), UploadLimits(min_dpi=72)) == "image/jpeg"


def test_a_page_is_measured_upright_or_lying():
    assert dpi_on_a4(*A4_300) == pytest.approx(dpi_on_a4(*reversed(A4_300))) == pytest.approx(300, abs=1)
    assert picture_dpi(Image.new("L", A4_300)) == pytest.approx(300, abs=1)

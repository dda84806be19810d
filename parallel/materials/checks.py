"""上传限制与自动检查 (EDOC-2): kind, size, resolution and page size of an upload, each fault a sentence.

The kind is told by the first bytes (package `filetype`) and must agree with the extension. An executable is refused
under whatever name, also inside a ZIP. Pictures and scanned PDF pages must be sharp enough to read and to archive.
"""
from __future__ import annotations

import io
import math
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath

import filetype
import pypdf
from PIL import ExifTags, Image
from pypdf.errors import PyPdfError
from pypdf.generic import DictionaryObject

from parallel.materials.errors import UploadRefused

MEGABYTE = 1024 * 1024
A4_INCHES = (8.27, 11.69)
POINTS_PER_INCH = 72
SCAN_SHARE = 0.25  # an image that covers less of a PDF page is a logo or a seal, not a scan


@dataclass(frozen=True)
class UploadLimits:
    """What an upload may be. An installation may set others."""

    max_bytes: int = 100 * MEGABYTE
    min_dpi: int = 200  # DA/T 31: scans of papers for archives
    min_inches: float = 1.9  # the short side of a card; smaller than an ID card is no page
    max_pixels: int = 400_000_000
    max_pdf_pages: int = 300  # pages whose images are looked at


DEFAULT_LIMITS = UploadLimits()
DPI_TOLERANCE = 0.99  # 199.9 is 200

# extension: (media type, what `filetype` may call it; empty: it knows no such kind)
KINDS: dict[str, tuple[str, frozenset[str]]] = {
    "pdf": ("application/pdf", frozenset({"pdf"})),
    "ofd": ("application/ofd", frozenset({"zip"})),
    "jpg": ("image/jpeg", frozenset({"jpg"})),
    "jpeg": ("image/jpeg", frozenset({"jpg"})),
    "png": ("image/png", frozenset({"png", "apng"})),
    "tif": ("image/tiff", frozenset({"tif"})),
    "tiff": ("image/tiff", frozenset({"tif"})),
    "doc": ("application/msword", frozenset({"doc", "xls", "ppt"})),  # one container for all three
    "xls": ("application/vnd.ms-excel", frozenset({"doc", "xls", "ppt"})),
    "docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", frozenset({"docx", "zip"})),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", frozenset({"xlsx", "zip"})),
    "dwg": ("image/vnd.dwg", frozenset({"dwg"})),
    "dxf": ("image/vnd.dxf", frozenset()),
    "zip": ("application/zip", frozenset({"zip"})),
}
ALLOWED = "PDF、OFD、JPG、PNG、TIF、DOC、DOCX、XLS、XLSX、DWG、DXF、ZIP"
EXECUTABLE_EXTENSIONS = frozenset({
    "exe", "com", "scr", "bat", "cmd", "ps1", "vbs", "vbe", "js", "jse", "wsf", "wsh", "msi", "msp", "dll", "sys",
    "sh", "jar", "apk", "app", "lnk", "hta", "pif", "cpl", "reg", "docm", "xlsm",
})
EXECUTABLE_STARTS = (
    b"MZ", b"\x7fELF", b"#!", b"\xca\xfe\xba\xbe", b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf", b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe", b"dex\n",
)
OLE = b"\xd0\xcf\x11\xe0"
PICTURES = frozenset({"jpg", "jpeg", "png", "tif", "tiff"})


def check_upload(name: str, data: bytes, limits: UploadLimits = DEFAULT_LIMITS) -> str:
    """The media type of an upload that may be handed in (EDOC-2).

    Raises:
        UploadRefused: `.reasons` says everything that is wrong with it.
    """
    reasons = list(_findings(name, data, limits))
    if reasons:
        raise UploadRefused(reasons)
    return KINDS[extension_of(name)][0]


def extension_of(name: str) -> str:
    return PurePath(name.strip().lower()).suffix.removeprefix(".")


def _findings(name: str, data: bytes, limits: UploadLimits) -> Iterator[str]:
    if not data:
        yield "文件是空的，请重新上传。"
        return
    if len(data) > limits.max_bytes:
        yield f"文件大小为 {len(data) / MEGABYTE:.1f} MB，超过上限 {limits.max_bytes / MEGABYTE:.0f} MB，请压缩或拆分后上传。"
    extension = extension_of(name)
    if _is_executable(extension, data):
        yield "不接受可执行程序文件（如 .exe、脚本、带宏的文档）。"
        return
    if extension not in KINDS:
        yield f"不接受“.{extension}”格式的文件；可以上传 {ALLOWED}。"
        return
    if not _is_what_it_says(extension, data):
        yield f"文件内容不是“.{extension}”格式，请用原软件另存后重新上传。"
        return
    yield from _inner_findings(extension, data, limits)


def _inner_findings(extension: str, data: bytes, limits: UploadLimits) -> Iterator[str]:
    if extension in PICTURES:
        yield from _picture_findings(data, limits)
    elif extension == "pdf":
        yield from _pdf_findings(data, limits)
    elif extension in ("zip", "ofd", "docx", "xlsx"):
        yield from _zip_findings(data)


# --- kinds ------------------------------------------------------------------------------------------

def _is_executable(extension: str, data: bytes) -> bool:
    return extension in EXECUTABLE_EXTENSIONS or data.startswith(EXECUTABLE_STARTS)


def _is_what_it_says(extension: str, data: bytes) -> bool:
    told = KINDS[extension][1]
    if extension in ("doc", "xls"):
        return data.startswith(OLE)
    if not told:
        return _is_text_drawing(data)
    if data.startswith(b"PK\x03\x04"):
        return bool(told & {"zip"})
    guess = filetype.guess(data[:8192])
    return guess is not None and guess.extension in told


def _is_text_drawing(data: bytes) -> bool:
    """DXF: text of group codes, or the binary form with its own first line."""
    return data.startswith(b"AutoCAD Binary DXF") or b"SECTION" in data[:4096]


def _zip_findings(data: bytes) -> Iterator[str]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for entry in archive.infolist():
                if extension_of(entry.filename) in EXECUTABLE_EXTENSIONS:
                    yield f"压缩包中有可执行程序“{entry.filename}”，请去掉后重新上传。"
                    return
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        yield "文件已损坏，无法打开，请重新上传。"


# --- pictures ----------------------------------------------------------------------------------------

def _picture_findings(data: bytes, limits: UploadLimits) -> Iterator[str]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(data))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        yield "图片已损坏或过大，无法打开，请重新扫描。"
        return
    width, height = picture.size
    if width * height > limits.max_pixels:
        yield f"图片有 {width}×{height} 像素，过大，请降低分辨率后上传。"
        return
    dpi = picture_dpi(picture)
    if dpi < limits.min_dpi * DPI_TOLERANCE:
        yield _too_coarse("图片", dpi, limits)
    elif min(width, height) / dpi < limits.min_inches:
        yield (f"图片版面只有 {width / dpi * 2.54:.1f}×{height / dpi * 2.54:.1f} 厘米，过小，请扫描完整的一页。")


def picture_dpi(picture: Image.Image) -> float:
    """The resolution a scanner wrote into the picture; without one, and for photographs, what its pixels give on A4.

    Cameras write 72 whatever they take: a photograph of a page is judged by its pixels.
    """
    written = picture.info.get("dpi")
    exif = picture.getexif()
    is_photograph = ExifTags.Base.Make in exif or ExifTags.Base.Model in exif
    if written and not is_photograph:
        try:
            dpi = min(float(written[0]), float(written[1]))
        except (TypeError, ValueError, ZeroDivisionError):
            dpi = 0.0
        if math.isfinite(dpi) and dpi > 1:
            return dpi
    return dpi_on_a4(*picture.size)


def dpi_on_a4(width: int, height: int) -> float:
    """The resolution of an image that fills a page of A4, upright or lying."""
    return min(min(width, height) / A4_INCHES[0], max(width, height) / A4_INCHES[1])


def _too_coarse(what: str, dpi: float, limits: UploadLimits) -> str:
    return f"{what}分辨率为 {dpi:.0f} dpi，低于要求的 {limits.min_dpi} dpi，请提高分辨率重新扫描后上传。"


# --- PDF --------------------------------------------------------------------------------------------

def _pdf_findings(data: bytes, limits: UploadLimits) -> Iterator[str]:
    try:
        reader = pypdf.PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            yield "PDF 设有打开密码，无法查看，请去掉密码后上传。"
            return
        if not reader.pages:
            yield "PDF 没有内容，请重新上传。"
            return
        for number, page in enumerate(reader.pages[: limits.max_pdf_pages], 1):
            dpi = page_dpi(page)
            if dpi is not None and dpi < limits.min_dpi * DPI_TOLERANCE:
                yield _too_coarse(f"PDF 第 {number} 页的扫描图像", dpi, limits)
                return
    except (PyPdfError, OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, NotImplementedError):
        yield "PDF 已损坏，无法打开，请重新生成后上传。"


def page_dpi(page: pypdf.PageObject) -> float | None:
    """The lowest resolution among the scans on a page, as they are placed; None when it has none."""
    images = _images_of(page)
    if not images:
        return None
    area = float(page.mediabox.width) * float(page.mediabox.height)
    placed = [
        (images[name], across, down) for name, across, down in _placements(page)
        if name in images and area and across * down >= SCAN_SHARE * area
    ]
    dpis = [
        min(width / across, height / down) * POINTS_PER_INCH for (width, height), across, down in placed
        if across and down
    ]
    return min(dpis) if dpis else None


def _images_of(page: pypdf.PageObject) -> dict[str, tuple[int, int]]:
    """Names and pixels of the images of a page; what a stencil paints is no scan."""
    resources = page.get("/Resources", DictionaryObject()).get_object()
    objects = resources.get("/XObject", DictionaryObject()).get_object()
    found = {}
    for name, reference in objects.items():
        image = reference.get_object()
        if image.get("/Subtype") == "/Image" and not image.get("/ImageMask"):
            found[name] = (int(image["/Width"]), int(image["/Height"]))
    return found


def _placements(page: pypdf.PageObject) -> list[tuple[str, float, float]]:
    """(name, width, height in points) of everything a page paints with `Do`, by the matrix that holds there."""
    stack, matrix, placed = [], (1.0, 0.0, 0.0, 1.0), []
    content = page.get_contents()
    for operands, operator in content.operations if content is not None else ():
        if operator == b"q":
            stack.append(matrix)
        elif operator == b"Q" and stack:
            matrix = stack.pop()
        elif operator == b"cm":
            matrix = _times([float(value) for value in operands[:4]], matrix)
        elif operator == b"Do":
            a, b, c, d = matrix
            placed.append((operands[0], math.hypot(a, b), math.hypot(c, d)))
    return placed


def _times(first: list[float], second: tuple[float, ...]) -> tuple[float, float, float, float]:
    a, b, c, d = first
    e, f, g, h = second
    return a * e + b * g, a * f + b * h, c * e + d * g, c * f + d * h

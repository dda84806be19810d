"""The first look at a file from outside: bytes in, an XML tree out, or a refusal that says why.

Files come from strangers. A document type declaration is refused, so there are no entities to expand and nothing
to fetch; size and depth are bounded before anyone walks the tree. The file itself is never changed: what the
designer uploaded is stored byte for byte.
"""

from __future__ import annotations

import re

from lxml import etree

from bpmn.errors import Finding, ProcessRefused
from bpmn.namespaces import local_name, tag

MAX_BYTES = 2_000_000
MAX_DEPTH = 100

_DECLARED = re.compile(rb"""\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_PROLOG = re.compile(r"(?:\s+|<\?.*?\?>|<!--.*?-->)*", re.DOTALL)
_ENCODINGS = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "us-ascii": "utf-8",
    "ascii": "utf-8",
    # The declaration itself was readable as bytes, so the file cannot be in UTF-16: some tools write this anyway.
    "utf-16": "utf-8",
    "gbk": "gb18030",
    "gb2312": "gb18030",
    "gb18030": "gb18030",
    "iso-8859-1": "iso-8859-1",
    "windows-1252": "windows-1252",
}
_BYTE_ORDERS = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"<\x00", "utf-16-le"), (b"\x00<", "utf-16-be"))


def read_source(source: bytes, *, max_bytes: int = MAX_BYTES, comments: bool = False) -> etree._Element:
    """The root element of a BPMN 2.0 file. Raises ``ProcessRefused`` and nothing else.

    ``comments`` keeps comments and processing instructions, for who writes the file out again.
    """
    if not source.strip():
        raise _refused("empty_file", 0, "文件是空的。", "The file is empty.")
    if len(source) > max_bytes:
        raise _too_large(len(source), max_bytes)
    if source.startswith(b"PK\x03\x04"):
        raise _refused(
            "not_xml",
            0,
            "这是压缩包，不是流程文件。",
            "This is a ZIP archive, not a process file.",
            "请先解压，再上传其中的 .bpmn 文件。",
            "Unpack it and upload the .bpmn files inside.",
        )
    text = _decoded(source)
    _refuse_document_type(text)
    root = _parsed(text, comments)
    _refuse_depth(root)
    if root.tag != tag("definitions"):
        raise _not_bpmn(root)
    return root


def _refused(code: str, line: int, zh: str, en: str, advice_zh: str = "", advice_en: str = "") -> ProcessRefused:
    return ProcessRefused([Finding("error", code, "", "", line, zh, en, advice_zh, advice_en)])


def _too_large(size: int, limit: int) -> ProcessRefused:
    return _refused(
        "file_too_large",
        0,
        f"文件有 {size:,} 字节，超过上限 {limit:,} 字节。",
        f"The file has {size:,} bytes; the limit is {limit:,}.",
        "请把流程拆成几个文件，用调用活动连接。",
        "Split the process into several files and connect them with call activities.",
    )


def _decoded(source: bytes) -> str:
    encoding = _encoding(source)
    try:
        return source.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = source.count(b"\n", 0, error.start) + 1
        raise _wrong_encoding(source, encoding, line) from None


def _encoding(source: bytes) -> str:
    for start, encoding in _BYTE_ORDERS:
        if source.startswith(start):
            return encoding
    declared = _DECLARED.match(source.removeprefix(b"\xef\xbb\xbf"))
    if declared is None:
        return "utf-8"
    name = declared[1].decode("ascii").lower()
    if name not in _ENCODINGS:
        raise _refused(
            "unknown_encoding",
            1,
            f"不支持的字符编码：{name}。",
            f"The character encoding {name} is not supported.",
            "请另存为 UTF-8 编码。",
            "Save the file as UTF-8.",
        )
    return _ENCODINGS[name]


def _wrong_encoding(source: bytes, encoding: str, line: int) -> ProcessRefused:
    likely = encoding == "utf-8" and _is_gbk(source)
    return _refused(
        "wrong_encoding",
        line,
        "文件内容不是 UTF-8 编码" + ("，看起来是 GBK。" if likely else "。") if encoding == "utf-8"
        else f"文件内容与声明的编码不符（{encoding}）。",
        "The file is not in UTF-8" + ("; it looks like GBK." if likely else ".") if encoding == "utf-8"
        else f"The file does not hold the encoding it declares ({encoding}).",
        '请另存为 UTF-8，或在第一行声明编码，例如 <?xml version="1.0" encoding="GBK"?>。',
        'Save it as UTF-8, or declare the encoding in the first line: <?xml version="1.0" encoding="GBK"?>.',
    )  # fmt: skip


def _is_gbk(source: bytes) -> bool:
    try:
        source.decode("gbk")
    except UnicodeDecodeError:
        return False
    return True


def _refuse_document_type(text: str) -> None:
    """Entities can only be declared in a document type, and that can only stand before the root element."""
    prolog = _PROLOG.match(text)
    start = prolog.end() if prolog is not None else 0
    if text.startswith("<!", start):
        raise _refused(
            "document_type",
            text.count("\n", 0, start) + 1,
            "文件含有 DOCTYPE 或实体声明，出于安全原因不予接受。",
            "The file declares a DOCTYPE or entities; it is refused for safety.",
            "请删除 <!DOCTYPE …> 部分。建模工具导出的文件不含它。",
            "Remove the <!DOCTYPE …> part. Files exported by modelers have none.",
        )


def _parsed(text: str, comments: bool) -> etree._Element:
    parser = etree.XMLParser(
        encoding="utf-8",  # over the encoding that the declaration names: the text was decoded already
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=not comments,
        remove_pis=not comments,
    )
    try:
        return etree.fromstring(text.encode("utf-8"), parser)
    except (etree.XMLSyntaxError, UnicodeEncodeError) as error:
        line = getattr(error, "lineno", 0) or 0
        detail = getattr(error, "msg", None) or str(error)
        raise _refused(
            "not_xml",
            line,
            f"文件不是完整的 XML：{detail}",
            f"The file is not well-formed XML: {detail}",
            "请从建模工具重新导出。",
            "Export it from the modeler again.",
        ) from None


def _refuse_depth(root: etree._Element) -> None:
    depth = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > MAX_DEPTH:
            raise _refused(
                "too_deep",
                element.sourceline or 0,
                f"元素嵌套超过 {MAX_DEPTH} 层。",
                f"Elements are nested more than {MAX_DEPTH} deep.",
            )


def _not_bpmn(root: etree._Element) -> ProcessRefused:
    name = local_name(root.tag)
    return _refused(
        "not_bpmn",
        root.sourceline or 0,
        f"不是 BPMN 2.0 文件：根元素是 <{name}>。",
        f"This is not a BPMN 2.0 file: its root element is <{name}>.",
        "请选择建模工具导出的 .bpmn 文件。",
        "Choose a .bpmn file exported by a modeler.",
    )

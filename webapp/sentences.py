"""What pybabel cannot see by itself: the sentences of rooms that know no Flask, and the names in drawn processes.

The web translates them when it tells them (`gettext(str(error))`); `babel.cfg` sends their files here, so that the
catalogue holds them.
"""
from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from html import unescape
from typing import BinaryIO

CHINESE = re.compile(r"[\u4e00-\u9fff]")
NAME = re.compile(r'<[\w:]+\s[^>]*?\bname="([^"]+)"')

Message = tuple[int, str, str, list[str]]


def in_python(file: BinaryIO, keywords: object, comment_tags: object, options: dict[str, str]) -> Iterator[Message]:
    """Whole sentences: strings that end in “。”, unless docstrings or put together (f-strings).

    The option `words` names dictionaries whose values are told too.
    """
    tree = ast.parse(file.read())
    told, kept = [], set()
    for node in ast.walk(tree):
        match node:
            case ast.Expr(value=ast.Constant()) | ast.JoinedStr() | ast.Call(func=ast.Name(id="StateText")):
                kept.update(ast.walk(node))
            case ast.Constant(value=str(text)) if text.endswith("。") and CHINESE.search(text):
                told.append(node)
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Dict(values=values)):
                if name in options.get("words", "").split():
                    told += values
    yield from ((node.lineno, "gettext", node.value, []) for node in told if node not in kept)


def in_drawings(file: BinaryIO, keywords: object, comment_tags: object, options: dict[str, str]) -> Iterator[Message]:
    """The Chinese names of processes and their elements in a BPMN file."""
    for number, line in enumerate(file.read().decode().splitlines(), 1):
        yield from ((number, "gettext", unescape(name), []) for name in NAME.findall(line) if CHINESE.search(name))

"""Papers set with typst. What people wrote goes in as data and is never read as markup."""
from __future__ import annotations

import io
import threading
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import orjson
import segno
import typst
from pylopdf_fonts_zh_cn import sans_path, serif_path

PAPERS = Path(__file__).parent / "papers"
ARCHIVAL = "a-2u"  # PDF/A: papers are kept
QR_BORDER = 2

_alone = threading.Lock()  # the compiler is one for all threads; a paper takes milliseconds


def set_paper(template: str, data: dict[str, Any], at: datetime) -> bytes:
    """The PDF of a paper. The same data and moment give the same bytes.

    Args:
        template: a file of `papers/` without its ending.
        at: the moment the paper says it was made.
    """
    with _alone:
        return _compiler().compile(
            PAPERS / f"{template}.typ", format="pdf", sys_inputs={"data": orjson.dumps(data).decode()},
            timestamp=at.astimezone(UTC).replace(microsecond=0), pdf_standards=ARCHIVAL,
        )


@cache
def _compiler() -> typst.Compiler:
    fonts = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False,
        font_paths=[str(folder) for folder in {Path(sans_path()).parent, Path(serif_path()).parent}],
    )
    return typst.Compiler(root=PAPERS, font_paths=fonts)


def qr_code(text: str) -> str:
    """A QR code as SVG, with enough spare to be read from worn paper."""
    drawing = io.BytesIO()
    segno.make(text, error="q", micro=False).save(drawing, kind="svg", border=QR_BORDER, xmldecl=False, scale=4)
    return drawing.getvalue().decode()

"""Setting papers: the same bytes for the same words, PDF/A, codes that can be read."""
from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pypdf
import pypdfium2
import zxingcpp

from webapp.documents.typesetting import qr_code, set_paper

MOMENT = datetime(2026, 3, 2, 9, 30, 12, 345, tzinfo=UTC)
DATA = {
    "english": True, "issuer": "市政务服务中心", "date": "2026年3月2日", "seal_note": "专用章", "footer": "可核验", "head": "市政务服务中心",
    "title": "受理通知书", "title_en": "Notice of acceptance", "number": "受理〔2026〕1号", "qr": qr_code("https://example.cn/verify/1"),
    "qr_says": "扫码", "addressee": "张三", "opening": "现予受理。", "closing": ["次日起算。"],
    "fields": [{"zh": "材料", "en": "Materials", "value": [f"第 {n} 份材料" for n in range(80)]}, {"zh": "空", "en": "", "value": ""}],
}


def test_the_same_words_give_the_same_bytes():
    assert set_paper("notice", DATA, MOMENT) == set_paper("notice", DATA, MOMENT)


def test_a_long_paper_goes_on_overleaf_and_is_made_for_archives():
    content = set_paper("notice", DATA, MOMENT)
    reader = pypdf.PdfReader(io.BytesIO(content))
    assert len(reader.pages) > 1
    assert b"<pdfaid:part>2</pdfaid:part>" in reader.trailer["/Root"]["/Metadata"].get_object().get_data()
    assert reader.metadata.title == "受理通知书"


def test_papers_are_set_by_many_at_once():
    with ThreadPoolExecutor(8) as pool:
        made = set(pool.map(lambda _: set_paper("notice", DATA, MOMENT), range(32)))
    assert len(made) == 1


def test_a_code_can_be_read_from_the_page():
    page = pypdfium2.PdfDocument(set_paper("notice", DATA | {"fields": []}, MOMENT))[0]
    [code] = zxingcpp.read_barcodes(page.render(scale=2).to_pil())
    assert code.text == "https://example.cn/verify/1"

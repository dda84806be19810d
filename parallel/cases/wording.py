"""Texts that people write into an act: trimmed, there when they must be, and no longer than their place."""
from __future__ import annotations

from parallel.cases.errors import ReasonMissing, TextTooLong

REASON_LENGTH = 800
OPINION_LENGTH = 4000


def limited(text: str | None, field: str, most: int = REASON_LENGTH) -> str:
    """Raises TextTooLong."""
    text = (text or "").strip()
    if len(text) > most:
        raise TextTooLong(f"文字不能超过 {most} 字，现在有 {len(text)} 字。", field=field)
    return text


def needed(text: str | None, field: str, message: str) -> str:
    """A reason that the law asks for. Raises ReasonMissing, TextTooLong."""
    text = limited(text, field)
    if not text:
        raise ReasonMissing(message, field=field)
    return text

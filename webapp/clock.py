"""The one clock. Nothing else in the house asks what time it is."""
from __future__ import annotations

from datetime import UTC, date, datetime

from engine.api import CHINA


def _system() -> datetime:
    return datetime.now(UTC)


_source = _system  # tests put another clock here


def now() -> datetime:
    return _source()


def today() -> date:
    """The day it is in China, where limits are counted."""
    return now().astimezone(CHINA).date()

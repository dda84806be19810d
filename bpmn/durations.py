"""Lengths of time as process designers write them: ``P20WD``, ``20个工作日``, ``P3D``, ``PT2H``, ``2026-03-01T09:00``.

Nothing here reads a clock or knows a holiday: the start and the calendar are arguments.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from bpmn.expressions import ExpressionError, compile_expression

CHINA = ZoneInfo("Asia/Shanghai")
"""A date without a zone is one in China."""

_WORKING_DAYS = re.compile(r"(?:P(\d{1,4})WD|(\d{1,4})\s*(?:WD|个?工作日))", re.IGNORECASE)
_ISO = re.compile(
    r"P(?=\d|T\d)(?:(?P<years>\d{1,2})Y)?(?:(?P<months>\d{1,3})M)?(?:(?P<weeks>\d{1,3})W)?(?:(?P<days>\d{1,4})D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d{1,4})H)?(?:(?P<minutes>\d{1,5})M)?(?:(?P<seconds>\d{1,6})S)?)?",
    re.IGNORECASE,
)
_CYCLE = re.compile(r"R(\d{0,3})/([^/]+)", re.IGNORECASE)
_MEANT_AS_LENGTH = re.compile(r"[PR]T?(?:\d|$)|\d{4}-\d", re.IGNORECASE)
_DATE_START = re.compile(r"\d{4}-\d{2}-\d{2}")


class WorkingCalendar(Protocol):
    """Who knows the working days."""

    def due_at(self, start: datetime, working_days: int) -> datetime: ...


@dataclass(frozen=True, slots=True)
class Duration:
    """Either working days, or months and a fixed span; never both."""

    working_days: int | None = None
    months: int = 0
    span: timedelta = timedelta()

    def after(self, start: datetime, calendar: WorkingCalendar) -> datetime:
        """The moment this much later than ``start``."""
        if self.working_days is not None:
            return calendar.due_at(start, self.working_days)
        return _months_later(start.astimezone(CHINA), self.months) + self.span


@dataclass(frozen=True, slots=True)
class Cycle:
    """``R3/P2D``: a duration, several times. ``times`` is None where no number is written (``R/P1D``)."""

    times: int | None
    every: Duration


def read_duration(text: str) -> Duration | None:
    """The duration a text names, or None."""
    plain = _unquoted(text)
    if (match := _WORKING_DAYS.fullmatch(plain)) is not None:
        return Duration(working_days=int(match[1] or match[2]))
    if (match := _ISO.fullmatch(plain)) is None:
        return None
    part = {name: int(value or 0) for name, value in match.groupdict().items()}
    span = timedelta(
        weeks=part["weeks"],
        days=part["days"],
        hours=part["hours"],
        minutes=part["minutes"],
        seconds=part["seconds"],
    )
    return Duration(months=part["years"] * 12 + part["months"], span=span)


def read_moment(text: str) -> datetime | None:
    """The moment a text names (``2026-03-01``, ``2026-03-01T09:00``, ``…Z``), or None."""
    plain = _unquoted(text)
    if _DATE_START.match(plain) is None:
        return None
    try:
        moment = datetime.fromisoformat(plain)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=CHINA)


def read_cycle(text: str) -> Cycle | None:
    """The cycle a text names (``R3/P2WD``), or None."""
    match = _CYCLE.fullmatch(_unquoted(text))
    every = read_duration(match[2]) if match is not None else None
    if match is None or every is None or every == Duration():
        return None
    return Cycle(int(match[1]) if match[1] else None, every)


def read_length(text: str) -> Duration | datetime | None:
    """What a timer or a limit says when it is no expression: a duration, a moment, or the first turn of a cycle."""
    cycle = read_cycle(text)
    return cycle.every if cycle is not None else read_duration(text) or read_moment(text)


def is_length_or_expression(text: str) -> bool:
    """Whether a timer or a limit can be read. ``P3X`` would also be a fine variable; nobody means that."""
    if read_length(text) is not None:
        return True
    if _MEANT_AS_LENGTH.match(_unquoted(text)):
        return False
    try:
        compile_expression(text)
    except ExpressionError:
        return False
    return True


def due_moment(
    text: str, now: datetime, calendar: WorkingCalendar, evaluate: Callable[[str], Any]
) -> tuple[str, datetime]:
    """When a timer or a limit started now is due, and what kind it is: ``working_days``, ``duration`` or ``date``.

    ``evaluate`` answers expressions such as ``${审查时限}``; a whole number counts working days.
    Raises ``ExpressionError`` when nothing that can be waited for comes out.
    """
    length = read_length(text)
    if length is None:
        length = _length_of(evaluate(text))
    if isinstance(length, datetime):
        return "date", length
    try:
        kind = "duration" if length.working_days is None else "working_days"
        return kind, length.after(now, calendar)
    except (ValueError, OverflowError):
        raise ExpressionError(f"时长超出范围：{text}", f"this duration is out of range: {text}") from None


def _length_of(value: Any) -> Duration | datetime:
    """The length that the value of an expression stands for."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 9999:
        return Duration(working_days=value)
    length = read_length(value) if isinstance(value, str) else None
    if length is None:
        raise ExpressionError(f"不是时长或日期：{value!r:.40}", f"neither a duration nor a date: {value!r:.40}")
    return length


def _unquoted(text: str) -> str:
    """Spiff's own modeler writes ``"P3D"`` with quotes, every other one without."""
    plain = text.strip()
    if len(plain) > 1 and plain[0] == plain[-1] and plain[0] in "\"'":
        plain = plain[1:-1].strip()
    return plain


def _months_later(start: datetime, months: int) -> datetime:
    """The same day of a later month, or that month's last day where it is shorter (31 January + 1 → 28 February)."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return start.replace(year=year, month=month + 1, day=min(start.day, monthrange(year, month + 1)[1]))

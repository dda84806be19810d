"""The arithmetic of time limits (期限): pure functions over a calendar, each with its article.

A *counted* day is a day after the first one (民法典 第二百零一条), of the limit's unit (行政许可法 第八十二条),
that no pause takes out (行政许可法 第四十五条). Everything below is counting counted days.
"""
from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

ONE_DAY = timedelta(days=1)
WORKING_DAYS, CALENDAR_DAYS = "WD", "ND"
PROMISED, STATUTORY = "promised", "statutory"
GREEN, YELLOW, RED = "green", "yellow", "red"
YELLOW_PERCENT = 20


class WorkingCalendar(Protocol):
    """The part of `engine.calendar.Calendar` that limits need."""

    def is_workday(self, day: date) -> bool: ...


@dataclass(frozen=True, slots=True)
class Limit:
    """时限: so many days of a unit, WD 工作日 or ND 自然日. `extension` is what the head of the body granted more."""

    days: int
    unit: str = WORKING_DAYS
    extension: int = 0

    def __post_init__(self) -> None:
        if self.unit not in (WORKING_DAYS, CALENDAR_DAYS) or self.days < 0 or self.extension < 0:
            raise ValueError(f"not a time limit: {self!r}")

    @property
    def total(self) -> int:
        return self.days + self.extension


@dataclass(frozen=True, slots=True)
class Pause:
    """特别程序: the clock stands from one day to another; `end` is empty while it still stands.

    Like every period it begins the day after (民法典 第二百零一条): the day of the pause counts, the day of
    resuming does not. Where both are working days these are as many as the working days in [pause, resume).
    """

    start: date
    end: date | None = None

    def takes_out(self, day: date, today: date) -> bool:
        return self.start < day <= (self.end or today)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one clock stands on one day."""

    due_on: date
    used: int
    remaining: int
    overdue: bool
    light: str


# --- 期限的计算 ------------------------------------------------------------------------------------

def counts(calendar: WorkingCalendar, day: date, unit: str, pauses: Iterable[Pause], today: date) -> bool:
    """Whether a day after the first is counted.

    行政许可法 第八十二条: 期限以工作日计算，不含法定节假日; where another law counts 自然日 every day is counted.
    行政许可法 第四十五条: 听证、招标、拍卖、检验、检测、检疫、鉴定和专家评审所需时间不计算在期限内. Pauses are taken
    as a union: a day that two pauses share is taken out once (指南 A2).
    """
    if unit == WORKING_DAYS and not calendar.is_workday(day):
        return False
    return not any(pause.takes_out(day, today) for pause in pauses)


def due_on(calendar: WorkingCalendar, start: date, limit: Limit, pauses: Iterable[Pause] = (),
           today: date | None = None) -> date:
    """The last day of a limit that starts on `start` (受理日).

    民法典 第二百零一条: 开始的当日不计入，自下一日开始计算. 第二百零三条: 最后一日是法定休假日的，以休假日结束的次日为
    最后一日 (in working days this holds by itself). 行政许可法 第四十二条: extension by 10 days (15 for joint
    handling) lengthens the limit.

    Args:
        today: the day up to which a pause that still stands is reckoned; without one it takes out nothing.
    """
    pauses = tuple(pauses)
    today = today or start
    day, left = start, limit.total
    while left > 0:
        day += ONE_DAY
        left -= counts(calendar, day, limit.unit, pauses, today)
    while limit.total and not calendar.is_workday(day):
        day += ONE_DAY
    return day


def counted_days(calendar: WorkingCalendar, start: date, end: date, unit: str = WORKING_DAYS,
                 pauses: Iterable[Pause] = (), today: date | None = None) -> int:
    """Counted days in (start, end]; negative when `end` lies before `start` (指南 A2: 计时日历.差)."""
    pauses = tuple(pauses)
    if end < start:
        return -counted_days(calendar, end, start, unit, pauses, today)
    return sum(counts(calendar, day, unit, pauses, today or end) for day in _days(start + ONE_DAY, end))


def used(calendar: WorkingCalendar, start: date, today: date, limit: Limit, pauses: Iterable[Pause] = ()) -> int:
    """已用 = 差(起点, 今天) − Σ挂起区间 (指南 A2)."""
    return max(0, counted_days(calendar, start, today, limit.unit, pauses, today))


def remaining(calendar: WorkingCalendar, start: date, today: date, limit: Limit,
              pauses: Iterable[Pause] = ()) -> int:
    """Counted days left after today, negative when overdue. In working days used + remaining is the limit."""
    pauses = tuple(pauses)
    last = due_on(calendar, start, limit, pauses, today)
    return counted_days(calendar, today, last, limit.unit, pauses, today)


def yellow_from(limit: Limit) -> int:
    """临近: yellow when so many days or fewer remain, max(1, 20 % of the limit rounded up) (指南 C12)."""
    return max(1, -(-limit.total * YELLOW_PERCENT // 100))


def standing(calendar: WorkingCalendar, start: date, today: date, limit: Limit,
             pauses: Iterable[Pause] = ()) -> Standing:
    """One clock on one day, with its light: 临近→黄, 超期→红 (指南 C12, SUPERV-TIME)."""
    pauses = tuple(pauses)
    last = due_on(calendar, start, limit, pauses, today)
    left = counted_days(calendar, today, last, limit.unit, pauses, today)
    overdue = today > last
    light = RED if overdue else YELLOW if left <= yellow_from(limit) else GREEN
    return Standing(last, used(calendar, start, today, limit, pauses), left, overdue, light)


# --- 法定与承诺 --------------------------------------------------------------------------------------

def least_calendar_days(limit: Limit) -> int:
    """The fewest calendar days that a limit can last: five working days fill a week."""
    if limit.unit == CALENDAR_DAYS:
        return limit.total
    weeks, rest = divmod(limit.total, 5)
    return weeks * 7 + rest


def within(promised: Limit, statutory: Limit) -> bool:
    """Whether a promise keeps the law: 承诺办结时限 ≤ 法定办结时限 (ITEM-4; 行政许可法 第四十二条)."""
    if promised.unit == statutory.unit:
        return promised.total <= statutory.total
    return least_calendar_days(promised) <= least_calendar_days(statutory)


# --- the same, day by day, for people ---------------------------------------------------------------

@dataclass(frozen=True, slots=True)
class DayCounted:
    """One day of an explanation. `reason`: start, counted, weekend, holiday, paused, moved (末日顺延)."""

    day: date
    reason: str
    number: int | None  # the how-manieth counted day
    last: bool
    pause: Pause | None = None


def day_by_day(calendar: WorkingCalendar, start: date, limit: Limit, pauses: Iterable[Pause] = (),
               today: date | None = None) -> list[DayCounted]:
    """Every day from the first to the last with the reason why it counts or not."""
    pauses = tuple(pauses)
    today = today or start
    last = due_on(calendar, start, limit, pauses, today)
    days = [DayCounted(start, "start", None, start == last)]
    number = 0
    for day in _days(start + ONE_DAY, last):
        reason, pause = _reason(calendar, day, limit, pauses, today)
        if reason == "counted" and number == limit.total:
            reason = "moved"
        number += reason == "counted"
        days.append(DayCounted(day, reason, number if reason == "counted" else None, day == last, pause))
    return days


def _reason(calendar: WorkingCalendar, day: date, limit: Limit, pauses: tuple[Pause, ...],
            today: date) -> tuple[str, Pause | None]:
    if limit.unit == WORKING_DAYS and not calendar.is_workday(day):
        return ("weekend" if day.weekday() > 4 else "holiday"), None
    pause = next((pause for pause in pauses if pause.takes_out(day, today)), None)
    return ("paused", pause) if pause else ("counted", None)


def _days(first: date, last: date) -> Iterator[date]:
    return (first + ONE_DAY * n for n in range((last - first).days + 1))

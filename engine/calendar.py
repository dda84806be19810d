"""Working days (工作日): 行政许可法 第八十二条 counts limits in them, holidays and days off left out."""
from __future__ import annotations

from datetime import date, datetime, time, timedelta

from bpmn.durations import CHINA

__all__ = ["CHINA", "Calendar", "end_of"]

END_OF_DAY = time(23, 59, 59)


class Calendar:
    """A table of days that differ from their weekday.

    Args:
        days: day -> whether it is worked; every other day is worked from Monday to Friday.
        known_years: the years whose official notice the table holds; beyond them dates are provisional.
    """

    def __init__(self, days: dict[date, bool], known_years: frozenset[int] = frozenset()) -> None:
        self._days = days
        self._known_years = known_years or frozenset(day.year for day in days)

    def is_workday(self, day: date) -> bool:
        return self._days.get(day, day.weekday() < 5)

    def covers(self, day: date) -> bool:
        """Whether the official calendar of that year is known; otherwise the answer is provisional."""
        return day.year in self._known_years

    def add(self, start: date, working_days: int) -> date:
        """The n-th working day after `start`. The first day is not counted (民法典 第二百零一条)."""
        day = start
        while working_days > 0:
            day += timedelta(days=1)
            working_days -= self.is_workday(day)
        return day

    def between(self, start: date, end: date) -> int:
        """Working days in (start, end]; negative when `end` lies before `start`."""
        if end < start:
            return -self.between(end, start)
        return sum(self.is_workday(start + timedelta(days=n)) for n in range(1, (end - start).days + 1))

    def due_at(self, start: datetime, working_days: int) -> datetime:
        """The end, in China's time, of the n-th working day after `start`."""
        return end_of(self.add(start.astimezone(CHINA).date(), working_days))


def end_of(day: date) -> datetime:
    return datetime.combine(day, END_OF_DAY, CHINA)

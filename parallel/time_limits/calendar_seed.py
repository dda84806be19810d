"""The working days of China, 2019 to 2026, as rows of `calendar_day`.

`holidays.csv`: the yearly notices of 国务院办公厅 on public holidays, from chinesecalendar 1.11 (MIT). It lists only
the days that differ from their weekday: holidays on weekdays or weekends, and weekends that are worked (调休).
"""
from __future__ import annotations

import csv
from datetime import date
from functools import cache
from pathlib import Path

from engine.api import CalendarDay, db, forget_calendar

HOLIDAYS = Path(__file__).with_name("holidays.csv")


@cache
def shipped_days() -> dict[date, tuple[bool, str]]:
    """day → (is it worked, the festival's name)."""
    with HOLIDAYS.open(encoding="utf-8", newline="") as file:
        return {
            date.fromisoformat(row["date"]): (row["kind"] == "workday", row["festival"])
            for row in csv.DictReader(file)
        }


def known_years() -> frozenset[int]:
    """The years whose notice is shipped. Beyond them weekdays stand as they are, and screens say 暂定."""
    return frozenset(day.year for day in shipped_days())


def seed_calendar() -> int:
    """Write the shipped days that the table does not hold yet; days that someone changed stay. Returns how many."""
    present = set(db.session.scalars(db.select(CalendarDay.day)))
    missing = [
        CalendarDay(day=day, is_workday=is_workday, name=name)
        for day, (is_workday, name) in shipped_days().items() if day not in present
    ]
    db.session.add_all(missing)
    db.session.flush()
    forget_calendar()
    return len(missing)

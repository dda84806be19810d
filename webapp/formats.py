"""How dates, spans, numbers and money read, in Chinese and in English; `register` makes them template filters.

A date or time may also be its ISO text, as JSON has it.
"""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from urllib.parse import urlencode

from flask import Flask, request
from flask_babel import get_locale, gettext, ngettext

from engine.api import CHINA  # deadlines fall on days in China, whatever zone the reader's browser is in
from webapp import clock
from webapp.assets import asset

WEEKDAYS = "一二三四五六日"
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _is_english() -> bool:
    locale = get_locale()
    return locale is not None and locale.language == "en"


def _local(value: datetime | str) -> datetime:
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(CHINA)


def _day(value: date | str) -> date:
    if isinstance(value, str):
        value = datetime.fromisoformat(value) if len(value) > len("2026-11-23") else date.fromisoformat(value)
    return _local(value).date() if isinstance(value, datetime) else value


def _date(value: date | str, *, year: bool) -> str:
    day = _day(value)
    if _is_english():
        return f"{day.day} {MONTHS[day.month - 1]}" + (f" {day.year}" if year else "")
    return (f"{day.year}年" if year else "") + f"{day.month}月{day.day}日"


def zh_date(value: date | str | None) -> str:
    """2026年11月23日(周一); 23 Nov 2026."""
    if value is None:
        return ""
    return _date(value, year=True) + ("" if _is_english() else f"(周{WEEKDAYS[_day(value).weekday()]})")


def short_date(value: date | str | None, today: date | None = None) -> str:
    """12月1日; 1 Dec. The year stands only where it is not this year."""
    if value is None:
        return ""
    return _date(value, year=_day(value).year != (today or clock.today()).year)


def clock_time(value: datetime | str | None) -> str:
    """14:03."""
    return "" if value is None else f"{_local(value):%H:%M}"


def date_time(value: datetime | str | None) -> str:
    """2026年11月23日 14:03; 23 Nov 2026, 14:03."""
    if value is None:
        return ""
    return _date(value, year=True) + (", " if _is_english() else " ") + clock_time(value)


def duration(value: timedelta | None) -> str:
    """2 天 3 小时; 2 days 3 h. The two largest units, a minute at least."""
    if value is None:
        return ""
    minutes = max(int(value.total_seconds()) // 60, 1)
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = []
    if days:
        parts.append(ngettext("%(num)s 天", "%(num)s 天", days))
    if hours:
        parts.append(ngettext("%(num)s 小时", "%(num)s 小时", hours))
    if minutes and not days:
        parts.append(ngettext("%(num)s 分钟", "%(num)s 分钟", minutes))
    return " ".join(parts)


def relative(value: datetime | str | None, now: datetime | None = None) -> str:
    """刚刚, 5 分钟前, 3 小时前, 2 天前; beyond a week the date."""
    if value is None:
        return ""
    passed = (now or clock.now()) - _local(value)
    minutes = int(passed.total_seconds() // 60)
    if not timedelta(0) <= passed < timedelta(days=7):
        return short_date(value)
    if minutes < 1:
        return gettext("刚刚")
    if minutes < 60:
        return ngettext("%(num)s 分钟前", "%(num)s 分钟前", minutes)
    if minutes < 1440:
        return ngettext("%(num)s 小时前", "%(num)s 小时前", minutes // 60)
    return ngettext("%(num)s 天前", "%(num)s 天前", minutes // 1440)


def working_days(number: int | None) -> str:
    """6 个工作日; 6 working days."""
    return "" if number is None else ngettext("%(num)s 个工作日", "%(num)s 个工作日", number)


def days_left(number: int | None, state: str = "running") -> str:
    """What a due chip says first: 剩 6 个工作日, 今天到期, 超期 2 个工作日, 计时暂停, 按时办结."""
    if state == "done":
        return gettext("按时办结")
    if state == "suspended":
        return gettext("计时暂停")
    if number is None:
        return gettext("到期")
    if number == 0:
        return gettext("今天到期")
    if number < 0:
        return ngettext("超期 %(num)s 个工作日", "超期 %(num)s 个工作日", -number)
    return ngettext("剩 %(num)s 个工作日", "剩 %(num)s 个工作日", number)


def grouped(number: float | Decimal | None) -> str:
    """12,345."""
    return "" if number is None else f"{number:,}"


def money(amount: Decimal | float | None) -> str:
    """¥1,234.50; nothing to pay reads 免费."""
    if amount is None:
        return ""
    return f"¥{Decimal(str(amount)):,.2f}" if amount else gettext("免费")


def file_size(size: int | None) -> str:
    """1.2 MB."""
    if size is None:
        return ""
    if size < 1024:
        return f"{size} B"
    amount = float(size)
    for unit in ("KB", "MB", "GB"):
        amount /= 1024
        if amount < 1024 or unit == "GB":
            break
    return f"{amount:.1f} {unit}"


def sentences(value: object) -> list:
    """One error or several, as a list; a translation that is still to be made counts as one."""
    return list(value) if isinstance(value, list | tuple) else [value]


def url_with(**changes: object) -> str:
    """This page's address with other query arguments; None takes one away."""
    arguments = request.args.copy()
    for name, value in changes.items():
        arguments.poplist(name)
        if value is not None:
            arguments[name] = str(value)
    query = urlencode(list(arguments.items(multi=True)))
    return f"{request.path}?{query}" if query else request.path


FILTERS = (zh_date, short_date, clock_time, date_time, duration, relative, working_days, days_left, grouped, money, file_size, sentences)


def register(app: Flask) -> None:
    """Make the filters, `asset` and `url_with` known to the templates of an application."""
    app.jinja_env.filters |= {function.__name__: function for function in FILTERS}
    app.jinja_env.globals |= {"asset": asset, "url_with": url_with}

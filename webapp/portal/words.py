"""Names that data brings in both languages, and the states of the law in the words and looks of the screens."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import get_locale, gettext, lazy_gettext, ngettext

from parallel.cases.models import Application, Case
from parallel.cases.states import CASE_ENDED, text_of
from parallel.time_limits.queries import Light, light_of

APPLICATION_LOOKS = {
    "draft": "not_started", "submitted": "running", "pre_accepted": "running", "correcting": "returned",
    "accepted": "running", "not_accepted": "refused", "withdrawn": "cancelled", "closed": "done",
}
CASE_LOOKS = {
    "draft": "not_started", "submitted": "running", "waiting": "not_started", "accepted": "running",
    "in_review": "running", "suspended": "suspended", "decided": "running", "approved": "agreed", "refused": "refused",
    "not_accepted": "refused", "withdrawn": "cancelled", "terminated": "cancelled",
}
STAGE_LOOKS = {"not_started": "not_started", "open": "ready", "closed": "done"}
ITEM_STATUS = {
    "draft": lazy_gettext("草稿"), "published": lazy_gettext("可申请"), "suspended": lazy_gettext("暂停受理"),
    "cancelled": lazy_gettext("已取消"),
}
DELIVERY = {
    "hall": lazy_gettext("大厅自领"), "courier": lazy_gettext("物流递送"), "online": lazy_gettext("网上送达（电子证照）"),
}


def is_english() -> bool:
    locale = get_locale()
    return locale is not None and locale.language == "en"


def pick(zh: Any, en: Any = None) -> Any:
    """The name in the reader's language."""
    return en if en and is_english() else zh


def name_of(thing: Any) -> str:
    """The name of an item, a department or anything else with `name` and perhaps `name_en`."""
    return pick(thing.name, getattr(thing, "name_en", None))


@dataclass(frozen=True)
class Shown:
    """A state as a tag shows it, and what the applicant must do now."""

    look: str
    label: str
    next: str
    waits: bool


def shown_application(application: Application) -> Shown:
    text = text_of(application)
    return Shown(
        APPLICATION_LOOKS[application.state], pick(text.zh, text.en), pick(text.next_zh, text.next_en),
        text.waits_for_applicant,
    )


def shown_case(case: Case) -> Shown:
    text = text_of(case)
    return Shown(
        CASE_LOOKS[case.state], pick(text.zh, text.en), pick(text.next_zh, text.next_en), text.waits_for_applicant,
    )


@dataclass(frozen=True)
class Due:
    """What a due chip shows."""

    on: date
    left: int | None
    state: str


def due_of(case: Case, today: date) -> Due | None:
    """The chip of a case that has clocks."""
    light = light_of(case, today)
    return None if light is None else Due(light.due_on, light.remaining, _due_state(case, light))


def _due_state(case: Case, light: Light) -> str:
    if light.missed:
        return "overdue"
    if case.state in CASE_ENDED:
        return "done"
    if light.paused:
        return "suspended"
    return {"red": "overdue", "yellow": "due_soon"}.get(light.colour, "running")


def item_limit(item: Any) -> str:
    """The promised limit of an item, else the legal one."""
    if item.promised_days is not None:
        return limit_words(item.promised_days, item.promised_unit)
    return limit_words(item.legal_days, item.legal_unit)


def limit_words(days: int | None, unit: str) -> str:
    """5 个工作日, 即办, —."""
    if days is None:
        return gettext("未规定")
    if days == 0:
        return gettext("即时办结")
    if unit == "WD":
        return ngettext("%(num)s 个工作日", "%(num)s 个工作日", days)
    return ngettext("%(num)s 天", "%(num)s 天", days)

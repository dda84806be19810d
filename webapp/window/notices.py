"""What the applicant will receive, shown to the clerk before it is sent: the message, and the notice with all its fields."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from engine.api import CHINA, working_calendar
from parallel.cases.models import Application
from parallel.documents.actions import DELIVERY, departments, moment, promised
from parallel.documents.kinds import KINDS
from parallel.materials.queries import current_materials
from parallel.notifications import texts
from webapp.portal.words import pick


@dataclass(frozen=True)
class Preview:
    """`message` goes to the site and, where there is a phone, by SMS; `rows` are the paper's fields in their order."""

    message: str
    phone: str | None
    title: str = ""
    rows: list[tuple[str, Any]] = field(default_factory=list)


def preview(act: str, application: Application, values: dict, *, clerk: str, at: datetime) -> Preview:
    """The notice of an act with what has been filled in so far."""
    return _PREVIEWS[act](application, values, clerk, at)


def _pre_accept(application: Application, values: dict, clerk: str, at: datetime) -> Preview:
    return _preview(application, texts.come_to_hall(application, bool(values.get("online"))))


def _accept(application: Application, values: dict, clerk: str, at: datetime) -> Preview:
    return _preview(application, texts.accepted(application), "acceptance", {
        "case_number": application.number, "accepted_at": moment(at), "department": departments(application),
        "clerk": clerk, "promised_limit": promised(application),
        "materials": [material.name for material in current_materials(application).values()],
        "delivery": DELIVERY.get(application.delivery, application.delivery),
    })


def _correct(application: Application, values: dict, clerk: str, at: datetime) -> Preview:
    asked, days = values.get("asked") or [], values.get("days") or 1
    due_on = working_calendar().add(at.astimezone(CHINA).date(), days)
    return _preview(application, texts.correction(application, len(asked), due_on), "correction", {
        "case_number": application.number, "received_at": moment(application.submitted_at),
        "department": departments(application), "clerk": clerk, "promised_limit": promised(application),
        "materials": [f"{each['name']}：{each['reason'] or '……'}" for each in asked], "due_on": _day(due_on),
    })


def _refuse(application: Application, values: dict, clerk: str, at: datetime) -> Preview:
    reason = values.get("reason") or "……"
    return _preview(application, texts.not_accepted(application, reason), "non_acceptance", {
        "case_number": application.number, "decided_at": moment(at), "department": departments(application),
        "clerk": clerk, "reason": reason,
    })


_PREVIEWS: dict[str, Callable[[Application, dict, str, datetime], Preview]] = {
    "pre-accept": _pre_accept, "accept": _accept, "correct": _correct, "refuse": _refuse,
}


def _preview(application: Application, message: str, kind: str | None = None, fields: dict | None = None) -> Preview:
    phone = application.contact_phone or None
    if kind is None:
        return Preview(message, phone)
    paper = KINDS[kind]
    rows = [(pick(zh, en), fields.get(key)) for key, zh, en in paper.fields]
    return Preview(message, phone, pick(paper.zh, paper.en), rows)


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"

"""The facts of an application and its cases as the timeline shows them to its applicant, with papers to download."""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import gettext

from parallel.cases.models import Application, Case
from parallel.cases.queries import TimelineEntry, timeline
from parallel.cases.states import CASE_ENDED
from parallel.documents.actions import documents_of
from parallel.documents.kinds import KINDS
from parallel.documents.models import Document
from webapp.portal.people import people
from webapp.portal.words import CASE_LOOKS, name_of, pick

LOOKS = {"pass": "done", "approve": "agreed", "refuse": "refused", "special": "suspended"}
_SHARED = ("application", "document")  # told of the whole application, not of each of its cases


@dataclass(frozen=True)
class Fact:
    """One entry of the `timeline` macro."""

    what: str
    at: datetime | None
    who: str | None = None
    unit: str | None = None
    opinion: str | None = None
    state: str = "done"
    papers: list[dict[str, str]] = field(default_factory=list)
    predicted: bool = False


def facts_of(cases: Iterable[Case]) -> list[Fact]:
    """What happened to some cases, newest first; what is open stands on top. What concerns all is told once."""
    cases = list(cases)
    applications = {case.application_id: case.application for case in cases}
    documents = {document.number: document for each in applications.values() for document in documents_of(each)}
    told: dict[Any, tuple[Case, TimelineEntry]] = {}
    for case in cases:
        for entry in timeline(case):
            once = (case.application_id if entry.kind in _SHARED else case.id, entry.at, entry.title, entry.text)
            told.setdefault(once, (case, entry))
    known = people(entry.by for _, entry in told.values())
    facts = [
        (entry.kind == "task", entry.at, _fact(case, entry, known, documents, several=len(cases) > 1))
        for case, entry in told.values()
    ]
    return [fact for _, _, fact in sorted(facts, key=lambda each: each[:2], reverse=True)]


def facts_of_application(application: Application) -> list[Fact]:
    return facts_of(application.cases)


def _fact(case: Case, entry: TimelineEntry, known: dict, documents: dict[str, Document], *, several: bool) -> Fact:
    person = known.get(entry.by)
    what = pick(entry.title, entry.title_en)
    document = documents.get(entry.text) if entry.kind == "document" else None
    if entry.kind == "licence":
        what = gettext("取得%(name)s", name=entry.title)
    elif document is not None:
        what = pick(KINDS[document.kind].zh, KINDS[document.kind].en)
    if several and entry.kind not in _SHARED and case.item.name not in entry.title:  # tasks carry it in their name
        what = f"{what} · {name_of(case.item)}"
    return Fact(
        what=what, at=entry.at, who=person.name if person else None, unit=person.unit if person else None,
        opinion=_said(case, entry), state=_look(case, entry),
        papers=[paper(document)] if document is not None else [], predicted=entry.kind == "task",
    )


def _said(case: Case, entry: TimelineEntry) -> str | None:
    """Opinions are the applicant's to read once the case has ended; before, departments are still at work on them."""
    if entry.kind == "opinion":
        return entry.text if case.state in CASE_ENDED else None
    return entry.text or None if entry.kind in ("licence", "closed", "pause") else None


def _look(case: Case, entry: TimelineEntry) -> str:
    if entry.kind == "task":
        return "returned" if entry.step == "correct" else "running"
    if entry.kind == "closed":
        return CASE_LOOKS[case.state]
    if entry.kind == "pause":
        return "suspended"
    return "done"


def paper(document: Document) -> dict[str, str]:
    kind = KINDS[document.kind]
    return {
        "name": f"{pick(kind.zh, kind.en)} {document.number}", "url": url_for("documents.pdf", document_id=document.id)
    }

"""What lists and cards of applications show."""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from engine.db import db
from parallel.cases.licences import licence_of
from parallel.cases.models import Application, Case, Licence, Opinion
from parallel.cases.opinions import opinions_of
from parallel.cases.readiness import missing_prerequisites
from parallel.cases.states import APPLICATION_ENDED, CASE_ENDED
from parallel.documents.actions import documents_of
from parallel.documents.models import Document
from parallel.projects.models import Project
from webapp.portal.words import Due, Shown, due_of, name_of, shown_application, shown_case


@dataclass(frozen=True)
class ApplicationCard:
    application: Application
    project: Project | None
    shown: Shown

    @property
    def id(self) -> int:
        return self.application.id

    @property
    def title(self) -> str:
        """The item, or the first of them and how many."""
        return title_of(self.application)

    @property
    def count(self) -> int:
        return len(self.application.cases)

    @property
    def done(self) -> int:
        return sum(case.state in CASE_ENDED for case in self.application.cases)

    @property
    def is_over(self) -> bool:
        return self.application.state in APPLICATION_ENDED

    @property
    def waits_for_me(self) -> bool:
        return self.application.state in ("draft", "correcting")


def title_of(application: Application) -> str:
    return name_of(application.cases[0].item) if application.cases else "—"


def cards(applications: Iterable[Application]) -> list[ApplicationCard]:
    applications = list(applications)
    ids = {each.project_id for each in applications} - {None}
    projects = {row.id: row for row in db.session.scalars(select(Project).where(Project.id.in_(ids)))} if ids else {}
    return [ApplicationCard(each, projects.get(each.project_id), shown_application(each)) for each in applications]


@dataclass(frozen=True)
class CaseCard:
    case: Case
    shown: Shown
    due: Due | None
    waits_for: list[str]
    opinions: list[Opinion]
    licence: Licence | None
    papers: list[Document]

    @property
    def id(self) -> int:
        return self.case.id

    @property
    def name(self) -> str:
        return name_of(self.case.item)

    @property
    def department(self) -> str:
        return name_of(self.case.item.department)


def case_card(case: Case, today: date) -> CaseCard:
    ended = case.state in CASE_ENDED
    papers = [paper for paper in documents_of(case.application, case) if paper.case_id == case.id]
    return CaseCard(
        case, shown_case(case), due_of(case, today), missing_prerequisites(case) if case.state == "waiting" else [],
        opinions_of(case) if ended else [], licence_of(case) if ended else None, papers,
    )

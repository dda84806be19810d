"""Projects, applications and the people who move them, for tests: each step is one act in its own unit of work."""
from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from flask import Flask

from bpmn.catalogue import shipped_definitions
from engine.api import CHINA, Task, db, deploy, unit_of_work
from parallel.cases import actions
from parallel.cases.forms import Field, union_form
from parallel.cases.models import Application, Case
from parallel.cases.review_points import materials_to_review
from parallel.items.loading import load_catalogue
from parallel.items.queries import current_item
from parallel.materials.actions import UploadedFile
from parallel.materials.queries import asked_materials
from parallel.projects.actions import register_project
from parallel.projects.models import Project
from parallel.time_limits.calendar_seed import seed_calendar

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=CHINA)
ZHANG, CLERK = "public:zhang", "staff:clerk"
SCHOOL = {  # scenario S1: every item of stage 1 that a government-built school needs
    "civil_building": True, "special_fire": True, "must_tender": True, "social_risk": True, "new_land": True,
    "land_ha": 6, "invest_wan": 28000, "floor_area_or_eq": 45000, "eia_class": "报告表",
}
ORGANISATION_CODE = "91130202MAAY4CL12T"


def shipped(app: Flask) -> None:
    """Template: the shipped calendar, catalogue and drawings."""

    def act() -> None:
        seed_calendar()
        load_catalogue(MONDAY, "system")
        for path, source in shipped_definitions():
            deploy(source, file_name=path.name, by="staff:designer", at=MONDAY)

    unit_of_work(act)


def paper(text: str = "paper", name: str = "材料.pdf") -> UploadedFile:
    return UploadedFile(hashlib.sha256(text.encode()).hexdigest(), len(text), "application/pdf", name)


def filled(fields: Iterable[Field]) -> dict[str, Any]:
    """A form with every field filled in."""
    values = {"number": 1200, "checkbox": True}
    return {
        field.key: "13900000000" if field.key == "contact_phone"
        else field.options[0].value if field.options else values.get(field.type, f"{field.label_zh}的内容")
        for field in fields if not field.read_only
    }


class Hall:
    """The applicant, the window and the departments of a test; `at` is now, and `later(days)` moves it."""

    def __init__(self) -> None:
        self.at = MONDAY

    def later(self, **amount: float) -> datetime:
        self.at += timedelta(**amount)
        return self.at

    def do(self, act: Any, *args: Any, by: str, **kwargs: Any) -> Any:
        """One act, in its unit of work, a second after the one before."""
        self.later(seconds=1)
        return unit_of_work(lambda: act(*args, by=by, at=self.at, **kwargs))

    # --- the applicant ---------------------------------------------------------------------------

    def project(self, owner: str = ZHANG, **attributes: Any) -> Project:
        return self.do(
            register_project, by=owner, name="第一中学新校区", organisation="市教育局", organisation_code=ORGANISATION_CODE,
            division_code="130200", attributes=SCHOOL | attributes, owner=owner,
        )

    def draft(self, project: Project | None, *codes: str, applicant: str = ZHANG, fill: bool = True) -> Application:
        form = filled(union_form([current_item(code) for code in codes], project)) if fill else {}
        return self.do(
            actions.draft_application, by=applicant, applicant=applicant, applicant_name="张三",
            applicant_id_number="130200199001011234", contact_phone="13900000000", project=project, item_codes=codes,
            form=form,
        )

    def hand_in(self, application: Application, key: str, file: UploadedFile | None = None) -> Any:
        return self.do(actions.hand_in_material, application, key, file or paper(key), by=application.applicant)

    def hand_in_all(self, application: Application, *, but: Iterable[str] = ()) -> None:
        for entry in asked_materials(application):
            if entry.is_missing and entry.key not in but:
                self.hand_in(application, entry.key)

    def submit(self, application: Application) -> Application:
        return self.do(actions.submit_application, application, by=application.applicant)

    def file(self, project: Project | None, *codes: str, applicant: str = ZHANG) -> Application:
        """Draft, hand in everything and submit."""
        application = self.draft(project, *codes, applicant=applicant)
        self.hand_in_all(application)
        return self.submit(application)

    # --- the window ------------------------------------------------------------------------------

    def tick_all(self, application: Application, by: str = CLERK) -> None:
        ticks = {entry.key: list(range(len(entry.review_points))) for entry in materials_to_review(application)}
        self.do(actions.tick_review_points, application, ticks, by=by)

    def accept(self, application: Application, by: str = CLERK, **options: Any) -> Application:
        self.tick_all(application, by)
        return self.do(actions.accept_application, application, by=by, clerk_name="李窗口", **options)

    def accepted(self, project: Project | None, *codes: str) -> Application:
        return self.accept(self.file(project, *codes))

    # --- the departments ---------------------------------------------------------------------------

    def open_tasks(self, case: Case | None = None, **criteria: Any) -> list[Task]:
        query = db.select(Task).where(Task.status == "open").filter_by(**criteria).order_by(Task.created_at, Task.id)
        if case is not None:
            query = query.where(Task.business_key == f"case:{case.id}")
        return list(db.session.scalars(query.execution_options(populate_existing=True)))

    def task(self, case: Case, step: str) -> Task:
        [found] = self.open_tasks(case, step=step)
        return found

    def officer(self, case: Case) -> str:
        return f"staff:officer_{case.department_code}"

    def review(self, case: Case, opinion: str = "符合要求。") -> Case:
        return self.do(actions.review_case, self.task(case, "review").id, opinion, by=self.officer(case))

    def decide(self, case: Case, decision: str = "approve", reason: str = "") -> Case:
        task = self.task(case, "decide")
        return self.do(actions.decide_case, task.id, decision, "同意。", by=self.officer(case), reason=reason)

    def issue(self, case: Case) -> Any:
        return self.do(actions.issue_result, self.task(case, "issue").id, by=self.officer(case))

    def approve(self, case: Case) -> Any:
        """Review, decide, issue."""
        self.review(case)
        self.decide(case)
        return self.issue(case)

    def refuse(self, case: Case, reason: str = "不符合规划。") -> Case:
        self.review(case)
        return self.decide(case, "refuse", reason)


def case_of(application: Application, code: str) -> Case:
    return next(case for case in application.cases if case.item_code == code)

"""One actor who plays every part in turn: applicant, window clerk, officer of each department.

Everything goes through the same acts as the screens and the API. Used by `binglian demo`, by the demonstration's
data and by tests.
"""
from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import select

from engine.api import Task, db, unit_of_work
from parallel.cases.actions import (
    accept_application, decide_case, draft_application, hand_in_material, issue_result, review_case, save_draft,
    submit_application, tick_review_points,
)
from parallel.cases.actions.save_draft import fields_of
from parallel.cases.forms import Field
from parallel.cases.models import Application, Case
from parallel.cases.review_points import materials_to_review
from parallel.items.loading import DEMO_DIVISION
from parallel.items.models import ServiceItem
from parallel.materials.actions import UploadedFile
from parallel.materials.checks import check_upload
from parallel.materials.queries import missing_materials
from parallel.projects.actions import register_project
from parallel.projects.models import Project
from webapp.documents.typesetting import set_paper
from webapp.storage import storage

APPLICANT, CLERK = "public:jianshe", "staff:chuangkou"
ORGANISATION, ORGANISATION_CODE = "唐山市路南建设投资有限公司", "91130202MAAY4CL12T"


class Walk:
    """Args:
        now: the clock of the story; asked before every act.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.now = now
        self.completed = 0  # tasks

    # --- the applicant ----------------------------------------------------------------------------

    def register(self, name: str, attributes: dict[str, Any]) -> int:
        return unit_of_work(lambda: register_project(
            name=name, organisation=ORGANISATION, organisation_code=ORGANISATION_CODE, division_code=DEMO_DIVISION,
            attributes=attributes, owner=APPLICANT, by=APPLICANT, at=self.now(),
        ).id)

    def apply(self, project_id: int, stage: int, codes: Iterable[str]) -> int:
        """One application for all these items: form filled in, every material handed in, submitted."""
        application_id = unit_of_work(lambda: draft_application(
            applicant=APPLICANT, applicant_name=ORGANISATION, applicant_id_number=ORGANISATION_CODE,
            contact_phone="13800000002", project=db.session.get(Project, project_id), stage=stage,
            item_codes=codes, by=APPLICANT, at=self.now(),
        ).id)
        unit_of_work(lambda: self._fill_in(db.session.get(Application, application_id)))
        unit_of_work(lambda: submit_application(db.session.get(Application, application_id), APPLICANT, self.now()))
        return application_id

    def _fill_in(self, application: Application) -> None:
        form = {field.key: _answer(field) for field in fields_of(application) if not field.read_only}
        save_draft(application, form, APPLICANT, self.now())
        for asked in missing_materials(application):
            self.hand_in(application, asked.key, asked.name)

    def hand_in(self, application: Application, key: str, name: str) -> None:
        project = db.session.get(Project, application.project_id) if application.project_id else None
        data = set_paper("demo_material", {"name": name, "project": project.name if project else ""}, self.now())
        file_name = f"{name[:40].replace('/', ' ')}.pdf"
        media_type = check_upload(file_name, data)
        stored = storage().put(data)
        file = UploadedFile(stored.sha256, stored.size, media_type, file_name)
        hand_in_material(application, key, file, APPLICANT, self.now())

    # --- the window -------------------------------------------------------------------------------

    def accept(self, application_id: int) -> None:
        """Every review point checked, then accepted."""
        unit_of_work(lambda: self._accept(db.session.get(Application, application_id)))
        self.completed += 1

    def _accept(self, application: Application) -> None:
        ticks = {asked.key: list(range(len(asked.review_points))) for asked in materials_to_review(application)}
        tick_review_points(application, ticks, CLERK, self.now())
        accept_application(application, CLERK, self.now(), clerk_name="窗口李敏")

    # --- the departments --------------------------------------------------------------------------

    def open_tasks(self, project_id: int) -> list[tuple[str, str, str]]:
        """(task, step, item) of the departments' open tasks, in the order in which they opened."""
        cases = {f"case:{case_id}": code for case_id, code in db.session.execute(
            select(Case.id, Case.item_code).where(Case.project_id == project_id)
        )}
        rows = db.session.execute(
            select(Task.id, Task.step, Task.business_key)
            .where(Task.business_key.in_(cases), Task.status == "open").order_by(Task.created_at, Task.id)
        ).all()
        db.session.rollback()
        return [(task_id, step, cases[key]) for task_id, step, key in rows]

    def work(self, project_id: int, until: Callable[[str, str], bool] = lambda step, item: False) -> int:
        """Departments do their tasks until none is open but those for which `until(step, item)` holds."""
        done = 0
        while todo := [task for task in self.open_tasks(project_id) if not until(*task[1:])]:
            for task_id, step, item in todo:
                self.do(task_id, step, item)
            done += len(todo)
        return done

    def do(self, task_id: str, step: str, item: str) -> None:
        department = db.session.scalar(
            select(ServiceItem.department_code).where(ServiceItem.code == item, ServiceItem.is_current)
        )
        officer = f"staff:officer-{department}"
        acts = {
            "review": lambda: review_case(task_id, "材料齐全，符合要求。", officer, self.now()),
            "decide": lambda: decide_case(task_id, "approve", "同意。", officer, self.now()),
            "issue": lambda: issue_result(task_id, officer, self.now()),
        }
        unit_of_work(acts[step])
        self.completed += 1


def _answer(field: Field) -> Any:
    if field.key == "contact_phone":
        return "13800000002"
    if field.key == "contact_email":
        return "office@example.com"
    answers = {"number": "1200", "checkbox": True, "date": "2026-12-01"}
    if field.type == "select":
        return field.options[0].value
    return answers.get(field.type, "按批准的建设方案实施")

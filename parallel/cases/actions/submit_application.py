from __future__ import annotations

from datetime import datetime

from engine.api import db, start_process
from parallel.cases.actions.save_draft import fields_of
from parallel.cases.drawings import (
    choose_process,
    keeps_the_clock,
    require_process,
    stage_of,
)
from parallel.cases.errors import (
    AlreadyFiled,
    FormIncomplete,
    ItemsNotTogether,
    MaterialsMissing,
    NoItemsChosen,
    NotApplicable,
    PrerequisiteMissing,
    ProjectCodeMissing,
)
from parallel.cases.events import tell_application
from parallel.cases.forms import faults
from parallel.cases.loading import hold, hold_project
from parallel.cases.models import Application, Case
from parallel.cases.numbers import application_number, case_number
from parallel.cases.readiness import is_ready, missing_prerequisites
from parallel.cases.states import CASE_ENDED, check, move
from parallel.items.models import ServiceItem
from parallel.items.queries import open_item
from parallel.materials.actions import attach_results
from parallel.materials.queries import missing_materials
from parallel.projects.applicability import holds
from parallel.projects.errors import StageNotOpen
from parallel.projects.models import Project

CODE_ITSELF = "编码"  # an item whose result is the project code needs none


def submit_application(application: Application, by: str, at: datetime) -> Application:
    """提交: the draft becomes an application with a number and one numbered case an item, and its process starts.

    Raises:
        NoItemsChosen, ProjectCodeMissing (PARALLEL-INV-11), StageNotOpen (PARALLEL-INV-1), ItemNotOpen and
        ProcessNotBound (ITEM-8), NotApplicable, AlreadyFiled, PrerequisiteMissing, FormIncomplete, MaterialsMissing.
    """
    hold_project(application.project_id)
    hold(application)
    check(application, "submit")
    project = db.session.get(Project, application.project_id) if application.project_id else None
    _check_items(application, project)
    _check_contents(application)
    _number(application, at)
    move(application, "submit")
    for case in application.cases:
        move(case, "submit")
    db.session.flush()
    attach_results(application, by, at)
    _start(application, project, by, at)
    tell_application(
        "ApplicationSubmitted", application, by=by, at=at, number=application.number,
        items=[case.item_code for case in application.cases],
    )
    return application


# --- checks ---------------------------------------------------------------------------------------------

def _check_items(application: Application, project: Project | None) -> None:
    if not application.cases:
        raise NoItemsChosen
    if project is None and len(application.cases) > 1:
        raise ItemsNotTogether("多个事项须在投资项目的同一阶段内一并申请。")
    for case in application.cases:
        case.item = open_item(case.item_code)
        case.department_code = case.item.department_code
        if project is None and needs_project(case.item):
            raise ProjectCodeMissing
        require_process(case.item)
    if project is not None:
        _check_project(application, project)


def needs_project(item: ServiceItem) -> bool:
    """无码不受理 (PARALLEL-INV-11). The items of the investment catalogue have a stage; only 赋码 itself needs no code."""
    return item.stage > 0 and item.body["result"].get("kind") != CODE_ITSELF


def _check_project(application: Application, project: Project) -> None:
    stage = stage_of(application, project)
    if stage is None or stage.state != "open":
        raise StageNotOpen
    for case in application.cases:
        name = case.item.name
        if not holds(case.item.applicability, project.attributes):
            raise NotApplicable(f"按项目情形，不需要办理“{name}”。")
        if _is_filed(case, project):
            raise AlreadyFiled(f"本项目的“{name}”已经在办或已经办结，不用重复申请。")
        missing = missing_prerequisites(case)
        if missing and not keeps_the_clock(case.item):
            raise PrerequisiteMissing(f"“{name}”的前置事项尚未办结：{'、'.join(missing)}。")


def _is_filed(case: Case, project: Project) -> bool:
    """Index: ix_case_project_id_item_code."""
    other = db.select(Case.id).where(
        Case.project_id == project.id, Case.item_code == case.item_code, Case.application_id != case.application_id,
        db.or_(Case.state == "approved", Case.state.not_in([*CASE_ENDED, "draft"])),
    )
    return db.session.scalar(other.limit(1)) is not None


def _check_contents(application: Application) -> None:
    """The form complete, and every required material there unless it comes by itself or is 可容缺."""
    wrong = faults(fields_of(application), application.form)
    if wrong:
        raise FormIncomplete(wrong)
    missing = [entry.name for entry in missing_materials(application) if not entry.tolerable]
    if missing:
        raise MaterialsMissing(missing)


# --- changes --------------------------------------------------------------------------------------------

def _number(application: Application, at: datetime) -> None:
    departments = {case.department_code for case in application.cases}
    application.number = application_number(application.division_code, departments, at)
    application.submitted_at = at
    for position, case in enumerate(application.cases, 1):
        case.number = case_number(application.number, position)


def _start(application: Application, project: Project | None, by: str, at: datetime) -> None:
    ready = all(is_ready(case) for case in application.cases)
    chosen = choose_process(application, stage_of(application, project), ready)
    instance = start_process(chosen.key, business_key=chosen.business_key, variables=chosen.variables, by=by, at=at)
    application.instance_id = instance.id
    db.session.flush()

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import func
from stdnum.cn import uscc

from engine.api import CHINA, announce, db, record
from parallel.items.models import Division
from parallel.items.versions import search_text
from parallel.projects.attributes import validate_attributes
from parallel.projects.codes import demo_project_code, parse_project_code
from parallel.projects.errors import ProjectCodeTaken, ProjectInvalid
from parallel.projects.models import Project, Stage
from parallel.projects.templates import Template, choose_template, template

OPEN, NOT_STARTED = "open", "not_started"
FIRST, BESIDE = 1, 5


def register_project(*, name: str, organisation: str, organisation_code: str, division_code: str,
                     attributes: dict[str, Any], owner: str, by: str, at: datetime, code: str | None = None,
                     template_id: str | None = None) -> Project:
    """项目登记 under its unified project code; stage 1 and what runs beside the stages open at once.

    Args:
        attributes: the facts that decide which items apply; what is left out has the form's defaults.
        code: the unified project code (PARALLEL-INV-11); without one a demo code is given.
        template_id: a template chosen by hand; without one the first that fits.

    Raises:
        ProjectInvalid: `errors` has a sentence for each field at fault.
        ProjectCodeInvalid, ProjectCodeTaken.
    """
    values = _checked(name, organisation, organisation_code, division_code, attributes)
    chosen = template(template_id) if template_id else choose_template(values).template
    text = _free_code(code) if code is not None else _next_demo_code(division_code, at)
    project = Project(
        code=text, name=name.strip(), search_text=search_text(text, name.strip(), organisation.strip()), owner=owner,
        organisation=organisation.strip(), organisation_code=uscc.compact(organisation_code),
        division_code=division_code, template_id=chosen.id, attributes=values, created_at=at,
        stages=make_stages(chosen, at),
    )
    db.session.add(project)
    db.session.flush()
    detail = {"code": text, "name": project.name, "template": chosen.id, "attributes": values}
    record(f"project:{project.id}", "registered", by=by, at=at, detail=detail)
    announce("ProjectRegistered", {"project": project.id, "code": text},
             topics=[f"project:{project.id}", f"user:{owner}"], at=at)
    return project


def make_stages(chosen: Template, at: datetime) -> list[Stage]:
    """The stages of a new project, by its template."""
    return [
        Stage(
            number=stage.number, name=stage.name, state=OPEN if stage.number in (FIRST, BESIDE) else NOT_STARTED,
            milestone_type=stage.milestone_type, milestone_items=list(stage.milestone_items),
            promised_days=stage.promised_days, process_key=stage.process_key,
            opened_at=at if stage.number in (FIRST, BESIDE) else None,
        )
        for stage in chosen.stages
    ]


def _checked(name: str, organisation: str, organisation_code: str, division_code: str,
             attributes: dict[str, Any]) -> dict[str, Any]:
    errors = {}
    if not 2 <= len(name.strip()) <= 200:
        errors["name"] = "项目名称应为 2 至 200 个字。"
    if not 2 <= len(organisation.strip()) <= 200:
        errors["organisation"] = "项目单位名称应为 2 至 200 个字。"
    if not uscc.is_valid(organisation_code):
        errors["organisation_code"] = "统一社会信用代码不正确，请核对 18 位代码及校验位。"
    if db.session.get(Division, division_code) is None:
        errors["division_code"] = f"没有代码为“{division_code}”的行政区划。"
    try:
        values = validate_attributes(attributes)
    except ProjectInvalid as error:
        errors.update(error.errors)
    if errors:
        raise ProjectInvalid(errors=errors)
    return values


def _free_code(code: str) -> str:
    text = str(parse_project_code(code))
    if db.session.scalar(db.select(Project.id).where(Project.code == text)) is not None:
        raise ProjectCodeTaken(f"项目代码 {text} 已经登记过。", field="code")
    return text


def _next_demo_code(division_code: str, at: datetime) -> str:
    """The next free demo code of the month. Two at once collide on the unique code, and the second is tried again."""
    period = at.astimezone(CHINA).strftime("%y%m")
    prefix = f"{period}-{division_code}-04-01-"
    newest = db.session.scalar(
        db.select(func.max(Project.code)).where(Project.code.like(f"{prefix}%"), Project.code.like("%C"))
    )
    number = int(newest[len(prefix):-1]) + 1 if newest else 1
    return str(demo_project_code(number, period, division_code))

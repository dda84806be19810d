from __future__ import annotations

from marshmallow import fields

from webapp import clock
from webapp.api.resource import Resource, page_dict
from webapp.api.resources.cases import STATES, CaseSchema
from webapp.api.resources.projects import ProjectSchema
from webapp.api.values import Answer, Day, PageQuery, Text, Whole, asked_whole, choice, page_of, part, text
from webapp.principal import current_principal
from webapp.supervision.lists import LIGHTS, CaseFilter, ProjectFilter, case_rows, project_rows

resource = Resource("supervision", "监察 Supervision", "在办项目和办件的时限灯。Projects and cases with their lights.")


class SupervisedProjectSchema(Answer):
    project, light = part(ProjectSchema), choice(LIGHTS)
    cases, open_cases = Whole(), Whole()
    due_on, days_left, days = Day(allow_none=True), Whole(allow_none=True), Whole(allow_none=True)


class SupervisedCaseSchema(Answer):
    case, light = part(CaseSchema), choice(LIGHTS)
    project_code = fields.Function(
        lambda row: row.project.code if row.project else None, metadata={"type": ["string", "null"]})
    project_name = fields.Function(
        lambda row: row.project.name if row.project else None, metadata={"type": ["string", "null"]})
    due_on, days_left, who = Day(allow_none=True), Whole(allow_none=True), Text(allow_none=True)


class _Filter(PageQuery):
    q = text(100, load_default="")
    stage = asked_whole(1, 5)
    light = choice(LIGHTS, load_default="")
    department, division = text(40, load_default=""), text(6, load_default="")


class SupervisedProjectQuery(_Filter):
    state = choice(("running", "quiet", "done"), load_default="")
    sort = choice([sign + name for name in ("code", "name", "open", "light", "due", "created") for sign in ("", "-")],
                  load_default="")


class SupervisedCaseQuery(_Filter):
    state = choice(("open", "ended", "all", *STATES), load_default="")
    sort = choice([sign + name for name in ("number", "item", "light", "due", "department") for sign in ("", "-")],
                  load_default="")


@resource.get("/supervision/projects", rule="monitor.view", zh="监察：项目", query=SupervisedProjectQuery,
              answer=page_of(SupervisedProjectSchema), en="Projects with their worst light, the worst first.")
def list_supervised_projects(query: dict) -> dict:
    wanted = ProjectFilter(**{name: query.get(name) for name in ProjectFilter.__dataclass_fields__})
    found = project_rows(current_principal(), wanted, clock.today(), query["page"], query["per_page"])
    return page_dict(found.rows, found.total, query)


@resource.get("/supervision/cases", rule="monitor.view", zh="监察：办件", query=SupervisedCaseQuery,
              answer=page_of(SupervisedCaseSchema), en="Cases with their light, the worst first.")
def list_supervised_cases(query: dict) -> dict:
    wanted = CaseFilter(**{name: query.get(name) for name in CaseFilter.__dataclass_fields__})
    found = case_rows(current_principal(), wanted, clock.today(), query["page"], query["per_page"])
    return page_dict(found.rows, found.total, query)

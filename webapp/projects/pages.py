"""A project that is registered: registering it, its page, its plan, its one-form notice, applying for a stage of it."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from marshmallow import ValidationError
from sqlalchemy import select

from engine.db import db, unit_of_work
from parallel.cases.actions import choose_items, draft_application
from parallel.cases.errors import NoItemsChosen
from parallel.cases.models import Application
from parallel.cases.queries import cases_of_project, my_applications
from parallel.cases.states import APPLICATION_ENDED
from parallel.items.models import Division, ServiceItem
from parallel.items.queries import current_items
from parallel.paging import PER_PAGE
from parallel.projects.actions import register_project
from parallel.projects.attributes import attribute_groups, validate_attributes
from parallel.projects.errors import ProjectInvalid
from parallel.projects.models import Project, Stage
from parallel.projects.notice import SUPPLIER_NAMES, project_notice
from parallel.projects.plan import BESIDE
from parallel.projects.queries import (
    NOT_FILED, Missing, ProjectOverview, StageItem, StageView, notice_of, project_overview, search_projects, stage_of,
)
from parallel.projects.templates import stage_name
from webapp import clock
from webapp.documents.papers_of import counts_sentence, items_by_stage, one_form_notice_pdf
from webapp.identity.models import Account
from webapp.policy import permit, require
from webapp.portal.cards import CaseCard, cards, case_card
from webapp.portal.facts import facts_of
from webapp.portal.words import STAGE_LOOKS, name_of, pick
from webapp.principal import current_principal
from webapp.projects.blueprint import blueprint
from webapp.projects.draft import Draft, drop_draft, keep_draft, read_draft
from webapp.projects.planning import plan_page
from webapp.projects.schemas import DetailsSchema

REFILED = ("refused", "not_accepted", "withdrawn", "terminated")  # an item whose case ended so may be filed again


# --- registering ----------------------------------------------------------------------------------------

@blueprint.route("/projects/new", methods=["GET", "POST"])
@permit("role:applicant")
def register() -> Any:
    draft, errors = read_draft(), {}
    typed = {**_details_of_account(), **draft.details}
    if request.method == "POST":
        typed, errors = _details()
        if not errors:
            try:
                project = unit_of_work(lambda: _register(draft, typed))
                flash(gettext("项目已登记，项目代码 %(code)s。", code=project.code), "success")
                return drop_draft(redirect(url_for("projects.project", project_id=project.id)))
            except ProjectInvalid as refusal:
                errors = {name: [gettext(sentence)] for name, sentence in refusal.errors.items()}
        draft.details = typed
    divisions = _divisions()
    if not typed.get("division_code") and len(divisions) == 1:
        typed["division_code"] = divisions[0][0]
    page = render_template(
        "projects/register.html", typed=typed, errors=errors, divisions=divisions, draft=draft,
        groups=attribute_groups(),
    )
    return (page, 422) if errors else page


@blueprint.post("/projects/new/save")
@permit("role:applicant")
def save_details() -> Response:
    draft = read_draft()
    draft.details = {name: request.form.get(name, "")[:200] for name in DetailsSchema(set()).fields}
    return keep_draft(Response(status=204), draft)


def _details() -> tuple[dict[str, str], dict[str, list[str]]]:
    typed = {name: request.form.get(name, "").strip() for name in DetailsSchema(set()).fields}
    try:
        return DetailsSchema({code for code, _ in _divisions()}).load(request.form), {}
    except ValidationError as refusal:
        return typed, refusal.messages


def _register(draft: Draft, details: dict[str, str]) -> Project:
    account = current_principal().account
    return register_project(
        **{**details, "code": details["code"] or None}, attributes=validate_attributes(draft.facts), owner=account,
        by=account, at=clock.now(),
    )


def _details_of_account() -> dict[str, str]:
    """An organisation builds for itself unless it says otherwise."""
    account = db.session.get_one(Account, current_principal().account)
    if account.kind != "organisation":
        return {}
    return {"organisation": account.name, "organisation_code": account.organisation_code or ""}


def _divisions() -> list[tuple[str, str]]:
    """Where items are published, a project can be approved."""
    served = select(ServiceItem.division_code).where(ServiceItem.is_current, ServiceItem.status == "published")
    rows = db.session.execute(select(Division.code, Division.name).where(Division.code.in_(served)).order_by(Division.code))
    return [(code, f"{name}（{code}）") for code, name in rows]


# --- lists and pages ------------------------------------------------------------------------------------

@blueprint.get("/projects")
@permit("role:applicant")
def mine() -> str:
    words = request.args.get("q", "").strip()
    page = search_projects(
        words, owner=current_principal().account, page=request.args.get("page", 1, type=int), per_page=PER_PAGE
    )
    return render_template("projects/list.html", page=page, rows=[_list_row(each) for each in page.rows], q=words)


def _list_row(project: Project) -> dict[str, Any]:
    overview = project_overview(project)
    stage = overview.current_stage
    return {"id": project.id, "project": project, "stage": stage_name_of(stage) if stage else None,
            "done": overview.done, "total": overview.total}


@dataclass(frozen=True)
class Todo:
    """One thing that waits for the applicant."""

    title: str
    text: str
    verb: str
    url: str
    kind: str = "info"


@blueprint.get("/projects/<int:project_id>")
@permit("project.read")
def project(project_id: int) -> str:
    found = require("project.read", db.session.get(Project, project_id))
    overview = project_overview(found)
    cases = [case_card(case, clock.today()) for case in cases_of_project(found.id)]
    filed = _applications(found)
    return render_template(
        "projects/project.html", project=found, overview=overview, strip=_strip(overview), cases=_by_stage(overview, cases),
        todos=_todos(found, overview, filed), applications=cards(filed), running=_with_process(filed),
        facts=facts_of(card.case for card in cases), plan=plan_page(found.attributes, _first_day(found)),
        mine=current_principal().account == found.owner,
        ends=sorted(card.due.on for card in cases if card.due and card.case.ended_at is None),
    )


@blueprint.get("/projects/<int:project_id>/plan")
@permit("project.read")
def plan(project_id: int) -> str:
    found = require("project.read", db.session.get(Project, project_id))
    return render_template(
        "projects/plan.html", project=found, page=plan_page(found.attributes, _first_day(found)),
        groups=attribute_groups(), values=found.attributes,
    )


@blueprint.get("/projects/<int:project_id>/notice")
@permit("project.read")
def notice(project_id: int) -> str:
    found = require("project.read", db.session.get(Project, project_id))
    return _notice_page(notice_of(found), project=found, pdf=url_for("projects.notice_pdf", project_id=found.id))


@blueprint.get("/plan/notice")
@permit("public")
def try_notice() -> Any:
    """The same before anything is registered."""
    draft = read_draft()
    try:
        values = validate_attributes(draft.facts)
    except ProjectInvalid:
        return redirect(url_for("projects.result"))
    return _notice_page(project_notice(current_items(), values), project=None, pdf=None)


def _notice_page(found: Any, **context: Any) -> str:
    suppliers: dict[str, list] = {}
    for material in found.materials:
        suppliers.setdefault(material.supplier, []).append(material)
    return render_template(
        "projects/notice.html", notice=found, today=clock.today(), summary=counts_sentence(found),
        stages=items_by_stage(found), stage_names={number: pick(*stage_name(number)) for number, _ in items_by_stage(found)},
        suppliers=[(pick(*SUPPLIER_NAMES[name]), suppliers[name]) for name in SUPPLIER_NAMES if name in suppliers],
        **context,
    )


@blueprint.get("/projects/<int:project_id>/notice.pdf")
@permit("project.read")
def notice_pdf(project_id: int) -> Response:
    found = require("project.read", db.session.get(Project, project_id))
    content = one_form_notice_pdf(found, notice_of(found), clock.now())
    return Response(content, mimetype="application/pdf", headers={
        "Content-Disposition": f"inline; filename={found.code}-notice.pdf"
    })


# --- applying for a stage --------------------------------------------------------------------------------

@blueprint.route("/projects/<int:project_id>/apply/<int:number>", methods=["GET", "POST"])
@permit("project.apply")
def apply(project_id: int, number: int) -> Any:
    """Choose the items of an open stage; the rest is one application."""
    found = require("project.apply", db.session.get(Project, project_id))
    stage = stage_of(found, number)
    overview = project_overview(found)
    offered, earlier = _offered(overview, number), _draft_of(found, stage)
    chosen, errors = _ticked(offered, earlier), {}
    if request.method == "POST":
        chosen = [code for code in request.form.getlist("items") if code in {each.item.code for each in offered}]
        if chosen:
            application = unit_of_work(lambda: _begin(found, stage, chosen, earlier.id if earlier else None))
            return redirect(url_for("portal.form", application_id=application.id))
        errors = {"items": [gettext(NoItemsChosen.message)]}
    page = render_template(
        "projects/apply.html", project=found, stage=stage, offered=offered, chosen=chosen, errors=errors,
        draft=earlier, is_open=stage.state == "open", before=_before(overview, number), offers=_offers(offered),
        names={item.code: name_of(item) for item in current_items()}, stage_name=stage_name_of(stage),
    )
    return (page, 422) if errors else page


def _offered(overview: ProjectOverview, number: int) -> list[StageItem]:
    """What may be applied for now: of the stage, and of what runs beside the stages."""
    return [
        entry for view in overview.stages if view.stage.number in (number, BESIDE)
        for entry in view.items if entry.state in (NOT_FILED, "draft", *REFILED)
    ]


def _ticked(offered: list[StageItem], earlier: Application | None) -> list[str]:
    if earlier is not None:
        return [case.item_code for case in earlier.cases]
    return [entry.item.code for entry in offered]


def _draft_of(project: Project, stage: Stage) -> Application | None:
    mine = select(Application).where(
        Application.project_id == project.id, Application.applicant == current_principal().account,
        Application.state == "draft", Application.stage_number == stage.number,
    )
    return db.session.scalar(mine.order_by(Application.id.desc()).limit(1))


def _begin(project: Project, stage: Stage, codes: list[str], draft_id: int | None) -> Application:
    account, at = db.session.get_one(Account, current_principal().account), clock.now()
    if draft_id is not None:
        return choose_items(db.session.get_one(Application, draft_id), codes, by=account.id, at=at)
    return draft_application(
        applicant=account.id, applicant_name=account.name,
        applicant_id_number=account.organisation_code or account.id_number or "", contact_phone=account.phone or "",
        project=db.session.get_one(Project, project.id), stage=stage.number, item_codes=codes, by=account.id, at=at,
    )


def _before(overview: ProjectOverview, number: int) -> dict[str, Any] | None:
    view = next((view for view in overview.stages if view.stage.number == number - 1), None)
    return {"name": stage_name_of(view.stage), "done": view.done, "total": len(view.items)} if view else None


def _offers(offered: list[StageItem]) -> list[tuple[str, list[StageItem]]]:
    """The stage's own items first, then what runs beside the stages."""
    stages: dict[int, list[StageItem]] = {}
    for entry in offered:
        stages.setdefault(entry.item.stage, []).append(entry)
    return [(pick(*stage_name(number)), rows) for number, rows in sorted(stages.items())]


@blueprint.app_template_filter()
def missing_words(missing: Missing, names: dict[str, str]) -> str:
    """What is waited for: a name, or several of which one is enough."""
    return " / ".join(names.get(code, code) for code in missing.any_of)


# --- what the project's page shows ----------------------------------------------------------------------

def _applications(project: Project) -> list[Application]:
    """The owner's own with drafts, newest first; others see what was filed."""
    rows = my_applications(project.owner, project_id=project.id, per_page=200).rows
    mine = current_principal().account == project.owner
    return [each for each in rows if mine or each.state != "draft"]


def _with_process(applications: list[Application]) -> list[Application]:
    """Those whose diagram the page shows: what runs, else what ran last. The others' stand on their own pages."""
    drawn = [each for each in applications if each.instance_id]
    return [each for each in drawn if each.state not in APPLICATION_ENDED] or drawn[:1]


def _strip(overview: ProjectOverview) -> list[dict[str, Any]]:
    current = overview.current_stage
    strip = []
    for view in overview.stages:
        started = any(entry.state not in (NOT_FILED, "draft") for entry in view.items)
        look = STAGE_LOOKS[view.stage.state]
        strip.append({
            "name": stage_name_of(view.stage), "state": "running" if look == "ready" and started else look,
            "note": f"{view.done} / {len(view.items)}", "current": current is not None and view.stage.id == current.id,
            "href": f"#stage-{view.stage.number}",
        })
    return strip


def stage_name_of(stage: Stage) -> str:
    return pick(stage.name, stage_name(stage.number)[1])


def _by_stage(overview: ProjectOverview, cases: list[CaseCard]) -> list[dict[str, Any]]:
    """Every applicable item of each stage, with its case where there is one."""
    known = {card.id: card for card in cases}
    names = {entry.item.code: name_of(entry.item) for view in overview.stages for entry in view.items}
    return [
        {"stage": view.stage, "name": stage_name_of(view.stage), "done": view.done, **_stage_tag(view),
         "rows": [{"code": entry.item.code, "entry": entry, "card": known.get(entry.case.id) if entry.case else None,
                   "name": name_of(entry.item), "department": name_of(entry.department),
                   "waits": pick("；", "; ").join(missing_words(each, names) for each in entry.waits_for)}
                  for entry in view.items]}
        for view in overview.stages if view.items
    ]


def _stage_tag(view: StageView) -> dict[str, str]:
    if view.stage.state == "closed":
        return {"look": "done", "word": gettext("已办结")}
    if view.stage.state == "not_started":
        return {"look": "not_started", "word": gettext("未开放")}
    if any(entry.state in (NOT_FILED, "draft", *REFILED) for entry in view.items):
        return {"look": "ready", "word": gettext("可以申报")}
    return {"look": "running", "word": gettext("办理中")}


def _todos(project: Project, overview: ProjectOverview, applications: list[Application]) -> list[Todo]:
    if current_principal().account != project.owner:
        return []
    todos = [_correction(each) for each in applications if each.state == "correcting"]
    todos += [
        Todo(gettext("请到大厅办理受理"), gettext("申请 %(number)s 已通过预审，请按通知到政务服务大厅综合窗口。", number=each.number),
             gettext("查看申请"), url_for("portal.application", application_id=each.id))
        for each in applications if each.state == "pre_accepted" and each.delivery == "hall"
    ]
    drafts = {each.stage_number for each in applications if each.state == "draft"}
    todos += [
        Todo(gettext("继续填写申请"),
             ngettext("%(num)s 个事项的申请还没有提交。", "%(num)s 个事项的申请还没有提交。", len(each.cases)),
             gettext("继续填写"), url_for("portal.form", application_id=each.id))
        for each in applications if each.state == "draft"
    ]
    todos += [_to_apply(project, view) for view in overview.stages if _may_apply(view, drafts)]
    return todos


def _correction(application: Application) -> Todo:
    return Todo(
        ngettext("请补正 %(num)s 项", "请补正 %(num)s 项", len(application.corrections)),
        gettext("申请 %(number)s 需要补齐补正。补正期间不计时。", number=application.number), gettext("去补正"),
        url_for("portal.correct", application_id=application.id), "warning",
    )


def _may_apply(view: StageView, drafts: set[int | None]) -> bool:
    stage = view.stage
    if stage.number == BESIDE or stage.state != "open" or stage.number in drafts:
        return False
    return any(entry.state in (NOT_FILED, *REFILED) for entry in view.items)


def _to_apply(project: Project, view: StageView) -> Todo:
    count = sum(entry.state in (NOT_FILED, *REFILED) for entry in view.items)
    return Todo(
        gettext("可以申报“%(stage)s”", stage=stage_name_of(view.stage)),
        ngettext("还有 %(num)s 个事项没有申报，可以一次申请。", "还有 %(num)s 个事项没有申报，可以一次申请。", count),
        gettext("申报这一阶段"), url_for("projects.apply", project_id=project.id, number=view.stage.number),
    )


def _first_day(project: Project) -> Any:
    """The plan counts from the day the project was registered."""
    return project.created_at.astimezone(clock.CHINA).date()

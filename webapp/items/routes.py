"""The item manager's room: search, one item with its versions, what differs between two, changes, publishing."""
from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from sqlalchemy import func, select
from werkzeug.wrappers import Response

from engine.api import ProcessDefinition, ProcessNotFound, db, latest_definition, unit_of_work
from parallel.cases.models import Case
from parallel.errors import ParallelError
from parallel.items.actions import bind_process, publish_item, resume_item, revise_item, suspend_item
from parallel.items.codes import BODY_KINDS, split_basic_code, split_implementation_code
from parallel.items.errors import CodeInvalid
from parallel.items.item_types import item_types
from parallel.items.models import Department, Division, ServiceItem
from parallel.items.queries import current_item, search_items, versions_of
from parallel.paging import PER_PAGE
from parallel.projects.templates import stage_name
from webapp import clock
from webapp.diagrams.board import department_name, is_english
from webapp.errors import NotFound
from webapp.identity.models import Account
from webapp.items.comparing import SOURCES, STATUSES, differences, limit_words, material_words, prerequisite_words
from webapp.items.forms import Wrong, changes_of, material_rows, typed_rows, values_of
from webapp.navigation import Entry
from webapp.policy import permit
from webapp.principal import current_principal

blueprint = Blueprint("items", __name__, url_prefix="/staff/items")

navigation = [Entry(lazy_gettext("事项管理"), "items.index", "item.manage", order=30)]

ACTS = {
    "publish": (publish_item, lazy_gettext("事项已发布，可以申请。")),
    "suspend": (suspend_item, lazy_gettext("事项已停用，不再接受新申请；在办件继续办理。")),
    "resume": (resume_item, lazy_gettext("事项已恢复，可以申请。")),
}
STATUS_SHOWN = {"draft": "not_started", "published": "agreed", "suspended": "suspended", "cancelled": "cancelled"}


@blueprint.context_processor
def _words() -> dict[str, Any]:
    return {
        "is_english": is_english, "department_name": department_name, "statuses": STATUSES, "status_shown": STATUS_SHOWN,
        "sources": SOURCES, "limit_words": limit_words, "stage_word": lambda number: stage_name(number)[is_english()],
        "material_words": material_words, "prerequisite_words": prerequisite_words,
    }


@blueprint.get("/")
@permit("item.manage")
def index() -> str:
    """事项检索 by region, department, type, status and text together (ITEM-9)."""
    wanted = {name: request.args.get(name, "").strip()[:100] for name in ("q", "division", "department", "type", "status")}
    page = search_items(
        wanted["q"], wanted["division"] or None, wanted["department"] or None, wanted["type"] or None,
        wanted["status"] or None, page=request.args.get("page", 1, type=int), per_page=PER_PAGE,
    )
    return render_template("items/index.html", page=page, wanted=wanted, **_choices())


def _choices() -> dict[str, Any]:
    """What the filters offer: regions, departments and types that items have."""
    mine = select(ServiceItem.division_code, ServiceItem.department_code, ServiceItem.item_type).where(ServiceItem.is_current).distinct()
    rows = db.session.execute(mine).all()
    divisions = db.session.execute(
        select(Division.code, Division.name).where(Division.code.in_({row.division_code for row in rows})).order_by(Division.code)
    )
    departments = db.session.scalars(
        select(Department).where(Department.code.in_({row.department_code for row in rows})).order_by(Department.code)
    )
    present = {row.item_type for row in rows}
    return {
        "divisions": [(code, name) for code, name in divisions],
        "departments": [(each.code, department_name(each)) for each in departments],
        "types": [(name, kind.name_en if is_english() else name) for name, kind in item_types().items() if name in present],
    }


# --- one item -------------------------------------------------------------------------------------------

@blueprint.get("/<code>")
@permit("item.manage")
def item(code: str) -> str:
    return _item_page(code)


def _item_page(code: str, errors: dict[str, list[str]] | None = None) -> str:
    found = current_item(code)
    history = versions_of(code)
    authors = dict(db.session.execute(
        select(Account.id, Account.name).where(Account.id.in_({version.created_by for version in history}))
    ).all())
    held = dict(db.session.execute(
        select(Case.item_id, func.count()).where(Case.item_id.in_([version.id for version in history]), Case.ended_at.is_(None), Case.state != "draft")
        .group_by(Case.item_id)
    ).all())
    return render_template(
        "items/item.html", item=found, history=history, authors=authors, held=held, process=_process(found.process_key),
        processes=_process_choices(), basic=_basic_segments(found), implementation=_implementation_segments(found),
        errors=errors or {},
    )


def _process(key: str) -> ProcessDefinition | None:
    try:
        return latest_definition(key)
    except ProcessNotFound:
        return None


def _process_choices() -> list[tuple[str, str]]:
    rows = db.session.execute(
        select(ProcessDefinition.key, func.max(ProcessDefinition.name)).group_by(ProcessDefinition.key).order_by(ProcessDefinition.key)
    )
    return [(key, f"{name}（{key}）") for key, name in rows]


def _basic_segments(found: ServiceItem) -> list[tuple[str, str, str]]:
    """(digits, segment, meaning) of the basic code (CODE-1); a code of another scheme has none."""
    try:
        code = split_basic_code(found.basic_code or "")
    except CodeInvalid:
        return []
    kind = next((kind for kind in item_types().values() if kind.code == code.kind), None)
    meaning = (kind.name_en if is_english() else kind.name) if kind else ""
    return [
        (code.kind, gettext("事项类型"), meaning), (code.main, gettext("主项"), ""),
        (code.sub, gettext("子项"), gettext("没有子项") if code.sub == "000" else ""),
    ]


def _implementation_segments(found: ServiceItem) -> list[tuple[str, str, str]]:
    """(digits, segment, meaning) of the implementation code (CODE-2)."""
    try:
        code = split_implementation_code(found.implementation_code or "")
    except CodeInvalid:
        return []
    division = db.session.get(Division, code.division)
    none = gettext("无")
    return [
        (code.division, gettext("行政区划"), division.name if division else ""),
        (code.town, gettext("乡镇街道"), none if code.town == "000" else ""),
        (code.village, gettext("村居社区"), none if code.village == "000" else ""),
        (code.organisation, gettext("组织机构代码"), department_name(found.department)),
        (code.body_kind, gettext("实施机构类别"), gettext(BODY_KINDS.get(code.body_kind, ""))),
        (code.handling, gettext("办理项"), none if code.handling == "00" else ""),
    ]


@blueprint.get("/<code>/compare")
@permit("item.manage")
def compare(code: str) -> str:
    """What differs between two versions; without a choice, the newest and the one before."""
    history = {version.version: version for version in versions_of(code)}
    if not history:
        raise NotFound
    newest = max(history)
    after = request.args.get("after", newest, type=int)
    before = request.args.get("before", max(after - 1, min(history)), type=int)
    if before not in history or after not in history:
        raise NotFound
    return render_template(
        "items/compare.html", item=history[newest], before=history[before], after=history[after],
        numbers=sorted(history), differences=differences(history[before], history[after]),
    )


# --- changes --------------------------------------------------------------------------------------------

@blueprint.get("/<code>/edit")
@permit("item.manage")
def edit(code: str) -> str:
    found = current_item(code)
    return _edit_page(found, values_of(found), material_rows(found), {})


def _edit_page(found: ServiceItem, values: dict, rows: list[dict], errors: dict[str, list[str]]) -> str:
    return render_template("items/edit.html", item=found, values=values, rows=rows, errors=errors)


@blueprint.post("/<code>/edit")
@permit("item.manage")
def revise(code: str) -> Any:
    """清单动态更新: a new version; cases keep the version they were accepted under (ITEM-2)."""
    by, at, form = current_principal().account, clock.now(), request.form

    def act() -> tuple[int, int]:
        before = current_item(code)
        if form.get("version", type=int) != before.version:
            raise Wrong({"": [gettext("别人刚刚改出了第 %(version)s 版，请核对后再保存。", version=before.version)]})
        return before.version, revise_item(code, changes_of(before, form), by=by, at=at).version

    try:
        before, after = unit_of_work(act)
    except Wrong as refusal:
        return _refused(code, refusal.errors), 422
    except ParallelError as refusal:
        return _refused(code, {refusal.field or "": [gettext(str(refusal))]}), refusal.status
    if before == after:
        flash(gettext("没有改动，仍是第 %(version)s 版。", version=after), "info")
        return redirect(url_for("items.item", code=code))
    flash(gettext("已保存为第 %(version)s 版；在办件仍按受理时的版本办理。", version=after), "success")
    return redirect(url_for("items.compare", code=code, before=before, after=after))


def _refused(code: str, errors: dict[str, list[str]]) -> str:
    """The form again with everything that was typed."""
    found, form = current_item(code), request.form
    typed = {name: form.get(name, "") for name in values_of(found)}
    return _edit_page(found, typed, typed_rows(form) or material_rows(found), errors)


@blueprint.post("/<code>/status/<act>")
@permit("item.manage")
def change_status(code: str, act: str) -> Response:
    """发布, 停用, 恢复 (ITEM-8)."""
    if act not in ACTS:
        raise NotFound
    action, sentence = ACTS[act]
    by, at = current_principal().account, clock.now()
    try:
        unit_of_work(lambda: action(code, by=by, at=at))
    except ParallelError as refusal:
        if refusal.status == 404:
            raise
        flash(gettext(str(refusal)), "danger")
    else:
        flash(str(sentence), "success")
    return redirect(url_for("items.item", code=code))


@blueprint.post("/<code>/process")
@permit("item.manage")
def bind(code: str) -> Any:
    """流程与清单绑定 (ITEM-8, DEPT-3)."""
    key, by, at = request.form.get("process_key", "").strip(), current_principal().account, clock.now()
    try:
        unit_of_work(lambda: bind_process(code, key, by=by, at=at))
    except ParallelError as refusal:
        return _item_page(code, {"process_key": [gettext(str(refusal))]}), 422
    flash(gettext("已绑定流程：新办件按它办理，在办件不变。"), "success")
    return redirect(url_for("items.item", code=code))

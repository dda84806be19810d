"""办事指南: the list of items with its filters (ITEM-9) and the guide of one item."""
from __future__ import annotations

from typing import Any

from flask import Response, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy import select

from engine.api import ProcessNotFound, definition_xml, latest_definition
from engine.db import db
from parallel.cases.actions.submit_application import needs_project
from parallel.items.item_types import item_types
from parallel.items.models import Department, Division, ServiceItem
from parallel.items.queries import ItemGuide, current_item, item_guide, search_items
from parallel.projects.applicability import holds
from parallel.projects.queries import search_projects
from webapp.diagrams.planes import drawing_of, renamed
from webapp.errors import NotFound
from webapp.policy import permit, require
from webapp.portal.blueprint import blueprint
from webapp.portal.words import ITEM_STATUS, is_english, item_limit, name_of, pick
from webapp.principal import APPLICANT, ITEM_MANAGER, current_principal

PER_PAGE = 20
SHOWN_STATUSES = ("published", "suspended", "cancelled")


@blueprint.get("/items")
@permit("public")
def items() -> str:
    arguments = {name: request.args.get(name, "").strip()[:100] for name in ("q", "division", "department", "type", "status")}
    status = arguments["status"] if arguments["status"] in SHOWN_STATUSES else "published"
    page = search_items(
        arguments["q"], arguments["division"] or None, arguments["department"] or None, arguments["type"] or None,
        status, page=request.args.get("page", 1, type=int), per_page=PER_PAGE,
    )
    return render_template(
        "portal/items.html", page=page, chosen={**arguments, "status": status}, filters=_filters(), status=ITEM_STATUS,
    )


def _filters() -> dict[str, list[tuple[str, Any]]]:
    """What may be chosen: only what leads to at least one item."""
    shown = select(ServiceItem).where(ServiceItem.is_current, ServiceItem.status.in_(SHOWN_STATUSES)).subquery()
    divisions = db.session.execute(
        select(Division.code, Division.name).where(Division.code.in_(select(shown.c.division_code))).order_by(Division.code)
    )
    departments = db.session.scalars(
        select(Department).where(Department.code.in_(select(shown.c.department_code))).order_by(Department.code)
    )
    used = set(db.session.scalars(select(shown.c.item_type).distinct()))
    return {
        "division": [(code, name) for code, name in divisions],
        "department": [(department.code, name_of(department)) for department in departments],
        "type": [(kind.name, pick(kind.name, kind.name_en)) for kind in item_types().values() if kind.name in used],
        "status": [(status, ITEM_STATUS[status]) for status in SHOWN_STATUSES],
    }


@blueprint.get("/items/<code>")
@permit("public")
def item(code: str) -> str:
    guide = item_guide(code)
    require("item.read", guide.item)
    return render_template(
        "portal/item.html", guide=guide, item=guide.item, promise=_promise(guide), status=ITEM_STATUS,
        drawn=_drawing(guide.item) is not None, needs_project=needs_project(guide.item),
        projects=_projects_for(guide.item), can_manage=current_principal().has(ITEM_MANAGER),
    )


def _promise(guide: ItemGuide) -> list[str]:
    """The promise in one sentence: days, trips, cost."""
    item = guide.item
    unknown = item.promised_days is None and item.legal_days is None
    limit = gettext("时限未规定") if unknown else item_limit(item)
    fee = gettext("收费") if guide.fee.get("charge") else gettext("不收费")
    return [limit, gettext("网上申请，0 次跑动"), fee]


def _projects_for(item: ServiceItem) -> list[Any]:
    """My projects to which the item applies and that may apply for it now."""
    principal = current_principal()
    if not principal.has(APPLICANT) or not needs_project(item):
        return []
    mine = search_projects(owner=principal.account, per_page=50).rows
    return [
        {"project": each, "url": url_for("projects.apply", project_id=each.id, number=_stage(each, item))}
        for each in mine if holds(item.applicability, each.attributes) and _stage(each, item) is not None
    ]


def _stage(project: Any, item: ServiceItem) -> int | None:
    """The open stage with which the item may be filed; what runs beside goes with any."""
    opened = [stage.number for stage in project.stages if stage.state == "open" and stage.number <= 4]
    if item.stage in opened:
        return item.stage
    return opened[0] if item.stage == 5 and opened else None


@blueprint.get("/items/<code>/process.bpmn")
@permit("public")
def process(code: str) -> Response:
    """The drawing of the item's process."""
    source = _drawing(require("item.read", current_item(code)))
    if source is None:
        raise NotFound
    return Response(source, mimetype="application/xml", headers={"Cache-Control": "private, max-age=300", "Vary": "Cookie"})


def _drawing(item: ServiceItem) -> bytes | None:
    try:
        deployed = latest_definition(item.process_key)
    except ProcessNotFound:
        return None
    drawn = drawing_of(definition_xml(deployed.id), item.process_key)
    return renamed(drawn, lambda _, name: gettext(name)) if is_english() else drawn


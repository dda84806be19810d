"""Diagrams for viewers: the drawing, the state of its elements, and a page around both for any running process."""
from __future__ import annotations

from datetime import datetime

from flask import Blueprint, Response, jsonify, render_template, request
from flask_babel import gettext

from engine.api import CHINA, ProcessInstance, db, definition, definition_elements, definition_xml
from parallel.cases.models import Application, Case
from webapp import clock
from webapp.diagrams.board import board, is_english, item_name
from webapp.diagrams.facts import read_facts
from webapp.diagrams.planes import drawing_of, renamed
from webapp.policy import business_object, permit, require

blueprint = Blueprint("diagrams", __name__, url_prefix="/diagrams")

A_DAY = 24 * 3600


@blueprint.get("/<instance_id>.xml")
@permit("instance.read")
def drawing(instance_id: str) -> Response:
    instance = _instance(instance_id)
    return _drawing(instance.definition_id, _items_in_english(instance) if is_english() else None)


@blueprint.get("/<instance_id>.json")
@permit("instance.read")
def state(instance_id: str) -> Response:
    """The elements as they stand, or stood at `?at=` (an ISO moment; replay)."""
    _instance(instance_id)
    moment = past_moment()
    return jsonify(board(instance_id, moment or clock.now(), replay=moment is not None).as_json())


@blueprint.get("/<instance_id>")
@permit("instance.read")
def page(instance_id: str) -> str:
    """One instance with the way back to what called it."""
    instance = _instance(instance_id)
    parent = db.session.get(ProcessInstance, instance.parent_id) if instance.parent_id else None
    subject = business_object(instance.business_key)
    return render_template(
        "diagrams/page.html", instance=instance, definition=definition(instance.definition_id), parent=parent,
        parent_name=_title(parent) if parent else None, title=_title(instance), subject=subject,
    )


@blueprint.get("/definitions/<int:definition_id>.xml")
@permit("process.read")
def definition_drawing(definition_id: int) -> Response:
    return _drawing(definition_id, {} if is_english() else None)


def past_moment() -> datetime | None:
    """`?at=` as a moment, in China's time where none is named; anything else is no moment."""
    try:
        moment = datetime.fromisoformat(request.args.get("at", "").replace(" ", "+"))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=CHINA)


def _instance(instance_id: str) -> ProcessInstance:
    return require("instance.read", db.session.get(ProcessInstance, instance_id))


def _title(instance: ProcessInstance) -> str:
    subject = business_object(instance.business_key)
    if isinstance(subject, Case):
        return item_name(subject.item)
    if isinstance(subject, Application):
        return gettext("申请 %(number)s", number=subject.number or subject.id)
    return definition(instance.definition_id).name


def _drawing(definition_id: int, english: dict[str, str] | None) -> Response:
    """`english`: element → its name in English; the other words of the drawing go through our translations."""
    row = definition(definition_id)
    xml = drawing_of(definition_xml(definition_id), row.key)
    if english is not None:
        xml = renamed(xml, lambda element_id, name: english.get(element_id) or gettext(name))
    response = Response(xml, content_type="application/xml; charset=utf-8")
    response.headers["Cache-Control"] = f"private, max-age={A_DAY}"  # a definition never changes
    response.headers["Vary"] = "Cookie"  # the reader, and the language
    return response


def _items_in_english(instance: ProcessInstance) -> dict[str, str]:
    """Items by their own English names."""
    facts = read_facts(instance.id, clock.now())
    items = {case.item_code: case.item.name_en for case in facts.cases.values()}
    return {
        element_id: items.get(element.extensions.item, "")
        for element_id, element in definition_elements(instance.definition_id).items() if element.extensions.item
    }

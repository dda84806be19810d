"""What could not be delivered to another system: a person sees it, mends the cause, and sends it again."""
from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from sqlalchemy import ColumnElement, and_, func, select

from engine.api import OutboxEvent, record
from engine.db import db, unit_of_work
from parallel.paging import PER_PAGE
from webapp import clock
from webapp.errors import NotFound
from webapp.navigation import Entry
from webapp.policy import permit
from webapp.principal import Principal, current_principal

blueprint = Blueprint("deliveries", __name__)



def _given_up() -> ColumnElement[bool]:
    """Index: ix_outbox_event_undelivered."""
    return and_(OutboxEvent.delivered_at.is_(None), OutboxEvent.failure.is_not(None))


def _count(_: Principal) -> int | None:
    return db.session.scalar(select(func.count()).select_from(OutboxEvent).where(_given_up())) or None


navigation = [Entry(lazy_gettext("未送达"), "deliveries.index", "delivery.manage", order=91, count=_count)]


@blueprint.get("/admin/deliveries")
@permit("delivery.manage")
def index() -> str:
    found = select(OutboxEvent).where(_given_up()).order_by(OutboxEvent.id)
    page = db.paginate(found, page=request.args.get("page", 1, type=int), per_page=PER_PAGE)
    return render_template("deliveries/index.html", page=page)


@blueprint.post("/admin/deliveries/<int:event_id>/retry")
@permit("delivery.manage")
def retry(event_id: int) -> Response:
    unit_of_work(lambda: _retry(event_id))
    flash(gettext("已经重新排队，几秒内再次发送。"), "success")
    return redirect(url_for("deliveries.index"))


def _retry(event_id: int) -> None:
    event = db.session.get(OutboxEvent, event_id)
    if event is None or event.failure is None or event.delivered_at is not None:
        raise NotFound
    by, at = current_principal().account, clock.now()
    record(f"delivery:{event.key}", "delivery_retried", by=by, at=at, detail={"kind": event.kind, "failure": event.failure})
    event.failure, event.attempts, event.next_attempt_at = None, 0, at

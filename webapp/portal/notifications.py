"""消息: what the platform told me, on the site."""
from __future__ import annotations

from flask import Response, redirect, render_template, request, url_for

from engine.db import unit_of_work
from parallel.notifications.actions import mark_read
from parallel.notifications.queries import notifications_of, unread_count
from webapp import clock
from webapp.policy import permit, visible_notifications
from webapp.portal.blueprint import blueprint
from webapp.principal import Principal, current_principal

SHOWN = 100


@blueprint.get("/notifications")
@permit("notification.read")
def notifications() -> str:
    principal = current_principal()
    visible_notifications(principal)  # what follows is the account's own
    return render_template(
        "portal/notifications.html", rows=notifications_of(principal.account, SHOWN),
        unread=unread_count(principal.account), account=principal.account,
    )


@blueprint.post("/notifications/read")
@permit("signed_in")
def read_notifications() -> Response:
    account = current_principal().account
    wanted = [int(each) for each in request.form.getlist("id") if each.isdigit()] or None
    unit_of_work(lambda: mark_read(account, clock.now(), wanted))
    return redirect(url_for("portal.notifications"))


def unread(principal: Principal) -> int | None:
    """The number beside the menu's entry; nothing when all is read."""
    return unread_count(principal.account) or None

"""The room's door: its pages, its style sheet, and its entries in the portal's menu."""
from pathlib import Path

from flask import Response, send_from_directory
from flask_babel import lazy_gettext

from webapp.navigation import Entry
from webapp.policy import permit
from webapp.portal import applications, applying, home, items, notifications, tracking  # noqa: F401  the views stand there
from webapp.portal.blueprint import blueprint

__all__ = ["blueprint", "navigation"]

AN_HOUR = 3600

navigation = [
    Entry(lazy_gettext("首页"), "portal.home", "public", realm="public", order=10),
    Entry(lazy_gettext("办事指南"), "portal.items", "public", realm="public", order=20),
    Entry(lazy_gettext("我的申请"), "portal.applications", "role:applicant", realm="public", order=50),
    Entry(lazy_gettext("进度查询"), "portal.track", "public", realm="public", order=60),
    Entry(lazy_gettext("消息"), "portal.notifications", "role:applicant", realm="public", order=70, count=notifications.unread),
]


@blueprint.get("/portal.css")
@permit("public")
def style() -> Response:
    """Layout of plans and forms of this room; colours, type and spacing are the house's tokens."""
    return send_from_directory(Path(__file__).parent, "portal.css", max_age=AN_HOUR)

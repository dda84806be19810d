"""The room's door: its pages, and its entries in the portal's menu."""
from flask_babel import lazy_gettext

from webapp.navigation import Entry
from webapp.portal import applications, applying, home, items, notifications, tracking  # noqa: F401  the views stand there
from webapp.portal.blueprint import blueprint

__all__ = ["blueprint", "navigation"]

navigation = [
    Entry(lazy_gettext("首页"), "portal.home", "public", realm="public", order=10),
    Entry(lazy_gettext("办事指南"), "portal.items", "public", realm="public", order=20),
    Entry(lazy_gettext("我的申请"), "portal.applications", "role:applicant", realm="public", order=50),
    Entry(lazy_gettext("进度查询"), "portal.track", "public", realm="public", order=60),
    Entry(lazy_gettext("消息"), "portal.notifications", "role:applicant", realm="public", order=70, count=notifications.unread),
]

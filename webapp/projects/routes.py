"""The room's door: its pages and its entries in the portal's menu."""
from flask_babel import lazy_gettext

from webapp.navigation import Entry
from webapp.projects import pages, wizard  # noqa: F401  the views stand there
from webapp.projects.blueprint import blueprint

__all__ = ["blueprint", "navigation"]

navigation = [
    Entry(lazy_gettext("投资项目"), "projects.start", "public", realm="public", order=30),
    Entry(lazy_gettext("我的项目"), "projects.mine", "role:applicant", realm="public", order=40),
]

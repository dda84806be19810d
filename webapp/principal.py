"""Who asks. A Principal is what is known of the signed-in person for one request."""
from __future__ import annotations

from dataclasses import dataclass

from flask import has_request_context
from flask_login import current_user

APPLICANT = "applicant"
WINDOW_CLERK = "window_clerk"
OFFICER = "officer"
ITEM_MANAGER = "item_manager"
PROCESS_DESIGNER = "process_designer"
MONITOR = "monitor"
ADMINISTRATOR = "administrator"

ROLES = (APPLICANT, WINDOW_CLERK, OFFICER, ITEM_MANAGER, PROCESS_DESIGNER, MONITOR, ADMINISTRATOR)
STAFF_ROLES = ROLES[1:]


@dataclass(frozen=True)
class Principal:
    """An account with what it may be known by. `groups` are the candidate groups of tasks that fit it."""

    account: str
    name: str
    realm: str  # public, staff; empty for nobody
    roles: frozenset[str] = frozenset()
    department: str | None = None
    division: str | None = None
    groups: frozenset[str] = frozenset()
    locale: str | None = None
    session: bytes | None = None  # the hash of the session's token, when a browser asks
    scopes: frozenset[str] | None = None  # of an API token; None: a browser, which may all its person may

    # What flask-login asks of a user.
    @property
    def is_authenticated(self) -> bool:
        return bool(self.account)

    is_active = is_authenticated

    @property
    def is_anonymous(self) -> bool:
        return not self.account

    def get_id(self) -> str:
        return self.account

    def has(self, role: str) -> bool:
        return role in self.roles


NOBODY = Principal(account="", name="", realm="")


def groups_of(account: str, roles: set[str], department: str | None, memberships: set[str]) -> frozenset[str]:
    """The groups that fit an account: itself, its roles, its department, each role in it, and what it was put in."""
    fitting = {f"user:{account}"} | set(roles) | set(memberships)
    if department:
        fitting |= {f"dept:{department}"} | {f"{role}@{department}" for role in roles}
    return frozenset(fitting)


def current_principal() -> Principal:
    """The person who asks; NOBODY when no one is signed in or no request is being answered."""
    if not has_request_context():
        return NOBODY
    return current_user._get_current_object()

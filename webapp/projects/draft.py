"""A project that is being thought about. It stays in a signed cookie of this browser: nothing is stored before one registers.

Only what differs from the defaults is kept, so that a whole project fits.
"""
from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flask import Response, current_app, request
from itsdangerous import BadSignature, URLSafeSerializer

from parallel.projects.attributes import attributes, default_attributes
from webapp.config import config

COOKIE = "project-draft"
SALT = "binglian-project-draft"
DAYS = 30


@dataclass
class Draft:
    """`facts` are attributes of the project, `details` its name, organisation and code as typed, `seen` the pages answered."""

    facts: dict[str, Any] = field(default_factory=dict)
    details: dict[str, str] = field(default_factory=dict)
    seen: list[str] = field(default_factory=list)

    @property
    def values(self) -> dict[str, Any]:
        return {**default_attributes(), **self.facts}

    def set_facts(self, facts: dict[str, Any]) -> None:
        defaults = default_attributes()
        self.facts = {name: value for name, value in {**self.facts, **facts}.items() if value != defaults[name]}

    def see(self, group: str) -> None:
        if group not in self.seen:
            self.seen.append(group)


def read_draft() -> Draft:
    """The draft of this browser; a cookie that was tampered with or is from another house is none."""
    try:
        kept = _serializer().loads(request.cookies.get(COOKIE, ""))
    except BadSignature:
        return Draft()
    facts = {
        name: value for name, value in kept["facts"].items()
        if name in attributes() and attributes()[name].fault(value) is None
    }
    return Draft(facts, kept["details"], kept["seen"])


def keep_draft(response: Response, draft: Draft) -> Response:
    text = _serializer().dumps({"facts": draft.facts, "details": draft.details, "seen": draft.seen})
    response.set_cookie(
        COOKIE, text, max_age=DAYS * 86400, httponly=True, samesite="Lax", secure=config().is_https
    )
    return response


def drop_draft(response: Response) -> Response:
    response.delete_cookie(COOKIE)
    return response


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key, salt=SALT)

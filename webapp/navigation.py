"""What stands in the menus. A room says it beside its routes: `navigation = [Entry(…)]` in its routes.py."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Flask, request, url_for

from webapp.policy import may_enter
from webapp.principal import NOBODY, Principal, current_principal


@dataclass(frozen=True)
class Entry:
    """One menu entry, shown to whoever `rule` (as in `@permit`) lets in.

    Args:
        realm: `staff` for the side menu of officials, `public` for the portal's.
        menu: `main`, or `user` for the menu under the person's name.
        count: tells how much waits there, or None.
    """

    label: Any
    endpoint: str
    rule: str
    realm: str = "staff"
    order: int = 50
    menu: str = "main"
    count: Callable[[Principal], int | None] | None = None


def entries_for(app: Flask, principal: Principal, menu: str = "main") -> list[Entry]:
    realm = principal.realm or "public"
    return [
        entry for entry in sorted(app.extensions["navigation"], key=lambda entry: entry.order)
        if entry.realm == realm and entry.menu == menu and may_enter(entry.rule, principal)
    ]


def register_navigation(app: Flask, entries: list[Entry]) -> None:
    app.extensions["navigation"] = entries
    app.context_processor(lambda: _context(app))


def _context(app: Flask) -> dict[str, Any]:
    principal = current_principal()
    return {
        "principal": None if principal is NOBODY else principal,
        "navigation": [_shown(entry, principal) for entry in entries_for(app, principal)],
        "user_links": [_shown(entry, principal) for entry in entries_for(app, principal, "user")],
    }


def _shown(entry: Entry, principal: Principal) -> dict[str, Any]:
    url = url_for(entry.endpoint)
    return {
        "label": entry.label, "url": url, "count": entry.count(principal) if entry.count else None,
        "active": request.path == url or (url != "/" and request.path.startswith(url.rstrip("/") + "/")),
    }

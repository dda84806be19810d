"""What belongs to no subject: health, language, the way in for staff, the page of components."""
from __future__ import annotations

from flask import Blueprint, Response, current_app, jsonify, redirect, render_template, request, url_for
from sqlalchemy import text

from engine.db import db
from webapp import LANGUAGE_COOKIE, LANGUAGES
from webapp.config import config
from webapp.errors import NotFound
from webapp.navigation import entries_for
from webapp.policy import permit
from webapp.principal import current_principal
from webapp.security import local_address

blueprint = Blueprint("site", __name__)

A_YEAR = 365 * 24 * 3600


@blueprint.get("/healthz")
@permit("public")
def healthz() -> Response:
    """200 while the database answers."""
    db.session.execute(text("SELECT 1"))
    return jsonify(status="ok")


@blueprint.get("/favicon.ico")
@permit("public")
def favicon() -> Response:
    return redirect(url_for("static", filename="favicon.svg"), code=301)


@blueprint.get("/language/<code>")
@permit("public")
def language(code: str) -> Response:
    if code not in LANGUAGES:
        raise NotFound
    response = redirect(local_address(request.args.get("next")))
    response.set_cookie(LANGUAGE_COOKIE, code, max_age=A_YEAR, samesite="Lax", secure=config().is_https)
    return response


@blueprint.get("/staff")
@permit("staff")
def staff() -> Response:
    """An official's first page is the first entry of the menu."""
    entries = entries_for(current_app, current_principal())
    return redirect(url_for(entries[0].endpoint if entries else "identity.account"))


@blueprint.get("/styleguide")
@permit("public")
def styleguide() -> str:
    return render_template("styleguide.html")

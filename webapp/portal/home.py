"""The first page: search, themes, and what waits for me."""
from __future__ import annotations

import re
from typing import Any

from flask import redirect, render_template, request, url_for

from parallel.cases.queries import my_applications
from parallel.items.queries import search_items
from parallel.projects.models import Project
from parallel.projects.queries import search_projects
from webapp import clock
from webapp.policy import permit
from webapp.portal.blueprint import blueprint
from webapp.portal.cards import ApplicationCard, cards
from webapp.portal.life_events import COMPANIES, PEOPLE
from webapp.principal import APPLICANT, current_principal

NUMBER = re.compile(r"\d{6}[A-Z0-9]{4}\d{8}\d{6}(-\d{2,3})?")
RECENT = 6
FOUND = 8


@blueprint.get("/")
@permit("public")
def home() -> str:
    principal = current_principal()
    waiting, recent, projects = [], [], []
    if principal.has(APPLICANT):
        mine = cards(my_applications(principal.account, per_page=50).rows)
        waiting = [card for card in mine if card.waits_for_me]
        recent = [card for card in mine if not card.waits_for_me][:RECENT]
        projects = search_projects(owner=principal.account, per_page=RECENT).rows
    return render_template(
        "portal/home.html", people=PEOPLE, companies=COMPANIES, waiting=waiting, recent=recent, projects=projects,
        open_items=search_items(status="published", per_page=1).total, today=clock.today(),
    )


@blueprint.get("/search")
@permit("public")
def search() -> Any:
    words = request.args.get("q", "").strip()[:100]
    number = words.upper().replace(" ", "")
    if NUMBER.fullmatch(number):
        return redirect(url_for("portal.tracked", number=number))
    principal = current_principal()
    projects: list[Project] = []
    applications: list[ApplicationCard] = []
    if words and principal.has(APPLICANT):
        projects = search_projects(words, owner=principal.account, per_page=FOUND).rows
        applications = [
            card for card in cards(my_applications(principal.account, per_page=100).rows)
            if card.application.number and words.upper() in card.application.number
        ]
    found = search_items(words, status="published", per_page=FOUND) if words else None
    return render_template("portal/search.html", q=words, found=found, projects=projects, applications=applications)

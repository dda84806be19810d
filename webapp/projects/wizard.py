"""Try a project without an account: one group of questions a page, then the plan. Registering comes after."""
from __future__ import annotations

from typing import Any

from flask import Response, make_response, redirect, render_template, request, url_for
from flask_babel import gettext

from parallel.projects.attributes import AttributeGroup, attribute_groups, validate_attributes
from parallel.projects.errors import ProjectInvalid
from webapp import clock
from webapp.errors import NotFound
from webapp.policy import permit
from webapp.projects.blueprint import blueprint
from webapp.projects.draft import Draft, drop_draft, keep_draft, read_draft
from webapp.projects.planning import plan_page
from webapp.projects.schemas import load_facts


@blueprint.get("/plan")
@permit("public")
def start() -> Any:
    return render_template("projects/start.html", draft=read_draft(), groups=attribute_groups())


@blueprint.route("/plan/<group_name>", methods=["GET", "POST"])
@permit("public")
def questions(group_name: str) -> Any:
    group, draft, errors = _group(group_name), read_draft(), {}
    typed = draft.values
    if request.method == "POST":
        errors = _answer(draft, group)
        typed = {**draft.values, **{name: request.form.get(name, "") for name in errors}}
        if not errors:
            return keep_draft(redirect(_next(group)), draft)
    page = render_template(
        "projects/questions.html", group=group, groups=attribute_groups(), draft=draft, typed=typed, errors=errors,
        place=_place(group), back=_before(group),
    )
    return (keep_draft(make_response(page), draft), 422) if errors else page


@blueprint.post("/plan/<group_name>/save")
@permit("public")
def save_questions(group_name: str) -> Response:
    """As one types: what is right is kept, what is half typed waits."""
    group, draft = _group(group_name), read_draft()
    draft.set_facts(load_facts(group, request.form)[0])
    return keep_draft(make_response("", 204), draft)


@blueprint.get("/plan/result")
@permit("public")
def result() -> Any:
    draft = read_draft()
    try:
        values = validate_attributes(draft.facts)
    except ProjectInvalid as refusal:
        return redirect(url_for("projects.questions", group_name=_group_of(next(iter(refusal.errors)))))
    return render_template(
        "projects/result.html", page=plan_page(values, clock.today()), draft=draft, groups=attribute_groups(),
        values=values,
    )


@blueprint.post("/plan/clear")
@permit("public")
def clear() -> Response:
    return drop_draft(redirect(url_for("projects.start")))


def _answer(draft: Draft, group: AttributeGroup) -> dict[str, list[str]]:
    facts, errors = load_facts(group, request.form)
    draft.set_facts(facts)
    if not errors:
        errors = _contradictions(draft, group)
    if not errors:
        draft.see(group.name)
    return errors


def _contradictions(draft: Draft, group: AttributeGroup) -> dict[str, list[str]]:
    """What the law does not let go together, where this page can mend it."""
    try:
        validate_attributes(draft.facts)
    except ProjectInvalid as refusal:
        here = {row.name for row in group.attributes}
        return {name: [gettext(sentence)] for name, sentence in refusal.errors.items() if name in here}
    return {}


# --- the way through the pages ------------------------------------------------------------------------

def _names() -> list[str]:
    return [group.name for group in attribute_groups()]


def _group(name: str) -> AttributeGroup:
    found = next((group for group in attribute_groups() if group.name == name), None)
    if found is None:
        raise NotFound
    return found


def _group_of(attribute: str) -> str:
    return next(
        (group.name for group in attribute_groups() if any(row.name == attribute for row in group.attributes)),
        _names()[0],
    )


def _place(group: AttributeGroup) -> int:
    return _names().index(group.name) + 1


def _next(group: AttributeGroup) -> str:
    """The next page; the plan after the last one, and at once for who came back from the plan to change an answer."""
    later = _names()[_place(group):]
    if not later or request.form.get("then") == "result":
        return url_for("projects.result")
    return url_for("projects.questions", group_name=later[0])


def _before(group: AttributeGroup) -> str:
    place = _place(group)
    return url_for("projects.questions", group_name=_names()[place - 2]) if place > 1 else url_for("projects.start")

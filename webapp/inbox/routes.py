"""部门收件箱: filters, the list, and one task with its form, materials, opinion and verbs."""
from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.datastructures import MultiDict

from engine.api import EngineError, Task, claim_task, release_task, unit_of_work
from engine.db import db
from parallel.cases.models import Application, Case
from parallel.cases.special import SPECIAL_PROCEDURES, procedures_for
from parallel.errors import ParallelError
from parallel.items.models import Division
from webapp import clock
from webapp.errors import NotFound, WebError
from webapp.inbox import listing as lists
from webapp.inbox.listing import CLAIMABLE, DONE, MINE, Filters
from webapp.inbox.models import OpinionDraft
from webapp.inbox.task_page import TaskPage, outcome_word, task_page
from webapp.inbox.verbs import (
    VARIABLE, VERBS, FormRefused, fields_of, read_form, refusal_reason, step_of, suggested_number, verbs_of,
)
from webapp.navigation import Entry
from webapp.policy import allows, business_object, permit, require
from webapp.portal.words import pick
from webapp.principal import current_principal

blueprint = Blueprint("inbox", __name__)

navigation = [Entry(lazy_gettext("待办"), "inbox.index", "staff", order=20, count=lists.open_count)]

FILTERS = ("box", "step", "item", "project", "due", "sort", "q", "page")
DRAFTED = ("opinion", "procedure", "reason", "article", "review_body", "result", "number")
DRAFT_LENGTH = 4000
BULK_AT_MOST = 100
TOPICS_AT_MOST = 16  # a stream listens to twenty


# --- the list ---------------------------------------------------------------------------------------

@blueprint.get("/inbox")
@permit("staff")
def index() -> Any:
    principal = current_principal()
    filters = _filters(principal)
    if request.headers.get("X-Fragment"):
        return render_template("inbox/_list.html", **_list_context(filters, request.args.get("open")))
    return render_template(
        "inbox/index.html", page=None, overview=lists.due_counts(principal, clock.now()), **_list_context(filters, None)
    )


def _filters(principal: Any) -> Filters:
    """Without a box in the address: one's own work, or what may be taken where one has none."""
    if request.args.get("box"):
        return Filters.of(request.args)
    mine = lists.counts(principal)
    return Filters.of(request.args, MINE if mine[MINE] or not mine[CLAIMABLE] else CLAIMABLE)


def _list_context(filters: Filters, open_id: str | None) -> dict[str, Any]:
    principal, now = current_principal(), clock.now()
    counts = lists.counts(principal)
    return {
        "filters": filters, "listing": lists.listing(principal, filters, now), "open_id": open_id, "now": now,
        "boxes": [
            {"label": label, "url": url_for("inbox.index", **filters.as_arguments(box=box, page=1)),
             "active": box == filters.box, "count": counts.get(box) or None} for box, label in lists.BOXES.items()
        ],
        "choices": lists.choices(principal, filters, pick), "topics": _topics(principal),
        "arguments": filters.as_arguments(), "DUES": lists.DUES, "SORTS": lists.SORTS, "STEPS": lists.STEPS,
    }


def _topics(principal: Any) -> list[str]:
    """What the list listens to: one's own, and every group whose work one may take."""
    return [f"user:{principal.account}", *(f"group:{group}" for group in sorted(principal.groups))][:TOPICS_AT_MOST]


# --- one task ---------------------------------------------------------------------------------------

@blueprint.get("/inbox/<task_id>")
@permit("task.read")
def task(task_id: str) -> Any:
    found = _task(task_id, "task.read")
    window = _window_of(found)
    if window is not None and allows("application.handle", window):
        return redirect(url_for("window.application", application_id=window.id))
    return _page(found, MultiDict(_draft_of(found)), {}, None)


def _task(task_id: str, rule: str) -> Task:
    """As the database has it now: other requests move tasks without the session's knowing."""
    return require(rule, db.session.get(Task, task_id, populate_existing=True))


def _window_of(found: Task) -> Application | None:
    """The application behind a step of the window, which has a page of its own."""
    subject = business_object(found.business_key) if found.step == "accept" else None
    return subject.application if isinstance(subject, Case) else subject


def _page(found: Task, sent: MultiDict, errors: dict[str, list[str]], tried: str | None) -> str:
    principal, now = current_principal(), clock.now()
    page = task_page(found, principal, now)
    step = step_of(found, page.case is not None)
    default = CLAIMABLE if page.is_claimable else DONE if found.status == "completed" else MINE
    filters = Filters.of(request.args, default)
    return render_template(
        "inbox/index.html", page=page, step=step, verbs=[verb.name for verb in verbs_of(step)] if page.may_act else [],
        sent=sent, errors=errors, tried=tried, variables=fields_of(found, step) if page.may_act else [],
        variable=VARIABLE, procedures=_procedures(page.case) if step == "review" and page.case else [],
        suggested=suggested_number(page.case, now) if step == "issue" and page.may_act else None,
        review_body=_review_body(page), outcome_word=outcome_word, **_list_context(filters, found.id),
    )


def _procedures(case: Case) -> list[tuple[str, str]]:
    english = {each.name: each.name_en for each in SPECIAL_PROCEDURES}
    return [(name, pick(name, english.get(name))) for name in procedures_for(case)]


def _review_body(page: TaskPage) -> str:
    """复议机关 as a rule: the government of the region (行政复议法 第二十四条)."""
    if page.application is None:
        return ""
    division = db.session.get(Division, page.application.division_code)
    return f"{division.name}人民政府" if division else ""


# --- claiming, releasing, drafts --------------------------------------------------------------------

@blueprint.post("/inbox/<task_id>/claim")
@permit("task.act")
def claim(task_id: str) -> Response:
    _move(lambda by, at: claim_task(_task(task_id, "task.act").id, by=by, at=at))
    return redirect(url_for("inbox.task", task_id=task_id, **_arguments(box=MINE)))


@blueprint.post("/inbox/<task_id>/release")
@permit("task.act")
def release(task_id: str) -> Response:
    _move(lambda by, at: release_task(_task(task_id, "task.act").id, by=by, at=at))
    return redirect(url_for("inbox.task", task_id=task_id, **_arguments(box=CLAIMABLE)))


def _move(act: Any) -> None:
    """Somebody else may have been first: that is said, and the page shows how things stand."""
    by, at = current_principal().account, clock.now()
    try:
        unit_of_work(lambda: act(by, at))
    except EngineError as refusal:
        if refusal.status >= 500:
            raise
        flash(gettext(str(refusal)), "warning")


@blueprint.post("/inbox/<task_id>/draft")
@permit("task.act")
def save_draft(task_id: str) -> Any:
    """What has been typed so far, kept for this person until the task is done."""
    account, at = current_principal().account, clock.now()
    values = {
        name: text[:DRAFT_LENGTH] for name, text in request.form.items()
        if name in DRAFTED or (name.startswith(VARIABLE) and len(name) <= 100)
    }

    def act() -> None:
        found = _task(task_id, "task.act")
        draft = db.session.get(OpinionDraft, (found.id, account)) or OpinionDraft(task_id=found.id, account=account)
        draft.values, draft.saved_at = dict(list(values.items())[:50]), at
        db.session.add(draft)

    unit_of_work(act)
    if request.headers.get("X-Fragment"):
        return "", 204
    flash(gettext("草稿已保存。"), "success")
    return redirect(url_for("inbox.task", task_id=task_id, **_arguments()))


def _draft_of(found: Task) -> dict[str, str]:
    draft = db.session.get(OpinionDraft, (found.id, current_principal().account))
    return dict(draft.values) if draft else {}


# --- verbs ------------------------------------------------------------------------------------------

@blueprint.post("/inbox/<task_id>/<verb>")
@permit("task.act")
def perform(task_id: str, verb: str) -> Any:
    """Do it, and open the task that comes next."""
    principal, at = current_principal(), clock.now()
    chosen = VERBS.get(verb)
    found = _task(task_id, "task.act")
    if chosen is None or _step(found) not in chosen.steps:
        raise NotFound
    filters = Filters.of(request.args, MINE if found.assignee == principal.account else CLAIMABLE)
    order = lists.order_of(principal, filters, at)

    def act() -> None:
        mine = _task(task_id, "task.act")
        values = read_form(chosen, request.form, fields_of(mine, _step(mine)))
        chosen.perform(mine, values, principal.account, at)
        if (draft := db.session.get(OpinionDraft, (task_id, principal.account))) is not None:
            db.session.delete(draft)

    try:
        unit_of_work(act)
    except FormRefused as refusal:
        return _again(task_id, {name: [str(each) for each in told] for name, told in refusal.errors.items()}, verb), 422
    except (ParallelError, EngineError) as refusal:
        if refusal.status >= 500:
            raise
        db.session.rollback()
        if _task(task_id, "task.read").status != "open":
            flash(gettext(str(refusal)), "warning")
            return redirect(url_for("inbox.task", task_id=task_id, **_arguments()))
        return _again(task_id, {getattr(refusal, "field", None) or "": [gettext(str(refusal))]}, verb), refusal.status
    flash(gettext("%(done)s：%(task)s", done=chosen.done, task=found.name), "success")
    return _open_next(filters, order, task_id)


def _step(found: Task) -> str:
    return step_of(found, isinstance(business_object(found.business_key), Case))


def _again(task_id: str, errors: dict[str, list[str]], verb: str) -> str:
    """The same page with everything that was typed."""
    return _page(_task(task_id, "task.read"), request.form, errors, verb)


def _open_next(filters: Filters, order: list[str], task_id: str) -> Response:
    """The one that stood behind it in the list, if it is still there; else the first of the list."""
    left = lists.order_of(current_principal(), filters, clock.now())
    behind = order[order.index(task_id) + 1:] if task_id in order else []
    following = next((each for each in behind if each in set(left)), left[0] if left else None)
    if following is None:
        return redirect(url_for("inbox.index", **filters.as_arguments(page=1)))
    return redirect(url_for("inbox.task", task_id=following, **filters.as_arguments(page=1)))


@blueprint.post("/inbox/<task_id>/refuse/preview")
@permit("task.read")
def refusal_preview(task_id: str) -> str:
    """The decision as the applicant will read it, with what has been typed so far."""
    _task(task_id, "task.read")
    values = {name: request.form.get(name, "").strip() or "……" for name in ("reason", "article", "review_body")}
    return render_template("inbox/_refusal.html", text=refusal_reason(values))


# --- many at once -----------------------------------------------------------------------------------

@blueprint.post("/inbox/bulk")
@permit("staff")
def bulk() -> Response:
    """领取所选, or 审查通过 of tasks of that one step. Each stands for itself: what cannot be done is said, the rest is."""
    principal, at = current_principal(), clock.now()
    ids, verb = list(dict.fromkeys(request.form.getlist("ids")))[:BULK_AT_MOST], request.form.get("verb")
    if verb not in ("claim", "pass"):
        raise NotFound
    steps = {db.session.get(Task, each).step for each in ids if db.session.get(Task, each) is not None}
    if verb == "pass" and steps != {"review"}:
        flash(gettext("只能一起通过同一环节（审查）的待办。"), "warning")
        return redirect(url_for("inbox.index", **_arguments()))
    done, refused = 0, []
    for each in ids:
        try:
            unit_of_work(lambda each=each: _bulk_act(each, verb, principal.account, at))
            done += 1
        except (ParallelError, EngineError, WebError) as refusal:
            refused.append(gettext(str(refusal)))
    if done:
        flash(gettext("已领取 %(num)s 项。", num=done) if verb == "claim" else gettext("已审查通过 %(num)s 项。", num=done), "success")
    for sentence in dict.fromkeys(refused):
        flash(sentence, "warning")
    return redirect(url_for("inbox.index", **_arguments(**({"box": MINE} if verb == "claim" and done else {}))))


def _bulk_act(task_id: str, verb: str, by: str, at: datetime) -> None:
    found = _task(task_id, "task.act")
    if verb == "claim":
        claim_task(found.id, by=by, at=at)
    else:
        VERBS["pass"].perform(found, {"opinion": ""}, by, at)


def _arguments(**changes: Any) -> dict[str, Any]:
    """What leads back to the same place in the list."""
    return {name: request.args[name] for name in FILTERS if request.args.get(name)} | changes

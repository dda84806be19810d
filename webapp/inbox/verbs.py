"""What can be done with a task, by its step: the form each verb asks for, its checks, and the act it stands for."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext
from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate
from werkzeug.datastructures import MultiDict

from engine.api import Task, complete_task, record, unit_of_work
from engine.db import db
from parallel.cases.actions import (
    decide_case, end_special_procedure, issue_result, review_case, start_special_procedure,
)
from parallel.cases.models import Case
from parallel.cases.numbers import licence_number
from parallel.projects.models import Project
from webapp.inbox.outcomes import NUMBER, OutcomeField, outcome_fields
from webapp.inbox.task_page import OPINION

OPINION_LENGTH, REASON_LENGTH, WORD_LENGTH, NUMBER_LENGTH = 4000, 600, 120, 60
VARIABLE = "variable."

_MISSING = {
    "opinion": lazy_gettext("请写明意见。"), "reason": lazy_gettext("请写明理由。"),
    "result": lazy_gettext("请填写特别程序的结果，才能恢复办理。"), "procedure": lazy_gettext("请选择特别程序的种类。"),
    "article": lazy_gettext("请写明依据的条款。"), "review_body": lazy_gettext("请写明向哪个机关申请行政复议。"),
}
_TOO_LONG = lazy_gettext("写得太长了。")
_NOT_A_NUMBER = lazy_gettext("请填写数字。")
_NOT_A_CHOICE = lazy_gettext("请从所列的选项中选择。")


def _text(name: str, most: int, *, required: bool) -> fields.String:
    length = validate.Length(max=most, error=_TOO_LONG)
    if not required:
        return fields.String(load_default="", validate=length)
    said = validate.Regexp(r"(?s).*\S", error=_MISSING[name])
    return fields.String(required=True, error_messages={"required": _MISSING[name]}, validate=[said, length])


class _Form(Schema):
    class Meta:
        unknown = EXCLUDE


class OpinionForm(_Form):
    opinion = _text("opinion", OPINION_LENGTH, required=False)


class SpecialForm(_Form):
    procedure = _text("procedure", WORD_LENGTH, required=True)
    reason = _text("reason", REASON_LENGTH, required=True)


class ResultForm(_Form):
    result = _text("result", 1000, required=True)


class RefuseForm(_Form):
    opinion = _text("opinion", OPINION_LENGTH, required=False)
    reason = _text("reason", REASON_LENGTH, required=True)
    article = _text("article", WORD_LENGTH, required=True)
    review_body = _text("review_body", WORD_LENGTH, required=True)


class IssueForm(_Form):
    opinion = _text("opinion", OPINION_LENGTH, required=False)
    number = _text("number", NUMBER_LENGTH, required=False)
    suggested = _text("suggested", NUMBER_LENGTH, required=False)


class FormRefused(Exception):
    """`errors` names the fields."""

    def __init__(self, errors: dict[str, list]) -> None:
        super().__init__(errors)
        self.errors = errors


@dataclass(frozen=True)
class Verb:
    """`perform(task, values, by, at)` runs in a unit of work."""

    name: str
    steps: tuple[str, ...]
    form: type[Schema]
    done: Any
    perform: Callable[[Task, dict[str, Any], str, datetime], Any]


def refusal_reason(values: dict[str, Any]) -> str:
    """理由、依据、救济途径 (行政许可法 第三十八条; 行政复议法 第二十条; 行政诉讼法 第四十六条)."""
    return (f"{values['reason'].strip()}（依据：{values['article'].strip()}）申请行政复议的，自收到决定书之日起六十日内向"
            f"{values['review_body'].strip()}提出；提起行政诉讼的，自收到决定书之日起六个月内向人民法院提出。")


def _issue(task: Task, values: dict[str, Any], by: str, at: datetime) -> None:
    """A number left as it was suggested is given by the platform, so that no other licence gets it."""
    given = values["number"].strip()
    number = given if given and given != values["suggested"].strip() else None
    issue_result(task.id, by, at, opinion=values["opinion"], number=number)


def _complete(task: Task, values: dict[str, Any], by: str, at: datetime) -> None:
    """A process without a case: the opinion stands in the task's own chain of records."""
    if values["opinion"].strip():
        record(f"task:{task.id}", OPINION, by=by, at=at, detail={"text": values["opinion"].strip()})
    complete_task(task.id, by=by, at=at, variables=values["variables"])


OTHER, FREE = "other", "free"  # a step of the department's own about a case; a process without one
VERBS = {
    verb.name: verb for verb in (
        Verb("pass", ("review",), OpinionForm, lazy_gettext("审查通过"),
             lambda task, values, by, at: review_case(task.id, values["opinion"], by, at)),
        Verb("special", ("review",), SpecialForm, lazy_gettext("已启动特别程序，计时暂停"),
             lambda task, values, by, at: start_special_procedure(task.id, values["procedure"], values["reason"], by, at)),
        Verb("resume", ("special",), ResultForm, lazy_gettext("已恢复办理，计时继续"),
             lambda task, values, by, at: end_special_procedure(task.id, values["result"], by, at)),
        Verb("approve", ("decide", OTHER), OpinionForm, lazy_gettext("已同意"),
             lambda task, values, by, at: decide_case(
                 task.id, "approve", values["opinion"], by, at, variables=values["variables"])),
        Verb("refuse", ("decide", OTHER), RefuseForm, lazy_gettext("已作出不予许可的决定"),
             lambda task, values, by, at: decide_case(
                 task.id, "refuse", values["opinion"], by, at, reason=refusal_reason(values), variables=values["variables"])),
        Verb("issue", ("issue",), IssueForm, lazy_gettext("结果已送达"), _issue),
        Verb("complete", (FREE,), OpinionForm, lazy_gettext("已完成"), _complete),
    )
}
KNOWN_STEPS = ("review", "special", "decide", "issue")


def step_of(task: Task, is_case: bool) -> str:
    """Which verbs a task has: those of its step, of a department's own step, or of a process without a case."""
    if not is_case:
        return FREE
    return task.step if task.step in KNOWN_STEPS else OTHER


def verbs_of(step: str) -> list[Verb]:
    return [verb for verb in VERBS.values() if step in verb.steps]


def fields_of(task: Task, step: str) -> list[OutcomeField]:
    """What the drawing asks for beyond the verb; agreeing and refusing answer `decision` and `approved` themselves."""
    if step not in (OTHER, FREE):
        return []
    answered = {"decision", "approved"} if step == OTHER else set()
    return [each for each in outcome_fields(task) if each.name not in answered]


def read_form(verb: Verb, sent: MultiDict, variables: list[OutcomeField]) -> dict[str, Any]:
    """What was filled in, checked; `variables` holds what the drawing asks for.

    Raises:
        FormRefused: naming every field at fault.
    """
    errors: dict[str, list] = {}
    values: dict[str, Any] = {}
    try:
        values = verb.form().load(sent.to_dict())
    except ValidationError as refusal:
        errors = dict(refusal.messages)
    given: dict[str, Any] = {}
    for each in variables:
        text = sent.get(VARIABLE + each.name, "").strip()
        if not text:
            continue
        try:
            given[each.name] = each.read(text)
        except (ValueError, OverflowError):
            errors[VARIABLE + each.name] = [_NOT_A_NUMBER if each.kind == NUMBER else _NOT_A_CHOICE]
    if errors:
        raise FormRefused(errors)
    return values | {"variables": given}


class _Peeked(Exception):
    pass


def suggested_number(case: Case, at: datetime) -> str | None:
    """The licence number that would be given now; looked at and put back, so that none is used up."""
    case_id = case.id

    def look() -> None:
        found = db.session.get(Case, case_id)
        project = db.session.get(Project, found.project_id) if found.project_id else None
        raise _Peeked(licence_number(found, project.attributes.get("project_class") if project else None, at))

    try:
        unit_of_work(look)
    except _Peeked as peeked:
        return str(peeked)
    return None

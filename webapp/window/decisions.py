"""The window's four decisions: what each asks of the clerk, how it is checked, and the act it stands for."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext
from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate
from werkzeug.datastructures import MultiDict

from parallel.cases.actions import accept_application, pre_accept, refuse_application, request_correction
from parallel.cases.models import Application
from webapp.portal.words import pick
from webapp.window.review import MaterialSheet, Review

CORRECTION_DAYS = 5
TOLERATE_DAYS = 10
DAYS_AT_MOST = 60
REASON_LENGTH = 500

_REASON = lazy_gettext("请写明原因。")
_DAYS = lazy_gettext("请填写 1 到 60 个工作日。")
_TOO_LONG = lazy_gettext("请不要超过 500 个字。")


def _days(default: int) -> fields.Integer:
    return fields.Integer(
        load_default=default, error_messages={"invalid": _DAYS, "null": _DAYS},
        validate=validate.Range(1, DAYS_AT_MOST, error=_DAYS),
    )


class _Form(Schema):
    class Meta:
        unknown = EXCLUDE


class PreAcceptForm(_Form):
    online = fields.Boolean(load_default=False)


class AcceptForm(_Form):
    tolerate = fields.List(fields.String(), load_default=[])
    tolerate_days = _days(TOLERATE_DAYS)


class CorrectForm(_Form):
    days = _days(CORRECTION_DAYS)


class RefuseForm(_Form):
    reason = fields.String(
        required=True, error_messages={"required": _REASON},
        validate=[validate.Regexp(r"(?s).*\S", error=_REASON), validate.Length(max=REASON_LENGTH, error=_TOO_LONG)],
    )


class FormRefused(Exception):
    """`errors` names the fields."""

    def __init__(self, errors: dict[str, list]) -> None:
        super().__init__(errors)
        self.errors = errors


@dataclass
class AskedAgain:
    """One line of the correction list: a material or a field of the form that may be pointed out."""

    name: str  # of its inputs
    label: str
    reason: str
    chosen: bool
    material_key: str | None = None
    field: str | None = None
    hint: str = ""

    def as_item(self) -> dict[str, str]:
        key = {"material_key": self.material_key} if self.material_key else {"field": self.field}
        return {**key, "name": self.label, "reason": self.reason.strip()}


def lines_of(review: Review, sent: MultiDict | None = None) -> list[AskedAgain]:
    """What may be pointed out. Before anything was sent: chosen is what is missing or was found wanting, with the
    points left open as its reason."""
    lines = [_material_line(sheet) for sheet in review.sheets if sheet.asked.is_uploaded]
    lines += [
        AskedAgain(f"f.{row.key}", row.label, "", False, field=row.key, hint=row.value)
        for group in review.form for row in group.rows if not row.field.read_only and row.field.type != "checkbox"
    ]
    if sent is not None:
        picked = set(sent.getlist("pick"))
        for line in lines:
            line.chosen, line.reason = line.name in picked, sent.get(f"reason.{line.name}", "")
    return lines


def _material_line(sheet: MaterialSheet) -> AskedAgain:
    line = AskedAgain(f"m.{sheet.place}", sheet.name, "", False, material_key=sheet.key, hint=sheet.standing)
    ticked = len(sheet.points) - len(sheet.open_points)
    if sheet.asked.is_missing:
        line.chosen, line.reason = True, "未提交，请补交。"
    elif sheet.points and sheet.open_points and ticked:  # it was looked at, and these did not hold
        line.chosen, line.reason = True, f"不符合审查要点：{'；'.join(sheet.open_points)}。"
    return line


def read_form(act: str, sent: MultiDict, review: Review) -> dict[str, Any]:
    """What the clerk filled in, checked.

    Raises:
        FormRefused: naming every field at fault.
    """
    values = {name: sent.get(name) for name in sent if name != "tolerate"}
    if "tolerate" in sent:
        values["tolerate"] = sent.getlist("tolerate")
    errors: dict[str, list] = {}
    loaded: dict[str, Any] = {}
    try:
        loaded = FORMS[act]().load(values)
    except ValidationError as refusal:
        errors = dict(refusal.messages)
    if act == "correct":
        lines = lines_of(review, sent)
        loaded["asked"] = [line.as_item() for line in lines if line.chosen]
        errors |= {f"reason.{line.name}": [_REASON] for line in lines if line.chosen and not line.reason.strip()}
        errors |= {f"reason.{line.name}": [_TOO_LONG] for line in lines if len(line.reason) > REASON_LENGTH}
        if not loaded["asked"]:
            errors[f"pick.{lines[0].name}" if lines else ""] = [lazy_gettext("请至少选择一份需要补正的材料或一项信息。")]
    if errors:
        raise FormRefused(errors)
    return loaded


def values_so_far(act: str, sent: MultiDict, review: Review) -> dict[str, Any]:
    """The same for the preview: what is not right yet is left at its default."""
    values: dict[str, Any] = {"reason": sent.get("reason", "").strip(), "online": bool(sent.get("online"))}
    if act == "correct":
        days = sent.get("days", "")
        values["days"] = int(days) if days.isdecimal() and 1 <= int(days[:4]) <= DAYS_AT_MOST else CORRECTION_DAYS
        lines = lines_of(review, sent if sent else None)
        values["asked"] = [line.as_item() for line in lines if line.chosen]
    return values


FORMS: dict[str, type[Schema]] = {
    "pre-accept": PreAcceptForm, "accept": AcceptForm, "correct": CorrectForm, "refuse": RefuseForm,
}


@dataclass(frozen=True)
class Decision:
    """`act` is its name in the table of states, `key` the letter that presses it, `send` what its last button says."""

    name: str
    act: str
    words: tuple[str, str]
    send: Any
    key: str
    kind: str
    done: Any
    paper: str | None
    perform: Callable[[Application, dict, str, str, datetime], Any]

    @property
    def label(self) -> str:
        """The verb; as a state the same Chinese word has another English one."""
        return pick(*self.words)


DECISIONS = {
    decision.name: decision for decision in (
        Decision(
            "accept", "accept", ("受理", "Accept"), lazy_gettext("确认受理并送达通知书"), "a", "primary",
            lazy_gettext("已受理"), "acceptance",
            lambda application, values, clerk, by, at: accept_application(
                application, by, at, clerk_name=clerk, tolerate=values["tolerate"], tolerate_days=values["tolerate_days"]),
        ),
        Decision(
            "pre-accept", "pre_accept", ("预审通过", "Pass pre-review"), lazy_gettext("确认预审通过并通知申请人"), "p", "secondary",
            lazy_gettext("预审已通过"), None,
            lambda application, values, clerk, by, at: pre_accept(application, by, at, online=values["online"]),
        ),
        Decision(
            "correct", "request_correction", ("补正", "Ask to correct"), lazy_gettext("发出补正通知书"), "b", "secondary",
            lazy_gettext("补正通知书已发出"), "correction",
            lambda application, values, clerk, by, at: request_correction(
                application, values["asked"], by, at, within_days=values["days"], clerk_name=clerk),
        ),
        Decision(
            "refuse", "refuse_acceptance", ("不予受理", "Do not accept"), lazy_gettext("发出不予受理通知书"), "n", "danger",
            lazy_gettext("不予受理通知书已发出"), "non_acceptance",
            lambda application, values, clerk, by, at: refuse_application(
                application, values["reason"], by, at, clerk_name=clerk),
        ),
    )
}


def says(decision: Decision) -> str:
    """What pressing it means, in one sentence."""
    return pick(*_SAYS[decision.name])


_SAYS = {
    "accept": ("即日起计算承诺时限，材料分发到各部门，同时开始审查。",
               "The promised limit runs from today; the materials go to the departments, which begin at once."),
    "pre-accept": ("非正式受理，不起算时限；申请人按通知到场，或网上直接受理。",
                   "No acceptance yet, no clock; the applicant comes as told, or is accepted online."),
    "correct": ("一次告知需要补正的全部内容（行政许可法第三十二条）；补正期间只能改所列的材料和信息。",
                "Tell all that is to be corrected at once (Administrative Licence Law, art. 32); nothing else can be changed meanwhile."),
    "refuse": ("申请到此终止；须说明原因并出具书面凭证（行政许可法第三十二条）。",
               "The application ends here; give the reason in writing (Administrative Licence Law, art. 32)."),
}

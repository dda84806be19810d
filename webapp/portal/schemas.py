"""What the one form takes, group by group, and the sentence for each field that is wrong. Nothing typed is lost."""
from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from flask_babel import gettext
from marshmallow import EXCLUDE, Schema, ValidationError, fields

from parallel.cases.forms import MAX_TEXT, PHONE, Field
from webapp.portal.words import pick

EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
CHECKS = {
    "contact_phone": (PHONE, lambda: gettext("请填写能联系到您的电话号码，如 13800000000。")),
    "contact_email": (EMAIL, lambda: gettext("电子邮箱的格式不对，如 name@example.com。")),
}


class FormField(fields.Field):
    """One field of the form, checked as its description says."""

    def __init__(self, asked: Field) -> None:
        super().__init__(load_default=None)
        self.asked = asked

    def deserialize(self, value: Any, attr: str | None = None, data: Any = None, **kwargs: Any) -> Any:
        asked, label = self.asked, pick(self.asked.label_zh, self.asked.label_en)
        if asked.type == "checkbox":
            if asked.required and not value:
                raise ValidationError(gettext("请勾选“%(label)s”。", label=label))
            return bool(value)
        text = str(value or "").strip()
        if not text:
            if asked.required:
                raise ValidationError(gettext("请填写“%(label)s”。", label=label))
            return text
        return self._checked(asked, label, text)

    def _checked(self, asked: Field, label: str, text: str) -> str:
        if len(text) > MAX_TEXT:
            raise ValidationError(gettext("“%(label)s”不能超过 %(num)s 字。", label=label, num=MAX_TEXT))
        if asked.type == "number" and not re.fullmatch(r"\d{1,12}(\.\d+)?", text):
            raise ValidationError(gettext("“%(label)s”应为不小于 0 的数字。", label=label))
        if asked.type == "select" and text not in {option.value for option in asked.options}:
            raise ValidationError(gettext("请选择“%(label)s”。", label=label))
        if asked.key in CHECKS and not CHECKS[asked.key][0].fullmatch(text):
            raise ValidationError(CHECKS[asked.key][1]())
        return text


def load_group(asked: Iterable[Field], form: Any) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """What was typed, right or wrong, and a sentence for each field that is wrong."""
    written = [each for each in asked if not each.read_only]
    typed = {each.key: _typed(each, form) for each in written}
    schema = Schema.from_dict({each.key: FormField(each) for each in written})(unknown=EXCLUDE)
    return typed, schema.validate(typed)


def _typed(asked: Field, form: Any) -> Any:
    if asked.type == "checkbox":
        return asked.key in form
    text = str(form.get(asked.key, "")).strip()[: MAX_TEXT + 1]
    return re.sub(r"[\s,，]", "", text) if asked.type == "number" else text


def shown_value(asked: Field, values: dict[str, Any]) -> str:
    """What was filled in, as the review page and the papers say it."""
    value = asked.value if asked.read_only else values.get(asked.key)
    if asked.type == "select":
        return next((pick(o.label_zh, o.label_en) for o in asked.options if o.value == value), "")
    if asked.type == "checkbox":
        return gettext("是") if value else gettext("否")
    return "" if value is None else str(value)

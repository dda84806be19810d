"""What the forms about projects take, and the sentence for each field that is wrong."""
from __future__ import annotations

import re
from typing import Any

from flask_babel import gettext
from marshmallow import EXCLUDE, Schema, ValidationError, fields, pre_load, validates
from stdnum.cn import uscc

from parallel.projects.attributes import Attribute, AttributeGroup
from parallel.projects.codes import parse_project_code
from parallel.projects.errors import ProjectCodeInvalid
from webapp.portal.words import pick

NAME_LENGTH = 200
BIGGEST = 10**12


class AmountField(fields.Field):
    """A number as people type it: blanks and commas between digits are fine."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int | float:
        text = re.sub(r"[\s,，]", "", str(value))
        if not re.fullmatch(r"\d+(\.\d+)?", text):
            raise ValidationError(gettext("“%(label)s”应为不小于 0 的数字。", label=self.metadata["label"]))
        number = float(text)
        if number > BIGGEST:
            raise ValidationError(gettext("“%(label)s”的数值过大。", label=self.metadata["label"]))
        return int(number) if number.is_integer() else number


class ChoiceField(fields.Field):
    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if value not in self.metadata["choices"]:
            raise ValidationError(gettext("请选择“%(label)s”。", label=self.metadata["label"]))
        return value


def load_facts(group: AttributeGroup, form: Any) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """The facts of one page that are right, and a sentence for each that is not. A box without a tick says no."""
    sent = {row.name: row.name in form if row.kind == "bool" else form.get(row.name, "") for row in group.attributes}
    schema = Schema.from_dict({row.name: _fact_field(row) for row in group.attributes})(unknown=EXCLUDE)
    try:
        return schema.load(sent), {}
    except ValidationError as refusal:
        return dict(refusal.valid_data), refusal.messages


def _fact_field(row: Attribute) -> fields.Field:
    label = pick(row.zh, row.en)
    if row.kind == "bool":
        return fields.Boolean(required=True)
    if row.kind == "choice":
        return ChoiceField(required=True, metadata={"label": label, "choices": row.choices})
    return AmountField(required=True, metadata={"label": label})


class DetailsSchema(Schema):
    """Who builds what, where, and under which code."""

    class Meta:
        unknown = EXCLUDE

    name = fields.String(load_default="")
    organisation = fields.String(load_default="")
    organisation_code = fields.String(load_default="")
    division_code = fields.String(load_default="")
    code = fields.String(load_default="")

    def __init__(self, divisions: set[str]) -> None:
        super().__init__()
        self._divisions = divisions

    @pre_load
    def _trim(self, data: Any, **kwargs: Any) -> dict[str, str]:
        trimmed = {name: str(data.get(name, "")).strip() for name in self.fields}
        trimmed["organisation_code"] = trimmed["organisation_code"].upper().replace(" ", "")
        trimmed["code"] = trimmed["code"].upper().replace(" ", "")
        return trimmed

    @validates("name")
    def _check_name(self, value: str, data_key: str) -> None:
        if not 2 <= len(value) <= NAME_LENGTH:
            raise ValidationError(gettext("请填写项目名称，不超过 200 字。"))

    @validates("organisation")
    def _check_organisation(self, value: str, data_key: str) -> None:
        if not 2 <= len(value) <= NAME_LENGTH:
            raise ValidationError(gettext("请填写建设单位的全称。"))

    @validates("organisation_code")
    def _check_organisation_code(self, value: str, data_key: str) -> None:
        if not value:
            raise ValidationError(gettext("请填写 18 位统一社会信用代码。"))
        if len(value) != 18:
            raise ValidationError(gettext("统一社会信用代码应为 18 位，现为 %(num)s 位。", num=len(value)))
        if not uscc.is_valid(value):
            raise ValidationError(gettext("统一社会信用代码有误：校验位不符，请逐位核对。"))

    @validates("division_code")
    def _check_division(self, value: str, data_key: str) -> None:
        if value not in self._divisions:
            raise ValidationError(gettext("请选择项目所在地。"))

    @validates("code")
    def _check_code(self, value: str, data_key: str) -> None:
        if value:
            try:
                parse_project_code(value)
            except ProjectCodeInvalid as refusal:
                raise ValidationError(gettext(str(refusal))) from refusal

"""The fields of the API's schemas: strict types, and what is wrong said in a sentence."""
from __future__ import annotations

import math
from collections.abc import Iterable
from functools import cache
from typing import Any

from flask_babel import lazy_gettext
from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from webapp.principal import current_principal

MAX_ID = 2**31 - 1
MAX_NUMBER = 10**12
NAME, LINE, SENTENCES = 200, 1000, 4000  # lengths of texts

_SAID = {
    "required": lazy_gettext("须填写。"), "null": lazy_gettext("不能为空。"),
    "validator_failed": lazy_gettext("内容有误。"),
}


class Text(fields.String):
    default_error_messages = {**_SAID, "invalid": lazy_gettext("应为文字。"), "invalid_utf8": lazy_gettext("应为文字。")}


class Whole(fields.Integer):
    default_error_messages = {
        **_SAID, "invalid": lazy_gettext("应为整数。"), "too_large": lazy_gettext("数值过大。"),
    }


class Flag(fields.Boolean):
    """true and false, and nothing that is like them."""

    default_error_messages = {**_SAID, "invalid": lazy_gettext("应为是或否。")}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class Day(fields.Date):
    default_error_messages = {**_SAID, "invalid": lazy_gettext("应为日期，如 2026-11-23。")}


class Moment(fields.AwareDateTime):
    default_error_messages = {**_SAID, "invalid": lazy_gettext("应为带时区的时间。")}


class Mapping(fields.Dict):
    default_error_messages = {**_SAID, "invalid": lazy_gettext("应为对象。")}


class Several(fields.List):
    default_error_messages = {**_SAID, "invalid": lazy_gettext("应为列表。")}


class Part(fields.Nested):
    default_error_messages = {**_SAID, "type": lazy_gettext("应为对象。")}


class Number(fields.Float):
    """An amount as it was sent: whole numbers stay whole."""

    default_error_messages = {**_SAID, "invalid": lazy_gettext("应为数字。")}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int | float:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            raise self.make_error("invalid", input=value)
        return value


class Scalar(fields.Raw):
    """A text, a number, true, false or nothing."""

    default_error_messages = {
        **_SAID, "invalid": lazy_gettext("应为文字、数字、是否或空。"), "too_long": lazy_gettext("最多 4000 个字符。"),
    }

    def __init__(self, **kwargs: Any) -> None:
        metadata = {"type": ["string", "number", "boolean"], **kwargs.pop("metadata", {})}
        super().__init__(allow_none=True, metadata=metadata, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, (str, bool, int, float)):
            raise self.make_error("invalid")
        if isinstance(value, str) and len(value) > SENTENCES:
            raise self.make_error("too_long")
        return value


class Who(Text):
    """An account. Citizens see that an official acted, not which one; departments answer to them, not persons."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        if isinstance(value, str) and value.startswith("staff:") and current_principal().realm != "staff":
            return "staff"
        return super()._serialize(value, attr, obj, **kwargs)


class Upload(fields.Raw):
    """A file of a multipart body."""

    default_error_messages = {**_SAID, "invalid": lazy_gettext("请附上文件。")}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if not hasattr(value, "stream") or not value.filename:
            raise self.make_error("invalid")
        return value


# --- short ways to write a field ------------------------------------------------------------------------

def text(most: int = NAME, least: int = 0, **kwargs: Any) -> Text:
    bounds = validate.Length(least or None, most, error=lazy_gettext("长度应为 {min} 至 {max} 个字符。"))
    if not least:
        bounds = validate.Length(max=most, error=lazy_gettext("最多 {max} 个字符。"))
    return Text(validate=bounds, **kwargs)


def whole(least: int = 0, most: int = MAX_ID, **kwargs: Any) -> Whole:
    bounds = validate.Range(least, most, error=lazy_gettext("应为 {min} 至 {max} 的整数。"))
    return Whole(strict=True, validate=bounds, **kwargs)


def asked_whole(least: int = 0, most: int = MAX_ID, **kwargs: Any) -> Whole:
    """A whole number in an address, where everything is text."""
    bounds = validate.Range(least, most, error=lazy_gettext("应为 {min} 至 {max} 的整数。"))
    return Whole(validate=bounds, **kwargs)


def choice(options: Iterable[str], **kwargs: Any) -> Text:
    return Text(validate=validate.OneOf(list(options), error=lazy_gettext("应为以下之一：{choices}。")), **kwargs)


def several(field: fields.Field, most: int = 500, least: int = 0, **kwargs: Any) -> Several:
    bounds = validate.Length(least or None, most, error=lazy_gettext("最多 {max} 项。"))
    return Several(field, validate=bounds, **kwargs)


def part(schema: Any, **kwargs: Any) -> Part:
    return Part(schema, **kwargs)


# --- schemas ----------------------------------------------------------------------------------------------

class Body(Schema):
    """What a request brings. Fields that it does not know are refused."""

    error_messages = {"unknown": lazy_gettext("没有这一项。"), "type": lazy_gettext("应为对象。")}


class Query(Body):
    """What stands behind the question mark."""


class PageQuery(Query):
    page = asked_whole(1, 100_000, load_default=1, metadata={"description": "第几页。Which page."})
    per_page = asked_whole(1, 100, load_default=20, metadata={"description": "每页条数。Rows a page, at most 100."})


class Answer(Schema):
    """What an answer holds. Every field is always there."""

    class Meta:
        unknown = EXCLUDE

    def on_bind_field(self, field_name: str, field_obj: fields.Field) -> None:
        field_obj.required = True


@cache
def page_of(schema: type[Schema]) -> type[Schema]:
    """A page of a list: `data`, and where it stands."""
    name = schema.__name__.removesuffix("Schema")
    return type(f"{name}PageSchema", (Answer,), {
        "data": Several(Part(schema)), "page": Whole(), "per_page": Whole(), "total": Whole(), "pages": Whole(),
    })


@cache
def list_of(schema: type[Schema]) -> type[Schema]:
    """A whole list: `data`."""
    name = schema.__name__.removesuffix("Schema")
    return type(f"{name}ListSchema", (Answer,), {"data": Several(Part(schema))})


def flat(messages: Any, path: str = "") -> dict[str, list[str]]:
    """marshmallow's nested messages by dotted path: {"items": {0: {"reason": […]}}} → {"items.0.reason": […]}."""
    if isinstance(messages, dict):
        found: dict[str, list[str]] = {}
        for key, inner in messages.items():
            step = path if key == "_schema" else f"{path}.{key}" if path else str(key)
            found.update(flat(inner, step))
        return found
    sentences = messages if isinstance(messages, list) else [messages]
    return {path or "body": [str(sentence) for sentence in sentences]}


def refuse(field: str, sentence: Any) -> ValidationError:
    return ValidationError({field: [sentence]})

"""What an operation of the API is: one decorator that checks who asks, reads what is sent and writes the answer.

    @resource.post("/items/<code>/publish", rule="item.manage", zh="发布事项", en="Publish a draft.", answer=ItemSchema)
    def publish_item(code): …

From the same words come the OpenAPI document and the checks, so that neither can say something else.
"""
from __future__ import annotations

import functools
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, NoReturn

import flask_smorest
import orjson
from flask import Request, Response, request
from flask_babel import lazy_gettext
from marshmallow import RAISE, Schema, ValidationError
from webargs.core import is_json
from webargs.flaskparser import FlaskParser
from werkzeug.datastructures import CombinedMultiDict
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from engine.db import db
from webapp.api.idempotency import HEADER as IDEMPOTENCY_KEY
from webapp.api.idempotency import once
from webapp.api.values import MAX_ID, flat
from webapp.errors import CLIENT_MESSAGES, Forbidden, NotFound, WebError
from webapp.policy import permit
from webapp.principal import Principal, current_principal
from webapp.security import SAFE_METHODS

ID = f"int(max={MAX_ID})"  # the converter of ids in paths: a larger number is nobody's
PROBLEM = "application/problem+json"


class Invalid(WebError):
    """`errors`: dotted path of a field → what is wrong with it."""

    code = "invalid"
    status = 422
    message = CLIENT_MESSAGES[422]

    def __init__(self, errors: dict[str, list[str]]) -> None:
        super().__init__()
        self.errors = errors


class Parser(FlaskParser):
    """Reads bodies strictly: JSON as RFC 8259 has it, no unknown fields, sentences by dotted path."""

    __location_map__ = {**FlaskParser.__location_map__, "multipart": "load_multipart"}
    DEFAULT_UNKNOWN_BY_LOCATION = {**FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION, "query": RAISE, "multipart": RAISE}

    def _raw_load_json(self, req: Request) -> Any:
        if not is_json(req.mimetype):
            raise UnsupportedMediaType
        try:
            value = orjson.loads(req.get_data())
        except orjson.JSONDecodeError as error:
            raise BadRequest from error
        if _holds_nul(value):
            raise BadRequest
        return value

    def load_multipart(self, req: Request, schema: Schema) -> Any:
        if req.mimetype != "multipart/form-data":
            raise UnsupportedMediaType
        return self._makeproxy(CombinedMultiDict([req.form, req.files]), schema)

    def handle_error(
        self, error: ValidationError, req: Any, schema: Any, *, error_status_code: Any, error_headers: Any
    ) -> NoReturn:
        found: dict[str, list[str]] = {}
        for messages in error.messages.values():  # by location
            found.update(flat(messages))
        raise Invalid(found) from error


def _holds_nul(value: Any) -> bool:
    """PostgreSQL keeps no NUL in its texts."""
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any(_holds_nul(key) or _holds_nul(inner) for key, inner in value.items())
    return isinstance(value, list) and any(map(_holds_nul, value))


class Resource(flask_smorest.Blueprint):
    """The operations on one subject, under one tag of the document."""

    ARGUMENTS_PARSER = Parser()
    DEFAULT_LOCATION_CONTENT_TYPE_MAPPING = {
        **flask_smorest.Blueprint.DEFAULT_LOCATION_CONTENT_TYPE_MAPPING, "multipart": "multipart/form-data",
    }

    def __init__(self, name: str, zh: str, en: str) -> None:
        super().__init__(f"api-{name}", f"webapp.api.{name}", url_prefix="/api/v1", description=en)
        self.tag = zh

    def get(self, path: str, **words: Any) -> Callable:
        return self._operation("GET", path, **words)

    def post(self, path: str, **words: Any) -> Callable:
        return self._operation("POST", path, **words)

    def put(self, path: str, **words: Any) -> Callable:
        return self._operation("PUT", path, **words)

    def patch(self, path: str, **words: Any) -> Callable:
        return self._operation("PATCH", path, **words)

    def delete(self, path: str, **words: Any) -> Callable:
        return self._operation("DELETE", path, **words)

    def _operation(
        self, method: str, path: str, *, rule: str, zh: str, en: str, answer: Any = None, status: int | None = None,
        asks: str | None = None, query: Any = None, body: Any = None, upload: Any = None, sends: dict | None = None,
        creates: bool = False, media_type: str | None = None, errors: tuple[int, ...] = (),
    ) -> Callable:
        """
        Args:
            rule: who may call it, as in `policy.permit`.
            asks: the rule about an object that a view behind a wider door asks itself.
            answer: the schema of the answer; None for a file (`media_type`) or nothing (204).
            sends: the document's words on a body that the view reads itself.
            creates: takes an Idempotency-Key, answers 201.
            errors: further statuses that it may answer.
        """
        status = status or (201 if creates else 200 if answer or media_type else 204)
        reads = any((query, body, upload))

        def decorate(view: Callable) -> Callable:
            served = _conditional(view) if media_type and method == "GET" else view
            if media_type:
                schema = {"type": "string", "format": "binary"}
                served = self.response(status, schema, content_type=media_type)(served)
            else:
                served = self.response(status, answer)(_nothing(view) if answer is None else view)
                served = _conditional(served) if method == "GET" else once(served) if creates else served
            for location, schema in (("multipart", upload), ("json", body), ("query", query)):
                if schema is not None:
                    name = "query" if location == "query" else "body"
                    served = self.arguments(schema, location=location, arg_name=name)(served)
            served = permit(rule)(_without_nul(served))
            for code in sorted({*_errors(method, path, rule, reads, bool(body or upload)), *errors}):
                served = self.alt_response(code, HTTPStatus(code).name)(served)
            words = _words(view, rule, asks, method, zh, en, creates) | ({"requestBody": sends} if sends else {})
            served = self.doc(**words)(served)
            return self.route(path, methods=[method], tags=[self.tag])(served)

        return decorate


def _nothing(view: Callable) -> Callable:
    """An answer without a body."""

    @functools.wraps(view)
    def answered(*args: Any, **kwargs: Any) -> Response:
        view(*args, **kwargs)
        return Response(status=204)

    return answered


def _conditional(view: Callable) -> Callable:
    """An ETag, and 304 for who has the answer already."""

    @functools.wraps(view)
    def answered(*args: Any, **kwargs: Any) -> Response:
        response = view(*args, **kwargs)
        if response.direct_passthrough:  # a file on its way from the storage
            return response
        response.add_etag()
        return response.make_conditional(request)

    return answered


def _without_nul(view: Callable) -> Callable:
    @functools.wraps(view)
    def answered(*args: Any, **kwargs: Any) -> Any:
        if "\0" in request.path:
            raise NotFound
        return view(*args, **kwargs)

    return answered


# --- the document -----------------------------------------------------------------------------------------

def _words(
    view: Callable, rule: str, asks: str | None, method: str, zh: str, en: str, creates: bool
) -> dict[str, Any]:
    words: dict[str, Any] = {
        "summary": zh, "description": en, "operationId": view.__name__,
        "x-policy": {"rule": asks or rule, "scope": "read" if method in SAFE_METHODS else "write"},
        "security": [{"token": []}, {"session": []}, *([{}] if rule == "public" else [])],
    }
    if creates:
        words["parameters"] = [{
            "in": "header", "name": IDEMPOTENCY_KEY, "required": False,
            "description": "同一请求重发时用同一个值，24 小时内只办理一次。The same value for the same request sent "
                           "again: it acts once within 24 hours.",
            "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
        }]
    return words


def _errors(method: str, path: str, rule: str, reads: bool, has_body: bool) -> set[int]:
    codes = {403}  # a token without the scope
    if rule != "public":
        codes.add(401)
    if "<" in path:
        codes.add(404)
    if reads or method == "POST":
        codes |= {400, 422}
    if method not in SAFE_METHODS:
        codes |= {400, 409}
    if has_body:
        codes |= {413, 415}
    return codes


# --- what operations need ------------------------------------------------------------------------------------

def paginated(statement: Any, query: dict[str, Any]) -> dict[str, Any]:
    """A page of a statement, for `page_of` schemas."""
    found = db.paginate(
        statement, page=query["page"], per_page=query["per_page"], max_per_page=100, error_out=False
    )
    return page_dict(list(found.items), found.total, query)


def page_dict(rows: list[Any], total: int, query: dict[str, Any]) -> dict[str, Any]:
    per_page = query["per_page"]
    return {
        "data": rows, "page": query["page"], "per_page": per_page, "total": total,
        "pages": max(1, -(-total // per_page)),
    }


def in_person() -> Principal:
    """A machine's token may not change passwords or make further tokens."""
    principal = current_principal()
    if principal.scopes is not None:
        raise Forbidden(lazy_gettext("这一操作须本人登录后办理，不能用令牌。"))
    return principal

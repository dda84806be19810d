"""The one place that turns what went wrong into an answer: RFC 9457 for machines, a page for people.

An exception with `code`, `status` and a sentence (engine, parallel, gis, webapp alike) is told as it is;
anything else is a fault of ours, told by a number that stands in the log beside the cause.
"""
from __future__ import annotations

import secrets
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import structlog
from flask import Flask, Response, current_app, jsonify, make_response, redirect, render_template, request
from flask_babel import gettext, lazy_gettext
from flask_wtf.csrf import CSRFError
from markupsafe import escape
from sqlalchemy.exc import DataError
from werkzeug.exceptions import HTTPException

from engine.db import db

log = structlog.get_logger(__name__)

CLIENT_MESSAGES = {
    400: lazy_gettext("请求的内容有误。"),
    403: lazy_gettext("您没有办理这一事务的权限。"),
    404: lazy_gettext("没有找到这一内容。"),
    405: lazy_gettext("这一地址不接受这种请求。"),
    413: lazy_gettext("上传的文件太大。"),
    415: lazy_gettext("不接受这种格式的内容。"),
    422: lazy_gettext("填写的内容有误。"),
    429: lazy_gettext("操作太频繁，请稍后再试。"),
}
PAGE_TOO_OLD = lazy_gettext("页面已经过期，请刷新后再提交一次。")
OUR_FAULT = lazy_gettext("系统出现故障，您的内容没有丢失；请稍后重试，并在反映问题时说明编号。")


class WebError(Exception):
    code = "web_error"
    status = 400
    message: Any = CLIENT_MESSAGES[400]

    def __init__(self, message: Any = None) -> None:
        super().__init__(message or self.message)


STAFF_PATHS = ("/staff", "/window", "/inbox", "/designer", "/supervision", "/admin")


class Unauthorized(WebError):
    """Nobody is signed in. `realm` says at which of the two doors to sign in."""

    code = "unauthorized"
    status = 401
    message = lazy_gettext("请先登录。")

    def __init__(self, realm: str = "public", message: Any = None) -> None:
        super().__init__(message)
        self.realm = realm


class Forbidden(WebError):
    code = "forbidden"
    status = 403
    message = CLIENT_MESSAGES[403]


class NotFound(WebError):
    """Missing, or none of this person's business: the two answers are equal."""

    code = "not_found"
    status = 404
    message = CLIENT_MESSAGES[404]


def register_errors(app: Flask) -> None:
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(DataError, _impossible_value)
    app.register_error_handler(OverflowError, _impossible_value)
    app.register_error_handler(Exception, _error)


def wants_json() -> bool:
    """Whether a machine or a script asks, not a person who will look at the answer as a page."""
    if request.path.startswith("/api/") or request.headers.get("Sec-Fetch-Dest") == "empty":
        return True
    return request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"


def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    if status < 400:
        return error.get_response()
    if status >= 500:
        return _told(status, "internal_error", OUR_FAULT, cause=error)
    if isinstance(error, CSRFError):
        return _told(status, "csrf", PAGE_TOO_OLD, cause=error)
    code = HTTPStatus(status).phrase.lower().replace(" ", "_")
    extra = _field_errors(error)
    response = _told(status, code, CLIENT_MESSAGES.get(status, error.description), **extra)
    for name in ("Allow", "Retry-After", "WWW-Authenticate"):
        if value := dict(error.get_headers()).get(name):
            response.headers[name] = value
    return response


def _field_errors(error: HTTPException) -> dict[str, Any]:
    """What webargs found wrong, field by field."""
    messages = (getattr(error, "data", None) or {}).get("messages")
    return {"errors": messages} if messages else {}


def _error(error: Exception) -> Response:
    findings = getattr(error, "findings", None)  # of a process file that was refused
    status, code = getattr(error, "status", 422 if findings else None), getattr(error, "code", None)
    if not isinstance(status, int) or not isinstance(code, str) or status >= 500:
        return _our_fault(error)
    if status == 401:
        return _sign_in(error)
    extra = {"findings": [finding.as_dict() for finding in findings]} if findings else {}
    if errors := _errors_of(error):
        extra["errors"] = errors
    return _told(status, code, gettext(str(error)), cause=error, **extra)


# How exceptions name what is wrong: the attribute, and the field it is about where it does not say so itself.
_TOLD = (("errors", None), ("fields", None), ("open_points", None), ("missing", "materials"), ("reasons", "file"))


def _errors_of(error: Exception) -> dict[str, list[str]]:
    """Field → sentences."""
    for attribute, field in _TOLD:
        told = getattr(error, attribute, None)
        named = {field: told} if field and told else told
        if named and isinstance(named, dict):
            return {str(name): _sentences(each) for name, each in named.items()}
    field = getattr(error, "field", None)
    return {field: _sentences(str(error))} if field else {}


def _sentences(told: Any) -> list[str]:
    return [gettext(str(each)) for each in (told if isinstance(told, (list, tuple)) else [told])]


def _impossible_value(error: Exception) -> Response:
    """A value that no row can hold, such as an id beyond all numbers: nothing is there, and it is no fault of ours."""
    return _told(400, "bad_request", CLIENT_MESSAGES[400], cause=error)


def _our_fault(error: Exception) -> Response:
    if current_app.testing and not current_app.config.get("ANSWER_FAULTS"):
        raise error
    return _told(500, getattr(error, "code", None) or "internal_error", OUR_FAULT, cause=error)


def _sign_in(error: Exception) -> Response:
    if wants_json():
        response = _told(401, error.code, gettext(str(error)))
        response.headers["WWW-Authenticate"] = "Bearer"
        return response
    for_staff = getattr(error, "realm", "public") == "staff" or request.path.startswith(STAFF_PATHS)
    door = "/staff/login" if for_staff else "/login"
    here = request.full_path.rstrip("?") if request.method == "GET" else ""
    return redirect(f"{door}?{urlencode({'next': here})}" if here else door)


def _told(status: int, code: str, sentence: Any, *, cause: Exception | None = None, **extra: Any) -> Response:
    db.session.rollback()  # what failed left its transaction unusable; the page itself may read
    number = None if status == 404 else _number()  # what may not be seen answers like what is missing
    _write_log(status, code, number, cause)
    title = str(CLIENT_MESSAGES.get(status, sentence))
    problem = {"type": "about:blank", "title": title, "status": status, "code": code, "detail": str(sentence), **extra}
    if number:
        problem["number"] = number
    if wants_json():
        response = jsonify(problem)
        response.content_type = "application/problem+json"
    else:
        response = make_response(_page(problem))
    response.status_code = status
    return response


def _page(problem: dict[str, Any]) -> str:
    """The page of an error. Where even that fails, as without a database, a page that needs nothing."""
    try:
        return render_template("errors/error.html", problem=problem)
    except Exception:
        log.exception("the error's page failed", number=problem.get("number"))
        return f"<!doctype html><meta charset=utf-8><h1>{escape(problem['detail'])}</h1><p>{problem.get('number', '')}</p>"


def _number() -> str:
    alphabet = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
    return "-".join("".join(secrets.choice(alphabet) for _ in range(4)) for _ in range(2))


def _write_log(status: int, code: str, number: str | None, cause: Exception | None) -> None:
    fields = {"number": number, "code": code, "status": status, "method": request.method, "path": request.path}
    if status >= 500:
        log.error("request failed", **fields, exc_info=cause)
    else:
        log.info("request refused", **fields)

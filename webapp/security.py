"""What every answer carries and every request must show: headers, CSRF token, rates (reliability 3.4)."""
from __future__ import annotations

from typing import Any

from flask import Flask, Response, current_app, request
from flask import Request as FlaskRequest
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf.csrf import CSRFProtect
from werkzeug.datastructures import ImmutableMultiDict, iter_multi_items
from werkzeug.middleware.proxy_fix import ProxyFix

from webapp.config import Config

CONTENT_SECURITY_POLICY = "; ".join((
    "default-src 'none'", "script-src 'self'", "style-src 'self' 'unsafe-inline'", "img-src 'self' data: blob:",
    "font-src 'self'", "connect-src 'self'", "frame-ancestors 'self'", "form-action 'self'", "base-uri 'none'",
    "object-src 'none'", "frame-src 'self'",
))
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}

csrf = CSRFProtect()
limiter = Limiter(get_remote_address)


def register_security(app: Flask, config: Config) -> None:
    app.config.update(
        SECRET_KEY=config.secret_key,
        SESSION_COOKIE_NAME="binglian",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=config.is_https,
        MAX_CONTENT_LENGTH=config.upload_max_bytes + 2**20,
        MAX_FORM_PARTS=2000,
        WTF_CSRF_CHECK_DEFAULT=False,  # we ask ourselves below: a bearer token needs no second proof
        WTF_CSRF_TIME_LIMIT=None,  # a token lives as long as its session
        RATELIMIT_STORAGE_URI=config.broker_url if config.broker_url.startswith("redis") else "memory://",
    )
    app.request_class = Request
    if config.trusted_proxies:
        count = config.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)
    csrf.init_app(app)
    limiter.init_app(app)
    app.before_request(_check_csrf)
    app.after_request(_add_headers)


class Values(ImmutableMultiDict):
    """Query and form values without the character NUL, which no text column keeps and nobody types."""

    def __init__(self, mapping: Any = None) -> None:
        super().__init__([(_without_nul(key), _without_nul(value)) for key, value in iter_multi_items(mapping or ())])


def _without_nul(value: Any) -> Any:
    """A text without it; a file as it is."""
    return value.replace("\0", "") if isinstance(value, str) else value


class Request(FlaskRequest):
    parameter_storage_class = Values


def bearer_token() -> str | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None


def _check_csrf() -> None:
    """A browser adds cookies to requests that other sites make it send; it never adds a bearer token."""
    if current_app.config["WTF_CSRF_ENABLED"] and request.method not in SAFE_METHODS and bearer_token() is None:
        csrf.protect()


def _add_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def local_address(address: str | None, otherwise: str = "/") -> str:
    """The address if it stays on this site; a `next` from outside leads nowhere else."""
    if not address or not address.startswith("/") or address.startswith("//"):
        return otherwise
    if "\\" in address or any(ord(character) < 0x20 for character in address):
        return otherwise
    return address

"""Idempotency-Key: a request that is sent again after a lost answer does nothing twice.

The answer is kept in the same transaction as what the request did: either both are there or neither.
"""
from __future__ import annotations

import functools
import re
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from typing import Any

from flask import Response, current_app, request
from flask_babel import lazy_gettext
from sqlalchemy import delete

from engine.api import canonical
from engine.db import db, unit_of_work
from webapp import clock
from webapp.api.models import KeptAnswer
from webapp.errors import WebError
from webapp.principal import current_principal

HEADER = "Idempotency-Key"
KEPT_FOR = timedelta(hours=24)
_KEY = re.compile(r"[!-~]{1,255}")


class KeyInvalid(WebError):
    code = "idempotency_key_invalid"
    status = 422
    message = lazy_gettext("Idempotency-Key 应为 1 至 255 个可见的 ASCII 字符。")


class KeyReused(WebError):
    code = "idempotency_key_reused"
    status = 409
    message = lazy_gettext("这个 Idempotency-Key 已经用于另一个请求。")


def once(view: Callable[..., Response]) -> Callable[..., Response]:
    """Let the view act once for each key of an account; a repeated request gets the first one's answer."""

    @functools.wraps(view)
    def answered(*args: Any, **kwargs: Any) -> Response:
        key = request.headers.get(HEADER)
        if key is None:
            return view(*args, **kwargs)
        if not _KEY.fullmatch(key):
            raise KeyInvalid
        return unit_of_work(lambda: _kept_or_new(key, lambda: view(*args, **kwargs)))

    return answered


def _kept_or_new(key: str, act: Callable[[], Response]) -> Response:
    account, asked, now = current_principal().account, _hash(), clock.now()
    kept = db.session.get(KeptAnswer, (account, key))
    if kept is not None and kept.created_at > now - KEPT_FOR:
        if kept.request_hash != asked:
            raise KeyReused
        return _again(kept)
    response = act()
    db.session.execute(delete(KeptAnswer).where(KeptAnswer.created_at <= now - KEPT_FOR))
    location = response.headers.get("Location")
    db.session.add(KeptAnswer(
        account=account, key=key, request_hash=asked, status=response.status_code,
        headers={"Location": location} if location else {}, body=response.get_data(), created_at=now,
    ))
    db.session.flush()
    return response


def _again(kept: KeptAnswer) -> Response:
    headers = {**kept.headers, "Idempotent-Replayed": "true"}
    return current_app.response_class(kept.body, kept.status, headers, mimetype="application/json")


def _hash() -> bytes:
    """What is asked, whatever boundary a client drew between the parts of its body."""
    if request.mimetype == "multipart/form-data":
        parts: list[Any] = sorted(request.form.items(multi=True))
        for name, file in sorted(request.files.items(multi=True), key=lambda pair: pair[0]):
            parts.append([name, file.filename, sha256(file.read()).hexdigest()])
            file.seek(0)
        body = canonical(parts)
    else:
        body = request.get_data()
    return sha256(f"{request.method} {request.full_path}\n".encode() + body).digest()

"""JSON over HTTP with a shared key: HMAC-SHA256 over moment, path and body, and an idempotency key.

The same few lines sign for an adapter and check for its sandbox, as the partner's own server would.
"""
from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import requests

from integrations.errors import PartnerRefused, PartnerUnreachable

TIMEOUTS = (2.0, 5.0)  # to connect, to read (reliability 2k)
CLOCK_SKEW_SECONDS = 300
ANSWER_AT_MOST = 1 << 20


def signature(key: str, moment: str, path: str, body: bytes) -> str:
    return hmac.new(key.encode(), b"\n".join((moment.encode(), path.encode(), body)), hashlib.sha256).hexdigest()


def is_signed(key: str, moment: str, path: str, body: bytes, given: str, *, now: datetime) -> bool:
    """Whether the signature is right and not older than five minutes."""
    if not moment.isdigit() or abs(now.timestamp() - int(moment)) > CLOCK_SKEW_SECONDS:
        return False
    return hmac.compare_digest(signature(key, moment, path, body), given)


def post(base_url: str, path: str, message: dict[str, Any], *, key: str, idempotency_key: str, at: datetime) -> dict[str, Any]:
    """Send a message and give back the answer's object.

    Raises:
        PartnerUnreachable: no connection, no answer in time, 429, or a fault on the other side.
        PartnerRefused: any other answer than success.
    """
    body = json.dumps(message, ensure_ascii=False, sort_keys=True).encode()
    moment = str(int(at.timestamp()))
    headers = {
        "Content-Type": "application/json", "Idempotency-Key": idempotency_key, "X-Timestamp": moment,
        "X-Signature": signature(key, moment, path, body),
    }
    try:
        with requests.post(
            base_url + path, data=body, headers=headers, timeout=TIMEOUTS, allow_redirects=False, stream=True
        ) as answer:
            content = _at_most(answer.iter_content(1 << 16), ANSWER_AT_MOST)
    except (requests.RequestException, OSError) as error:
        raise PartnerUnreachable(f"{base_url}: {type(error).__name__}") from error
    return _read(base_url, answer.status_code, content)


def _at_most(parts: Iterator[bytes], limit: int) -> bytes:
    """The content, cut just beyond the limit: enough to see that it is too much."""
    content = b""
    for part in parts:
        content += part
        if len(content) > limit:
            break
    return content


def _read(base_url: str, status: int, content: bytes) -> dict[str, Any]:
    if status == 429 or status >= 500:
        raise PartnerUnreachable(f"{base_url} answered {status}")
    if status not in (200, 201):
        raise PartnerRefused(f"{base_url} answered {status}: {content[:300].decode(errors='replace')}")
    try:
        answer = json.loads(content) if len(content) <= ANSWER_AT_MOST else None
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise PartnerUnreachable(f"{base_url} answered {status} with something that is no JSON object")
    return answer

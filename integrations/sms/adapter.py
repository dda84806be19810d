"""An SMS gateway that speaks signed JSON: `POST /messages {phone, text}` → `{id}`."""
from __future__ import annotations

from datetime import datetime

from integrations.signed_http import post


class HttpSms:
    def __init__(self, url: str, key: str) -> None:
        self._url, self._key = url, key

    def send(self, *, key: str, phone: str, text: str, at: datetime) -> str:
        message = {"phone": phone, "text": text}
        answer = post(self._url, "/messages", message, key=self._key, idempotency_key=key, at=at)
        return str(answer.get("id", ""))

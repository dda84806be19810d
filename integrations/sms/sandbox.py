"""A gateway that sends nothing and shows what it was asked to send."""
from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from integrations.sandbox_server import SandboxServer
from integrations.signed_http import is_signed

MOBILE = re.compile(r"1[3-9]\d{9}")


class SmsSandbox(SandboxServer):
    title = "短信网关(演示)"

    def __init__(self, key: str, now: Callable[[], datetime], port: int = 0) -> None:
        super().__init__(port)
        self._key, self._now = key, now

    def answer(self, path: str, headers: Callable[[str], str], body: bytes) -> tuple[int, dict[str, Any]]:
        if not is_signed(self._key, headers("X_TIMESTAMP"), path, body, headers("X_SIGNATURE"), now=self._now()):
            return 401, {"error": "signature"}
        message, key = json.loads(body), headers("IDEMPOTENCY_KEY")
        if path != "/messages" or not key or not MOBILE.fullmatch(message.get("phone", "")) or not message.get("text"):
            return 422, {"error": "message"}
        for number, known in enumerate(self.received, 1):
            if known["key"] == key:
                return 200, {"id": f"SMS-{number}"}
        self.received.append({"at": self._now().isoformat(), "key": key, **message})
        return 201, {"id": f"SMS-{len(self.received)}"}

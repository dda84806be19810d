"""A platform that takes reports, checks them as the real one does, and shows what it has."""
from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from integrations.investment_platform.port import REPORTED
from integrations.sandbox_server import SandboxServer
from integrations.signed_http import is_signed

PROJECT_CODE = re.compile(r"\d{4}-\d{6}-\d{2}-\d{2}-\d{5}[0-9A-Z]")  # GB/T 40058-2021


class InvestmentPlatformSandbox(SandboxServer):
    title = "投资项目在线审批监管平台(演示)"

    def __init__(self, key: str, now: Callable[[], datetime], port: int = 0) -> None:
        super().__init__(port)
        self._key, self._now = key, now

    def answer(self, path: str, headers: Callable[[str], str], body: bytes) -> tuple[int, dict[str, Any]]:
        if not is_signed(self._key, headers("X_TIMESTAMP"), path, body, headers("X_SIGNATURE"), now=self._now()):
            return 401, {"error": "signature"}
        report, key = json.loads(body), headers("IDEMPOTENCY_KEY")
        if path != "/reports" or not key or report.get("kind") not in REPORTED:
            return 422, {"error": "report"}
        if not PROJECT_CODE.fullmatch(str(report.get("projectCode"))):
            return 422, {"error": "项目代码有误"}
        for known in self.received:
            if known["key"] == key:
                return 200, {"receipt": known["receipt"]}
        receipt = f"R{len(self.received) + 1:08d}"
        self.received.append({"receipt": receipt, "at": self._now().isoformat(), "key": key, **report})
        return 201, {"receipt": receipt}

"""The platform's interface: `POST /reports {projectCode, kind, content}`, signed → `{receipt}`."""
from __future__ import annotations

from datetime import datetime
from typing import Any

from integrations.investment_platform.port import Report
from integrations.signed_http import post


class HttpInvestmentPlatform:
    def __init__(self, url: str, key: str) -> None:
        self._url, self._key = url, key

    def report(self, report: Report, *, at: datetime) -> dict[str, Any]:
        message = {"projectCode": report.project_code, "kind": report.kind, "content": report.payload}
        return post(self._url, "/reports", message, key=self._key, idempotency_key=report.key, at=at)

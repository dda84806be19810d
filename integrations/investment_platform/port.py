"""投资项目在线审批监管平台: every project's process and results are reported to it (PARALLEL-INV-11)."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

REPORTED = ("ProjectRegistered", "CaseStepReported", "CaseResultReported")


@dataclass(frozen=True)
class Report:
    """`kind` is one of `REPORTED`; `payload` is what the event of that name says, with its project code."""

    key: str
    kind: str
    project_code: str
    payload: dict[str, Any]


class InvestmentPlatform(Protocol):
    def report(self, report: Report, *, at: datetime) -> dict[str, Any]:
        """Report once: the same key again changes nothing there. Returns the platform's receipt.

        Raises:
            PartnerUnreachable, PartnerRefused
        """

"""What must be true of a process before it may run. One module a check; see any of them for the pattern.

A module registers its function with ``@check("code")`` and is found by itself; no list names it.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from functools import cache
from importlib import import_module

from lxml import etree

from bpmn.document import Document, carrier_of
from bpmn.errors import Finding, Severity

MAX_FINDINGS = 50
"""Findings of one check in one file; a broken file repeats itself."""


class Report:
    """Where a check says what it found."""

    def __init__(self, code: str):
        self.code = code
        self.findings: list[Finding] = []

    def error(self, element: etree._Element, zh: str, en: str, advice_zh: str = "", advice_en: str = "") -> None:
        self._add("error", element, zh, en, advice_zh, advice_en)

    def warning(self, element: etree._Element, zh: str, en: str, advice_zh: str = "", advice_en: str = "") -> None:
        self._add("warning", element, zh, en, advice_zh, advice_en)

    def _add(self, severity: Severity, element: etree._Element, *sentences: str) -> None:
        if len(self.findings) < MAX_FINDINGS:
            shown = carrier_of(element)
            line = element.sourceline or shown.sourceline or 0
            self.findings.append(
                Finding(severity, self.code, shown.get("id") or "", shown.get("name") or "", line, *sentences)
            )


Check = Callable[[Document, Report], None]
_CHECKS: dict[str, Check] = {}


def check(code: str) -> Callable[[Check], Check]:
    """Registers a check under the code its findings carry; a code can be taken only once."""

    def register(function: Check) -> Check:
        if code in _CHECKS:
            raise ValueError(f"Two checks have the code {code!r}: {_CHECKS[code].__module__}, {function.__module__}.")
        _CHECKS[code] = function
        return function

    return register


@cache
def all_checks() -> dict[str, Check]:
    """Every check, by code."""
    for module in pkgutil.iter_modules(__path__):
        import_module(f"{__name__}.{module.name}")
    return dict(sorted(_CHECKS.items()))


def run_checks(document: Document, *codes: str) -> list[Finding]:
    """What these checks find, or all of them: errors first, then by line."""
    findings: list[Finding] = []
    for code in codes or all_checks():
        report = Report(code)
        all_checks()[code](document, report)
        findings += report.findings
    return sorted(findings, key=lambda finding: (not finding.is_error, finding.line, finding.code))


def label(element: etree._Element) -> str:
    """What to call an element in a sentence: its name, else its id."""
    return element.get("name") or element.get("id") or "?"

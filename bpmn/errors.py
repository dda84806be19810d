"""What can be wrong with a process file, said to the person who drew it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found in a file: where it is, what is wrong, what to do.

    An ``error`` keeps the file from being deployed; a ``warning`` does not.
    ``element_id`` and ``element_name`` are empty where the file as a whole is meant, ``line`` is then 0 or
    the line the XML parser stopped at.
    """

    severity: Severity
    code: str
    element_id: str
    element_name: str
    line: int
    message_zh: str
    message_en: str
    advice_zh: str = ""
    advice_en: str = ""

    @property
    def is_error(self) -> bool:
        return self.severity == "error"

    def as_dict(self) -> dict[str, str | int]:
        return asdict(self)


class ProcessRefused(ValueError):
    """The file cannot become a process definition. ``findings`` say why, in both languages."""

    code = "process_refused"

    def __init__(self, findings: Iterable[Finding]):
        self.findings = list(findings)
        errors = [finding for finding in self.findings if finding.is_error] or self.findings
        more = f" (+{len(errors) - 1})" if len(errors) > 1 else ""
        super().__init__(f"{errors[0].message_en}{more}" if errors else "The process file was refused.")

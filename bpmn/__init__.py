"""What a process is: reading a file, judging it, and the model that the engine runs."""

from __future__ import annotations

from collections.abc import Set

from bpmn.errors import Finding, ProcessRefused
from bpmn.parser import Element, ParsedFile, ProcessModel, parse

__all__ = ["Element", "Finding", "ParsedFile", "ProcessModel", "ProcessRefused", "check_file", "parse"]


def check_file(source: bytes, *, operations: Set[str] | None = None, groups: Set[str] | None = None) -> list[Finding]:
    """Everything there is to say about a file, errors first; an empty list is praise.

    ``operations`` are the names service tasks may call, ``groups`` the candidate groups that exist; what is None
    is not judged.
    """
    try:
        return parse(source, operations=operations, groups=groups).findings
    except ProcessRefused as refused:
        return refused.findings

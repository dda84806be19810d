"""The process files that come with the platform."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

DEFINITIONS = Path(__file__).parent / "definitions"


def shipped_definitions() -> Iterator[tuple[Path, bytes]]:
    """(path below ``bpmn/definitions/``, bytes) of every shipped file, in the order of their paths."""
    for path in sorted(DEFINITIONS.rglob("*.bpmn")):
        yield path.relative_to(DEFINITIONS), path.read_bytes()

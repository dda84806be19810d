"""Files by their content: what is stored is known by its SHA-256 and never changes."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Stored:
    sha256: str
    size: int


class Storage(Protocol):
    def put(self, content: bytes) -> Stored:
        """Keep the content. The same content again changes nothing."""

    def get(self, sha256: str) -> bytes:
        """
        Raises:
            FileMissing: nothing with this hash is stored.
            FileDamaged: what is stored is no longer what was handed in.
        """

    def has(self, sha256: str) -> bool: ...


class FileMissing(Exception):
    code = "file_missing"
    status = 404
    message = "没有找到这份文件。"


class FileDamaged(Exception):
    """Storage gave back something else than was put in."""

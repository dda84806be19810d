"""A folder (`file:///…`) or an S3 bucket (`s3://bucket/prefix`; keys and endpoint from the usual AWS_ variables)."""
from __future__ import annotations

import hashlib
import re
from pathlib import Path
from urllib.parse import urlsplit

import obstore
from obstore.store import LocalStore, S3Store

from integrations.storage.port import FileDamaged, FileMissing, Stored

SHA256 = re.compile(r"[0-9a-f]{64}")


class ObjectStorage:
    def __init__(self, store: object) -> None:
        self._store = store

    @classmethod
    def at(cls, url: str) -> ObjectStorage:
        parts = urlsplit(url)
        if parts.scheme == "s3":
            return cls(S3Store(bucket=parts.netloc, prefix=parts.path.strip("/") or None))
        folder = Path(parts.path)
        folder.mkdir(parents=True, exist_ok=True)
        return cls(LocalStore(prefix=folder))

    def put(self, content: bytes) -> Stored:
        sha256 = hashlib.sha256(content).hexdigest()
        if not self.has(sha256):
            obstore.put(self._store, _path(sha256), content)
        return Stored(sha256, len(content))

    def get(self, sha256: str) -> bytes:
        try:
            content = bytes(obstore.get(self._store, _path(sha256)).bytes())
        except FileNotFoundError as error:
            raise FileMissing(FileMissing.message) from error
        if hashlib.sha256(content).hexdigest() != sha256:
            raise FileDamaged(sha256)
        return content

    def has(self, sha256: str) -> bool:
        try:
            obstore.head(self._store, _path(sha256))
        except FileNotFoundError:
            return False
        return True


def _path(sha256: str) -> str:
    """Two levels of folders, so that none holds too many files. Only a hash makes a path: nobody's words do."""
    if not SHA256.fullmatch(sha256):
        raise FileMissing(FileMissing.message)
    return f"{sha256[:2]}/{sha256[2:4]}/{sha256}"

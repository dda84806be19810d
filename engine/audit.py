"""The record nobody can rewrite unseen: every object's entries form a chain of SHA-256 hashes."""
from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import insert, select

from engine.db import canonical, db
from engine.models import AuditEntry


@dataclass(frozen=True)
class BrokenLink:
    """Where a chain no longer fits together, and how."""

    chain: str
    seq: int
    reason: str


def entry(chain: str, seq: int, previous: bytes, action: str, by: str, at: datetime, detail: Any) -> dict:
    """The row that follows an entry whose hash is `previous` (empty for the first)."""
    body = canonical(
        {"chain": chain, "seq": seq, "action": action, "by": by, "at": at.astimezone(UTC).isoformat(), "detail": detail}
    )
    return {
        "chain": chain, "seq": seq, "action": action, "by": by, "at": at, "body": body,
        "hash": sha256(previous + body).digest(),
    }


def record(chain: str, action: str, *, by: str, at: datetime, detail: Any = None) -> None:
    """Add one entry to the chain of an object such as `case:12`, in the current unit of work."""
    head = db.session.execute(
        select(AuditEntry.seq, AuditEntry.hash).where(AuditEntry.chain == chain).order_by(AuditEntry.seq.desc()).limit(1)
    ).first()
    seq, previous = head or (0, b"")
    db.session.execute(insert(AuditEntry), [entry(chain, seq + 1, previous, action, by, at, detail)])


def entries(chain: str) -> list[AuditEntry]:
    return list(db.session.scalars(select(AuditEntry).where(AuditEntry.chain == chain).order_by(AuditEntry.seq)))


def broken_links(chain: str | None = None) -> Iterator[BrokenLink]:
    """Every place where a chain (or any chain) was changed, cut inside, or reordered."""
    query = select(AuditEntry).order_by(AuditEntry.chain, AuditEntry.seq).execution_options(yield_per=1000)
    if chain is not None:
        query = query.where(AuditEntry.chain == chain)
    current, expected_seq, previous = None, 1, b""
    for row in db.session.scalars(query):
        if row.chain != current:
            current, expected_seq, previous = row.chain, 1, b""
        if row.seq != expected_seq:
            yield BrokenLink(row.chain, expected_seq, "entry missing")
        elif sha256(previous + row.body).digest() != row.hash:
            yield BrokenLink(row.chain, row.seq, "hash does not fit")
        elif not _columns_match_body(row):
            yield BrokenLink(row.chain, row.seq, "columns differ from the recorded body")
        expected_seq, previous = row.seq + 1, row.hash


def _columns_match_body(row: AuditEntry) -> bool:
    body = json.loads(row.body)
    return (body["chain"], body["seq"], body["action"], body["by"], body["at"]) == (
        row.chain, row.seq, row.action, row.by, row.at.astimezone(UTC).isoformat(),
    )

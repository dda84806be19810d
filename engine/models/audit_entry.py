from datetime import datetime

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from engine.db import UtcDateTime, db


class AuditEntry(db.Model):
    """One link of an object's chain of records: hash = SHA-256(previous hash + body).

    Every object (`chain`, such as `case:12` or `process:<id>`) has its own chain, so that parallel
    departments never wait for one another to write history.
    """

    __tablename__ = "audit_entry"
    chain: Mapped[str] = mapped_column(String(100), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    action: Mapped[str] = mapped_column(String(60))
    by: Mapped[str] = mapped_column(String(80), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    body: Mapped[bytes] = mapped_column(LargeBinary)  # canonical JSON of all the columns above and the detail
    hash: Mapped[bytes] = mapped_column(LargeBinary)

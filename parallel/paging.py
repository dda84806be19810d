"""One page of a list, for every list there is."""
from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Select, func

from engine.api import db

PER_PAGE = 20


@dataclass(frozen=True)
class Page:
    """One page of rows, as `components/tables.html` pages it; `page` counts from 1."""

    rows: list
    total: int
    page: int
    per_page: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.per_page))


def page_of(query: Select, page: int, per_page: int = PER_PAGE) -> Page:
    """That page of what an ordered query finds, with the number of all rows."""
    total = db.session.scalar(db.select(func.count()).select_from(query.order_by(None).subquery()))
    page = max(1, page)
    return Page(list(db.session.scalars(query.limit(per_page).offset((page - 1) * per_page))), total, page, per_page)

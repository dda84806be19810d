"""What is wrong now on a board: overdue, near its limit, stopped for long, waiting for the applicant or for results."""
from __future__ import annotations

from dataclasses import dataclass

from engine.api import working_calendar
from parallel.time_limits.queries import china_date
from webapp.diagrams.board import Board, Shown
from webapp.formats import days_left

LONG_PAUSE = 15  # working days a special procedure may stand before it is listed as long
ORDER = {"overdue": 0, "due_soon": 1, "suspended": 2, "waiting": 3, "prerequisites": 4}


@dataclass(frozen=True)
class Wrong:
    """One line: which element, what is wrong with it, and who is to see to it."""

    element_id: str
    kind: str
    state: str
    label: str
    who: str | None
    note: str | None
    shown: Shown
    days: int | None = None
    is_long: bool = False


def what_is_wrong(board: Board) -> list[Wrong]:
    """The most urgent first."""
    found = [wrong for element_id, shown in board.elements.items() if (wrong := _judged(board, element_id, shown))]
    return sorted(found, key=lambda wrong: (ORDER[wrong.kind], not wrong.is_long, wrong.shown.due or "9", wrong.label))


def _judged(board: Board, element_id: str, shown: Shown) -> Wrong | None:
    label = shown.label or element_id
    if shown.state in ("overdue", "due_soon"):
        return Wrong(element_id, shown.state, shown.state, label, shown.who, _left(shown), shown)
    if shown.state == "suspended":
        days = _paused_days(board, shown)
        return Wrong(element_id, "suspended", "suspended", label, shown.who, shown.note, shown, days,
                     days is not None and days >= LONG_PAUSE)
    if shown.state == "waiting":
        late = shown.light == "red"
        return Wrong(element_id, "overdue" if late else "waiting", "overdue" if late else "waiting", label, shown.who,
                     _left(shown), shown)
    if shown.waits_for:
        return Wrong(element_id, "prerequisites", shown.state, label, shown.department, shown.note, shown)
    return None


def _left(shown: Shown) -> str | None:
    return days_left(shown.days_left) if shown.days_left is not None else None


def _paused_days(board: Board, shown: Shown) -> int | None:
    for number in shown.cases:
        clock = board.facts.clocks.get(number)
        if clock is not None and clock.pause is not None:
            return working_calendar().between(china_date(clock.pause.started_at), board.today)
    return None

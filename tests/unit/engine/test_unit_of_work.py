"""Many at once: one winner, nothing lost, nobody starved, the loser run again."""
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, insert, select

from engine.api import (
    AuditEntry, CalendarDay, ProcessInstance, Task, broken_links, claim_task, complete_task, db, deploy, start_process,
    unit_of_work,
)
from engine.db import on_rollback
from engine.errors import Conflict, EngineError
from tests.bpmn_builder import bpmn_file, linear, parallel_calls
from tests.unit.engine.conftest import AT


def together(app, works):
    """Run the works in threads of their own that start at the same moment; their answers or errors."""
    barrier = threading.Barrier(len(works))

    def run(work):
        with app.app_context():
            barrier.wait()
            try:
                return work()
            except EngineError as error:
                return error
            finally:
                db.session.remove()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def prepared(app, drawings, key):
    with app.app_context():
        unit_of_work(lambda: deploy(bpmn_file(*drawings), file_name="t.bpmn", by="staff:d", at=AT))
        root = unit_of_work(lambda: start_process(key, business_key="case:1", variables={}, by="a", at=AT)).id
        db.session.remove()
        return root


def open_ids(app):
    with app.app_context():
        return list(db.session.scalars(select(Task.id).where(Task.status == "open")))


def test_of_twelve_clerks_one_claims(bare_app):
    prepared(bare_app, [linear(1)], "linear")
    [task_id] = open_ids(bare_app)
    works = [lambda who=f"staff:{n}": unit_of_work(lambda: claim_task(task_id, by=who, at=AT)).assignee for n in range(12)]
    answers = together(bare_app, works)
    winners = [answer for answer in answers if isinstance(answer, str)]
    assert len(winners) == 1
    assert {type(a).__name__ for a in answers if not isinstance(a, str)} == {"NotYourTask"}


def test_eight_departments_finish_at_once_and_the_join_fires_once(bare_app):
    prepared(bare_app, parallel_calls(8, 1), "parallel")
    [accept] = open_ids(bare_app)
    with bare_app.app_context():
        unit_of_work(lambda: complete_task(accept, by="a", at=AT))
    ids = open_ids(bare_app)
    assert len(ids) == 8
    works = [lambda task_id=task_id: unit_of_work(lambda: complete_task(task_id, by="a", at=AT)) for task_id in ids]
    assert [answer for answer in together(bare_app, works) if answer is not None] == []
    with bare_app.app_context():
        assert db.session.scalars(select(Task.element_id).where(Task.status == "open")).all() == ["close"]
        assert Counter(db.session.scalars(select(ProcessInstance.status))) == {"completed": 8, "active": 1}
        assert not list(broken_links())


def test_a_task_completed_by_six_at_once_is_completed_once(bare_app):
    prepared(bare_app, [linear(2)], "linear")
    [task_id] = open_ids(bare_app)
    works = [lambda: unit_of_work(lambda: complete_task(task_id, by="a", at=AT)) for _ in range(6)]
    answers = together(bare_app, works)
    assert answers.count(None) == 1
    with bare_app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Task)) == 2


def test_writers_take_turns(bare_app):
    """Eight bare SQLite writers starve one another for seconds; in the queue each gets its share."""
    turns, until = Counter(), time.monotonic() + 1.0

    def write(who):
        while time.monotonic() < until:
            unit_of_work(lambda: db.session.execute(select(CalendarDay)).all() and None)
            turns[who] += 1

    together(bare_app, [lambda n=n: write(n) for n in range(8)])
    assert min(turns.values()) >= 0.3 * (sum(turns.values()) / 8)


def test_a_conflict_is_run_again(app):
    tries = []

    def act():
        tries.append(1)
        if len(tries) < 3:
            raise Conflict
        return "done"

    assert unit_of_work(act) == "done" and len(tries) == 3


def test_a_conflict_that_never_ends_is_told(app):
    tries = []

    def act():
        tries.append(1)
        raise Conflict

    with pytest.raises(Conflict):
        unit_of_work(act)
    assert len(tries) == 5


def test_other_errors_are_not_run_again(app):
    tries = []

    def act():
        tries.append(1)
        db.session.execute(insert(AuditEntry.__table__), [{
            "chain": "x", "seq": 1, "action": "a", "by": "b", "at": AT, "body": b"", "hash": b""
        }])
        raise ValueError("a mistake")

    with pytest.raises(ValueError, match="a mistake"):
        unit_of_work(act)
    assert tries == [1]
    assert db.session.scalar(select(func.count()).select_from(AuditEntry)) == 0


def test_what_memory_holds_is_taken_back_with_the_rows(app):
    undone = []

    def act():
        on_rollback(lambda: undone.append("forgotten"))
        raise ValueError

    with pytest.raises(ValueError):
        unit_of_work(act)
    assert undone == ["forgotten"]


def test_a_unit_inside_a_unit_joins_it(app):
    def outer():
        unit_of_work(lambda: deploy(bpmn_file(linear(1)), file_name="t.bpmn", by="staff:d", at=AT))
        raise ValueError

    with pytest.raises(ValueError):
        unit_of_work(outer)
    assert db.session.execute(select(func.count()).select_from(ProcessInstance)).scalar() == 0


def test_a_verb_outside_a_unit_of_work_is_refused(app):
    with pytest.raises(RuntimeError, match="unit_of_work"):
        complete_task("x", by="a", at=AT)

"""审批意见: what an officer says at a step, and the end of that step."""
from __future__ import annotations

from datetime import datetime

from engine.api import complete_task, db
from parallel.cases.events import report_step
from parallel.cases.loading import OpenTask
from parallel.cases.models import Case, Opinion
from parallel.cases.wording import OPINION_LENGTH, limited

DEFAULT_TEXTS = {"pass": "审查通过。", "approve": "同意。", "issued": "已送达。"}


def write_opinion(task: OpenTask, case: Case, outcome: str, text: str, by: str, at: datetime) -> Opinion:
    opinion = Opinion(
        case_id=case.id, task_id=task.id, step=task.step or task.element_id, step_name=task.name, outcome=outcome,
        text=limited(text, "opinion", OPINION_LENGTH) or DEFAULT_TEXTS.get(outcome, ""), by=by, at=at,
    )
    db.session.add(opinion)
    db.session.flush()
    return opinion


def finish_step(task: OpenTask, case: Case, outcome: str, variables: dict, by: str, at: datetime) -> None:
    """Complete the task, and report the step to the investment platform (PARALLEL-INV-11)."""
    complete_task(task.id, by=by, at=at, variables=variables)
    report_step(case, task.id, task.step or task.element_id, task.name, outcome, by, at)


def opinions_of(case: Case) -> list[Opinion]:
    """Every opinion on a case, oldest first. Index: ix_opinion_case_id."""
    return list(db.session.scalars(db.select(Opinion).where(Opinion.case_id == case.id).order_by(Opinion.id)))

"""Where the drawings of items and stages meet the law: operations and hooks, registered by importing this module."""
from __future__ import annotations

from engine.api import (
    ChildStart,
    InstanceChange,
    NewTask,
    OperationCall,
    ProcessInstance,
    db,
    end_of,
    hears,
    operation,
    prepares_child,
    prepares_tasks,
)
from parallel.cases.clock import begin_review
from parallel.cases.closing import close_application, end_case
from parallel.cases.drawings import (
    START_CLOCK,
    called_for,
    case_variables,
    keeps_the_clock,
    subject_id,
)
from parallel.cases.lapsing import lapse
from parallel.cases.models import Application, Case, Opinion
from parallel.cases.readiness import is_ready
from parallel.cases.states import APPLICATION_ENDED, CASE_ENDED

CANCELLED = "cancelled"
TASK_NAME_LENGTH = 200


@operation(START_CLOCK)
def start_case_clock(call: OperationCall) -> None:
    """起表: drawn after the window's step and after the wait for earlier results."""
    case = _case_of(call.business_key)
    if case is not None and case.accepted_at is None:
        begin_review(case, call.by, call.at)


@operation("close_case")
def close_case(call: OperationCall) -> None:
    """办结 by the decision made; drawn at the end of an item's process."""
    case = _case_of(call.business_key)
    if case is not None and case.state not in CASE_ENDED:
        end_case(case, _decision(case, call.variables), call.by, call.at)


@prepares_child
def prepare_case(start: ChildStart) -> None:
    """A branch of a stage gets its case's variables, and the process bound to its item (DEPT-3)."""
    case = _case_of(start.business_key)
    if case is None or start.variables.get("case") == start.business_key:  # a part of the case's own drawing
        return
    start.called = called_for(case, start.called)
    start.variables = case_variables(case, joint=True, ready=is_ready(case))


@hears("started")
def begin_with_process(change: InstanceChange) -> None:
    """The clock of a branch whose drawing does not start it begins with the branch."""
    case = _case_of(change.business_key)
    if case is not None and change.parent_id and case.state in ("accepted", "waiting") and not keeps_the_clock(case.item):
        begin_review(case, change.by, change.at)


@prepares_tasks
def prepare_case_tasks(tasks: list[NewTask]) -> None:
    """Tasks of a case say which item they are about, are due when its promise is (指南 A2), and go back to the
    officer who had them after a special procedure (SPECIAL-2: 期间任务回到原办理人)."""
    cases = {case.id: case for case in _cases_of(tasks)}
    for task in tasks:
        case = cases.get(subject_id(task.business_key, "case"))
        if case is None:
            continue
        task.name = f"{task.name} · {case.item.name}"[:TASK_NAME_LENGTH]
        if case.promised_on is not None and task.step != "correct":
            due = end_of(case.promised_on)
            task.due_at = min(task.due_at, due) if task.due_at else due
        if task.step in ("review", "special"):
            task.assignee = task.assignee or _suspended_by(case)


@hears("ended")
def end_with_process(change: InstanceChange) -> None:
    """A drawing that does not close its case itself closes it by ending; the application closes with its process,
    which ends when all its branches have (指南 C39)."""
    if change.ended_in == CANCELLED:
        return
    case = _case_of(change.business_key)
    if case is not None and case.state not in (*CASE_ENDED, "submitted") and not _is_part(change):
        end_case(case, _decision(case, change.variables), change.by, change.at)
    if change.parent_id is None:
        application = db.session.scalar(db.select(Application).where(Application.instance_id == change.instance_id))
        if application is not None:
            _end_application(application, change)


def _is_part(change: InstanceChange) -> bool:
    """Whether this process was called by the case's own: then it is a step of it, and ends nothing but itself."""
    if change.parent_id is None:
        return False
    parent = db.session.scalar(db.select(ProcessInstance.business_key).where(ProcessInstance.id == change.parent_id))
    return parent is None or parent == change.business_key


def _end_application(application: Application, change: InstanceChange) -> None:
    if application.state == "correcting":
        lapse(application, change.by, change.at)
    elif application.state not in APPLICATION_ENDED:
        close_application(application, change.by, change.at)


def _decision(case: Case, variables: dict) -> str:
    return case.decision or ("refuse" if variables.get("decision") == "refuse" else "approve")


def _case_of(business_key: str) -> Case | None:
    case_id = subject_id(business_key, "case")
    return db.session.get(Case, case_id) if case_id is not None else None


def _cases_of(tasks: list[NewTask]) -> list[Case]:
    """In one statement, however many branches open at once."""
    ids = {subject_id(task.business_key, "case") for task in tasks} - {None}
    return list(db.session.scalars(db.select(Case).where(Case.id.in_(ids)))) if ids else []


def _suspended_by(case: Case) -> str | None:
    """The officer who began the special procedure, while that is the last that happened. Index: ix_opinion_case_id."""
    acts = db.session.execute(
        db.select(Opinion.outcome, Opinion.by).where(Opinion.case_id == case.id).order_by(Opinion.id.desc())
    ).all()
    if not acts or acts[0].outcome not in ("special", "special_ended"):
        return None
    return next(by for outcome, by in acts if outcome == "special")

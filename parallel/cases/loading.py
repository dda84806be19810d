"""Getting applications, cases and their tasks, and holding them while an act changes them."""
from __future__ import annotations

from dataclasses import dataclass

from engine.api import Task, TaskNotOpen, db
from parallel.cases.drawings import subject_id
from parallel.cases.errors import ApplicationNotFound, CaseNotFound, WrongStep
from parallel.cases.models import Application, Case
from parallel.projects.models import Project


def application(application_id: int) -> Application:
    """Raises ApplicationNotFound."""
    found = db.session.get(Application, application_id)
    if found is None:
        raise ApplicationNotFound
    return found


def case(case_id: int) -> Case:
    """Raises CaseNotFound."""
    found = db.session.get(Case, case_id)
    if found is None:
        raise CaseNotFound
    return found


def hold(subject: Application | Case) -> None:
    """Lock a row until the unit of work ends and read it as it is now (PostgreSQL; SQLite has one writer anyway)."""
    model = type(subject)
    db.session.execute(db.select(model.id).where(model.id == subject.id).with_for_update())
    db.session.refresh(subject)


def hold_project(project_id: int | None) -> None:
    """Acts that end or begin a case of a project take turns: each must see the results of the one before, or two
    that end at the same moment would both leave a third one waiting. Held before anything else of the project."""
    if project_id is not None:
        db.session.flush()
        db.session.get(Project, project_id, with_for_update=True, populate_existing=True)


@dataclass(frozen=True)
class OpenTask:
    """What an act must know of a task; loose from the session, which would keep it as it was."""

    id: str
    business_key: str
    instance_id: str
    step: str | None
    element_id: str
    name: str


_COLUMNS = (Task.id, Task.business_key, Task.instance_id, Task.step, Task.element_id, Task.name)


def case_task(task_id: str, *steps: str | None) -> tuple[OpenTask, Case]:
    """An open task about a case, at one of these steps (None: a step of the department's own), the case held.

    Raises:
        TaskNotOpen: it is done or cancelled.
        WrongStep: it is another step, or not about a case.
    """
    row = db.session.execute(db.select(*_COLUMNS).where(Task.id == task_id, Task.status == "open")).first()
    if row is None:
        raise TaskNotOpen
    task = OpenTask(*row)
    case_id = subject_id(task.business_key, "case")
    if case_id is None or (task.step not in steps and not (None in steps and task.step not in _KNOWN)):
        raise WrongStep
    found = case(case_id)
    hold(found)
    return task, found


def project_of_task(task_id: str) -> int | None:
    """The project behind a task, to hold it first."""
    key = db.session.scalar(db.select(Task.business_key).where(Task.id == task_id))
    case_id = subject_id(key, "case") if key else None
    return db.session.scalar(db.select(Case.project_id).where(Case.id == case_id)) if case_id else None


_KNOWN = ("accept", "correct", "review", "special", "decide", "issue")


def application_task(application: Application, step: str) -> OpenTask:
    """The open task of an application at a step that its own process has: `accept` or `correct`.

    Index: ix_task_instance_id. Raises TaskNotOpen.
    """
    row = db.session.execute(
        db.select(*_COLUMNS).where(
            Task.instance_id == application.instance_id, Task.step == step, Task.status == "open"
        )
    ).first()
    if row is None:
        raise TaskNotOpen
    return OpenTask(*row)

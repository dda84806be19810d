"""Who may do what to which object. The one place that decides, and denies what no rule allows.

A rule is a small function `(principal, object) -> bool` under a name `<kind>.<verb>`; a list is filtered by
`visible_<kinds>(principal)`, which says the same as `<kind>.read` in SQL. A route names its rule with `@permit`;
one that names a rule about an object and then never asks it is refused (see `permit`).
"""
from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, g, has_app_context
from sqlalchemy import ColumnElement, String, and_, cast, exists, false, literal, or_, select, true

from engine.api import ProcessInstance, Task, TaskCandidate
from engine.db import db
from parallel.cases.models import Application, Case, Licence
from parallel.documents.models import Document
from parallel.items.models import ServiceItem
from parallel.materials.models import Material, MaterialUse
from parallel.notifications.models import Notification
from parallel.projects.models import Project
from webapp.errors import Forbidden, NotFound, Unauthorized
from webapp.identity.models import Account, ApiToken, WindowAuthorisation
from webapp.principal import (
    ADMINISTRATOR, APPLICANT, ITEM_MANAGER, MONITOR, OFFICER, PROCESS_DESIGNER, ROLES, STAFF_ROLES, WINDOW_CLERK,
    Principal, current_principal,
)

T = TypeVar("T")
Rule = Callable[[Principal, Any], bool]

EVERY_ITEM = "*"
# Flask's and flask-smorest's own endpoints; what they serve is public.
PUBLIC_ENDPOINTS = ("static", "api-docs.")

_rules: dict[str, Rule] = {}
_general: set[str] = set()  # rules that ask about the person only


class UnknownRule(LookupError):
    pass


def rule(name: str, *, general: bool = False) -> Callable[[Rule], Rule]:
    """Register a rule; a `general` one is about the person only and gets no object."""

    def register(function: Rule) -> Rule:
        if name in _rules:
            raise ValueError(f"rule {name} exists already")
        _rules[name] = function
        if general:
            _general.add(name)
        return function

    return register


def rule_names() -> set[str]:
    return set(_rules)


# --- asking -----------------------------------------------------------------------------------------

def allows(name: str, obj: Any = None, *, principal: Principal | None = None) -> bool:
    """Whether the person may; for templates and filters. Routes call `require`."""
    return _rule(name)(principal or current_principal(), obj)


def require(name: str, obj: T = None, *, principal: Principal | None = None) -> T:
    """Give the object back if the person may do this to it.

    Raises:
        NotFound: it is missing, or the person may not even know of it; both answers are the same.
        Forbidden: the person may see it and yet not do this.
    """
    principal = principal or current_principal()
    _note_asked(name)
    if name in _general or obj is not None:
        if _rule(name)(principal, obj):
            return obj
    if name in _general:
        raise Forbidden
    sees = f"{name.partition('.')[0]}.read"
    if obj is not None and sees != name and sees in _rules and _rules[sees](principal, obj):
        raise Forbidden
    raise NotFound


def _rule(name: str) -> Rule:
    try:
        return _rules[name]
    except KeyError:
        raise UnknownRule(f"policy.py has no rule {name}") from None


def _note_asked(name: str) -> None:
    if has_app_context():
        g.setdefault("policy_asked", set()).add(name)


# --- routes -----------------------------------------------------------------------------------------

def permit(name: str) -> Callable[[Callable], Callable]:
    """Say on a route who may call it: `public`, `signed_in`, `staff`, `role:<role>[|<role>…]`, or a rule's name.

    A general rule (`item.manage`) is asked at the door. One about an object (`case.read`) lets signed-in people in,
    and the view must ask it (`require`, or `visible_…` for a list): a view that answers without having asked fails,
    so that none is ever forgotten.
    """
    check = _route_check(name)

    def decorate(view: Callable) -> Callable:
        @functools.wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            check(current_principal())
            answer = view(*args, **kwargs)
            if name in _rules and name not in _general and name not in g.get("policy_asked", ()):
                raise AssertionError(f"{view.__module__}.{view.__qualname__} names {name} and never asked it")
            return answer

        guarded._policy = name
        return guarded

    return decorate


def _route_check(name: str) -> Callable[[Principal], None]:
    if name == "public":
        return lambda principal: None
    if name == "staff":
        return _realm_check
    if name.startswith("role:"):
        wanted = name.removeprefix("role:").split("|")
        if set(wanted) - set(ROLES):
            raise UnknownRule(f"no such role: {name}")
        return functools.partial(_role_check, set(wanted))
    if name in _general:
        return functools.partial(_general_check, name)
    if name != "signed_in":
        _rule(name)
    return _signed_in_check


def _signed_in_check(principal: Principal) -> None:
    if not principal.is_authenticated:
        raise Unauthorized


def _realm_check(principal: Principal) -> None:
    if not principal.is_authenticated:
        raise Unauthorized("staff")
    if principal.realm != "staff":
        raise Forbidden


def _role_check(wanted: set[str], principal: Principal) -> None:
    if not principal.is_authenticated:
        raise Unauthorized("staff" if wanted & set(STAFF_ROLES) else "public")
    if not wanted & principal.roles:
        raise Forbidden


def _general_check(name: str, principal: Principal) -> None:
    if not principal.is_authenticated:
        raise Unauthorized("staff")
    if not _rules[name](principal, None):
        raise Forbidden


def may_enter(name: str, principal: Principal) -> bool:
    """Whether a route that names this rule lets the person in; for navigation."""
    try:
        _route_check(name)(principal)
    except (Unauthorized, Forbidden):
        return False
    return True


def unnamed_routes(app: Flask) -> list[str]:
    """Endpoints that do not say who may call them. Must be empty: `create_app` refuses to start otherwise."""
    return sorted(
        f"{endpoint} ({method})" if method else endpoint
        for endpoint, view in app.view_functions.items()
        if not endpoint.startswith(PUBLIC_ENDPOINTS)
        for method, function in _handlers(view)
        if not hasattr(function, "_policy")
    )


def _handlers(view: Callable) -> list[tuple[str, Callable]]:
    view_class = getattr(view, "view_class", None)
    if view_class is None or hasattr(view, "_policy"):
        return [("", view)]
    return [(method, getattr(view_class, method.lower())) for method in sorted(view_class.methods or ())]


# --- who one is -------------------------------------------------------------------------------------

def _is_clerk_of(principal: Principal, division: str) -> bool:
    return principal.has(WINDOW_CLERK) and principal.division == division


def _monitors(principal: Principal, division: str) -> bool:
    """A monitor sees the division it works for and those below it; one without a division sees all."""
    return principal.has(MONITOR) and division.startswith(_covered(principal.division))


def _covered(division: str | None) -> str:
    """The digits that a division shares with all below it (GB/T 2260): 330000 → 33, 330100 → 3301."""
    code = division or ""
    while code.endswith("00"):
        code = code[:-2]
    return code


def _covers(principal: Principal, column: Any) -> ColumnElement[bool]:
    return column.startswith(_covered(principal.division)) if principal.has(MONITOR) else false()


def _works_in(principal: Principal, department: str) -> bool:
    return principal.has(OFFICER) and principal.department == department


def _department_has_case(principal: Principal, *conditions: ColumnElement[bool]) -> bool:
    if not principal.has(OFFICER) or not principal.department:
        return False
    found = select(Case.id).where(Case.department_code == principal.department, Case.state != "draft", *conditions)
    return db.session.scalar(found.limit(1)) is not None


def _window_items(principal: Principal) -> set[str]:
    rows = select(WindowAuthorisation.item_code).where(WindowAuthorisation.account == principal.account)
    return set(db.session.scalars(rows))


# --- applications and cases -------------------------------------------------------------------------

@rule("application.read")
def application_read(principal: Principal, application: Application) -> bool:
    if _owns(principal, application):
        return True
    if application.state == "draft":
        return False
    return (
        _is_clerk_of(principal, application.division_code)
        or _monitors(principal, application.division_code)
        or _department_has_case(principal, Case.application_id == application.id)
    )


def visible_applications(principal: Principal) -> ColumnElement[bool]:
    _note_asked("application.read")
    own = Application.applicant == principal.account if principal.has(APPLICANT) else false()
    filed = [_covers(principal, Application.division_code)]
    if principal.has(WINDOW_CLERK):
        filed.append(Application.division_code == principal.division)
    if principal.has(OFFICER):
        has_case = exists().where(Case.application_id == Application.id, _own_department(principal))
        filed.append(has_case.correlate(Application))
    return or_(own, and_(Application.state != "draft", or_(*filed)))


def handleable_applications(principal: Principal) -> ColumnElement[bool]:
    """What a window clerk may accept: of its division, every item among those it is authorised for (ACCEPT-1)."""
    _note_asked("application.handle")
    if not principal.has(WINDOW_CLERK):
        return false()
    items = _window_items(principal)
    here = and_(Application.division_code == principal.division, Application.state != "draft")
    if EVERY_ITEM in items:
        return here
    other = exists().where(Case.application_id == Application.id, Case.item_code.not_in(items)).correlate(Application)
    return and_(here, ~other)


@rule("application.edit")
def _owns(principal: Principal, application: Application) -> bool:
    return principal.has(APPLICANT) and application.applicant == principal.account


rule("application.correct")(_owns)
rule("application.withdraw")(_owns)


@rule("application.handle")
def application_handle(principal: Principal, application: Application) -> bool:
    """ACCEPT-1: 窗口只办本人权限内事项."""
    if application.state == "draft" or not _is_clerk_of(principal, application.division_code):
        return False
    items = _window_items(principal)
    return EVERY_ITEM in items or {case.item_code for case in application.cases} <= items


def _own_department(principal: Principal) -> ColumnElement[bool]:
    return and_(Case.department_code == principal.department, Case.state != "draft")


@rule("case.read")
def case_read(principal: Principal, case: Case) -> bool:
    """State, clocks and opinions. Departments of one project read each other's opinions (互见意见)."""
    application = case.application
    if _owns(principal, application):
        return True
    if application.state == "draft":
        return False
    return (
        _works_in(principal, case.department_code)
        or _is_clerk_of(principal, application.division_code)
        or _monitors(principal, application.division_code)
        or _department_has_case(principal, _beside(case))
        or _takes_part(principal, case.id)
    )


def _beside(case: Case) -> ColumnElement[bool]:
    """Cases of the same application or project."""
    same = Case.application_id == case.application_id
    return or_(same, Case.project_id == case.project_id) if case.project_id is not None else same


def visible_cases(principal: Principal) -> ColumnElement[bool]:
    _note_asked("case.read")
    seen = [Case.application_id.in_(select(Application.id).where(visible_applications(principal)))]
    if principal.has(OFFICER):
        projects = select(Case.project_id).where(_own_department(principal), Case.project_id.is_not(None))
        filed = exists().where(Application.id == Case.application_id, Application.state != "draft").correlate(Case)
        seen.append(and_(Case.project_id.in_(projects), filed))
        asked = select(Task.business_key).where(tasks_asked_for(principal))
        seen.append((literal("case:") + cast(Case.id, String)).in_(asked))
    return or_(*seen)


@rule("case.handle")
def case_handle(principal: Principal, case: Case) -> bool:
    """Only the case's own department moves it."""
    return case.application.state != "draft" and _works_in(principal, case.department_code)


def handleable_cases(principal: Principal) -> ColumnElement[bool]:
    _note_asked("case.handle")
    return _own_department(principal) if principal.has(OFFICER) else false()


@rule("licence.read")
def licence_read(principal: Principal, licence: Licence) -> bool:
    case = db.session.get(Case, licence.case_id)
    return case is not None and allows("case.read", case, principal=principal)


@rule("document.read")
def document_read(principal: Principal, document: Document) -> bool:
    application = db.session.get(Application, document.application_id)
    return application is not None and allows("application.read", application, principal=principal)


# --- materials --------------------------------------------------------------------------------------

@rule("material.read")
def material_read(principal: Principal, material: Material) -> bool:
    """The applicant, the window, the monitor, and the departments whose case it serves (PARALLEL-INV-4)."""
    application = db.session.get(Application, material.application_id)
    if application is None:
        return False
    if _owns(principal, application):
        return True
    if application.state == "draft":
        return False
    if _is_clerk_of(principal, application.division_code) or _monitors(principal, application.division_code):
        return True
    uses = select(MaterialUse.case_id).where(MaterialUse.material_id == material.id)
    return _department_has_case(principal, Case.id.in_(uses)) or _takes_part(principal, *db.session.scalars(uses))


# --- projects ---------------------------------------------------------------------------------------

@rule("project.read")
def project_read(principal: Principal, project: Project) -> bool:
    return (
        _owns_project(principal, project)
        or (_is_clerk_of(principal, project.division_code))
        or _monitors(principal, project.division_code)
        or _department_has_case(principal, Case.project_id == project.id)
    )


def visible_projects(principal: Principal) -> ColumnElement[bool]:
    _note_asked("project.read")
    seen = [_covers(principal, Project.division_code)]
    if principal.has(APPLICANT):
        seen.append(Project.owner == principal.account)
    if principal.has(WINDOW_CLERK):
        seen.append(Project.division_code == principal.division)
    if principal.has(OFFICER):
        seen.append(exists().where(Case.project_id == Project.id, _own_department(principal)).correlate(Project))
    return or_(*seen)


@rule("project.edit")
def _owns_project(principal: Principal, project: Project) -> bool:
    return principal.has(APPLICANT) and project.owner == principal.account


rule("project.apply")(_owns_project)


# --- tasks and processes ----------------------------------------------------------------------------

@rule("task.act")
def task_act(principal: Principal, task: Task) -> bool:
    """The assignee, or of an unclaimed task one of its groups; who may not handle the business behind it may not."""
    if task.assignee is not None:
        mine = task.assignee == principal.account
    else:
        mine = bool(principal.groups & {candidate.group_name for candidate in task.candidates})
    return mine and _may_move(principal, task)


def _may_move(principal: Principal, task: Task) -> bool:
    subject = business_object(task.business_key)
    if subject is None:  # a process of the designer's own, without a case behind it
        return True
    application = subject if isinstance(subject, Application) else subject.application
    if _owns(principal, application) or allows("application.handle", application, principal=principal):
        return True
    if isinstance(subject, Case):
        return allows("case.handle", subject, principal=principal) or _is_asked(principal, task)
    return _department_has_case(principal, Case.application_id == application.id)


def _is_asked(principal: Principal, task: Task) -> bool:
    """Whether the drawing asks this person or department for the step (会同审查 by another department, DEPT-3)."""
    groups = {candidate.group_name for candidate in task.candidates}
    return bool(groups & asked_groups(principal)) if groups else task.assignee == principal.account


def asked_groups(principal: Principal) -> set[str]:
    """Groups that name this person's department or circle. A bare role names every official who has it, and asks none."""
    return set(principal.groups) - set(ROLES) if principal.has(OFFICER) else set()


def tasks_asked_for(principal: Principal) -> ColumnElement[bool]:
    """`_is_asked` in SQL, and the tasks this person has done. Indexes: ix_task_candidate_group_name_task_id,
    ix_task_completed_by_completed_at."""
    if not principal.has(OFFICER):
        return false()
    asked = select(TaskCandidate.task_id).where(TaskCandidate.group_name.in_(asked_groups(principal)))
    return or_(Task.id.in_(asked), Task.completed_by == principal.account)


def _takes_part(principal: Principal, *case_ids: int) -> bool:
    """Whether a step of one of these cases is, or was, this person's."""
    keys = [f"case:{case_id}" for case_id in case_ids]
    found = select(Task.id).where(Task.business_key.in_(keys), tasks_asked_for(principal)).limit(1)
    return db.session.scalar(found) is not None


@rule("task.read")
def task_read(principal: Principal, task: Task) -> bool:
    if principal.account in (task.assignee, task.completed_by):
        return True
    if allows("task.act", task, principal=principal):
        return True
    subject = business_object(task.business_key)
    if subject is None:
        return bool(principal.groups & {candidate.group_name for candidate in task.candidates})
    kind = "application" if isinstance(subject, Application) else "case"
    return allows(f"{kind}.read", subject, principal=principal)


def visible_tasks(principal: Principal) -> ColumnElement[bool]:
    """Open tasks the person may act on, and those it closed."""
    _note_asked("task.read")
    group = exists().where(TaskCandidate.task_id == Task.id, TaskCandidate.group_name.in_(principal.groups))
    candidate = and_(Task.assignee.is_(None), group.correlate(Task))
    return or_(Task.assignee == principal.account, Task.completed_by == principal.account, candidate)


@rule("instance.read")
def instance_read(principal: Principal, instance: ProcessInstance) -> bool:
    """A running process is seen by whoever sees the business behind it; without one, by whoever works on it."""
    subject = business_object(instance.business_key)
    if isinstance(subject, Application):
        return allows("application.read", subject, principal=principal)
    if isinstance(subject, Case):
        return allows("case.read", subject, principal=principal)
    if instance.started_by == principal.account or principal.roles & {PROCESS_DESIGNER, MONITOR}:
        return True
    theirs = select(Task.id).where(Task.root_id == instance.root_id, visible_tasks(principal)).limit(1)
    return db.session.scalar(theirs) is not None


def business_object(business_key: str) -> Application | Case | None:
    """What a business key such as `case:12` stands for."""
    kind, _, number = business_key.partition(":")
    model = {"application": Application, "case": Case}.get(kind)
    return db.session.get(model, int(number)) if model and number.isdigit() else None


@rule("process.read", general=True)
def process_read(principal: Principal, _: None) -> bool:
    return principal.realm == "staff"


@rule("process.deploy", general=True)
def process_deploy(principal: Principal, _: None) -> bool:
    return principal.has(PROCESS_DESIGNER)


# --- items, supervision, accounts -------------------------------------------------------------------

@rule("item.read")
def item_read(principal: Principal, item: ServiceItem) -> bool:
    return item.status != "draft" or principal.has(ITEM_MANAGER)


def visible_items(principal: Principal) -> ColumnElement[bool]:
    _note_asked("item.read")
    return true() if principal.has(ITEM_MANAGER) else ServiceItem.status != "draft"


@rule("item.manage", general=True)
def item_manage(principal: Principal, _: None) -> bool:
    return principal.has(ITEM_MANAGER)


@rule("monitor.view", general=True)
def monitor_view(principal: Principal, _: None) -> bool:
    return principal.has(MONITOR)


@rule("account.manage", general=True)
def account_manage(principal: Principal, _: None) -> bool:
    return principal.has(ADMINISTRATOR)


@rule("delivery.manage", general=True)
def delivery_manage(principal: Principal, _: None) -> bool:
    return principal.has(ADMINISTRATOR)


@rule("account.read")
def account_read(principal: Principal, account: Account) -> bool:
    return principal.has(ADMINISTRATOR) or principal.account == account.id


@rule("token.revoke")
def token_revoke(principal: Principal, token: ApiToken) -> bool:
    return principal.has(ADMINISTRATOR) or (principal.is_authenticated and token.account == principal.account)


@rule("notification.read")
def notification_read(principal: Principal, notification: Notification) -> bool:
    return principal.is_authenticated and notification.account == principal.account


def visible_notifications(principal: Principal) -> ColumnElement[bool]:
    _note_asked("notification.read")
    return Notification.account == principal.account


# --- live pages -------------------------------------------------------------------------------------

def may_listen(principal: Principal, topic: str) -> bool:
    """Whether the person may hear that something under this topic changed (architecture.md, live pages)."""
    kind, _, key = topic.partition(":")
    if topic == "items":
        return principal.is_authenticated
    if topic == "definitions":
        return principal.realm == "staff"
    if kind == "group":
        return key in principal.groups
    if kind == "user":
        return bool(key) and key == principal.account
    if kind == "process":
        root = db.session.get(ProcessInstance, key)
        return root is not None and allows("instance.read", root, principal=principal)
    models = {"project": Project, "application": Application, "case": Case}
    if kind not in models or not key.isdigit():
        return False
    found = db.session.get(models[kind], int(key))
    return found is not None and allows(f"{kind}.read", found, principal=principal)

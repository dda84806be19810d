"""All facts of a project or a case with who and when, so that its handling can be told again (SUPERV-RUN-1)."""
from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext, lazy_gettext
from sqlalchemy import or_, select
from sqlalchemy.orm import lazyload

from engine.api import AuditEntry, Task, db
from parallel.cases.drawings import key_of, subject_id
from parallel.cases.models import Application, Case, Opinion
from webapp.diagrams.board import OUTCOMES, department_name, item_name
from webapp.diagrams.facts import Names, cases_by_id, names_of

WORDS = {
    "registered": lazy_gettext("登记项目"), "attributes_revised": lazy_gettext("修改项目情形"),
    "stage_opened": lazy_gettext("阶段开始"), "stage_closed": lazy_gettext("阶段办结"),
    "stage_opened_early": lazy_gettext("提前开始阶段"),
    "ApplicationDrafted": lazy_gettext("起草申请"), "ApplicationSaved": lazy_gettext("保存草稿"),
    "ItemsChosen": lazy_gettext("选择事项"), "MaterialHandedIn": lazy_gettext("提交材料"),
    "MaterialRemoved": lazy_gettext("撤下材料"), "material_verified": lazy_gettext("核对材料原件"),
    "ApplicationSubmitted": lazy_gettext("提交申请"), "ReviewPointsTicked": lazy_gettext("勾核审查要点"),
    "ApplicationPreAccepted": lazy_gettext("预受理"), "ApplicationAccepted": lazy_gettext("受理"),
    "CorrectionRequested": lazy_gettext("要求补正"), "CorrectionSubmitted": lazy_gettext("提交补正"),
    "ApplicationNotAccepted": lazy_gettext("不予受理"), "ApplicationWithdrawn": lazy_gettext("撤回申请"),
    "ApplicationClosed": lazy_gettext("申请办结"), "CaseClockStarted": lazy_gettext("开始审查，起算时限"),
    "CaseReviewed": lazy_gettext("审查通过"), "CaseSuspended": lazy_gettext("启动特别程序，停表"),
    "CaseResumed": lazy_gettext("特别程序结束，恢复计时"), "CaseDecided": lazy_gettext("作出决定"),
    "LicenceIssued": lazy_gettext("颁发证照"), "CaseClosed": lazy_gettext("办件办结"),
    "CaseWithdrawn": lazy_gettext("撤回办件"),
}
DRAFTING = {"ApplicationDrafted", "ApplicationSaved", "ItemsChosen", "MaterialHandedIn", "MaterialRemoved"}
KINDS = {
    "law": lazy_gettext("法定行为"), "step": lazy_gettext("环节"), "material": lazy_gettext("材料与草稿"),
}
STATES = {
    "ApplicationNotAccepted": "refused", "CorrectionRequested": "returned", "CaseSuspended": "suspended",
    "ApplicationWithdrawn": "cancelled", "CaseWithdrawn": "cancelled", "LicenceIssued": "agreed",
}


@dataclass(frozen=True)
class Fact:
    """One line of the timeline, in the form of components/layout.html."""

    at: datetime
    what: str
    who: str | None
    unit: str | None
    kind: str
    state: str = "done"
    opinion: str | None = None
    department: str | None = None
    papers: tuple = ()
    predicted: bool = False


def facts_of(applications: Iterable[Application], *, project_id: int | None = None,
             case: Case | None = None) -> list[Fact]:
    """Newest first; of one case when it is given. Six statements, however long the history."""
    applications = list(applications)
    numbers = [case.id] if case is not None else [each.id for found in applications for each in found.cases]
    cases = cases_by_id(numbers)
    chains = [key_of(found) for found in applications] + [f"case:{number}" for number in cases]
    if project_id is not None:
        chains.append(f"project:{project_id}")
    entries = db.session.scalars(select(AuditEntry).where(AuditEntry.chain.in_(chains))).all()
    tasks = _tasks(applications, case)
    written = select(Opinion).where(Opinion.case_id.in_(cases)).order_by(Opinion.id)
    opinions = {opinion.task_id: opinion for opinion in db.session.scalars(written)} if cases else {}
    people = {entry.by for entry in entries} | {task.assignee for task in tasks} | {task.completed_by for task in tasks}
    told = _Told(cases, opinions, names_of(person for person in people if person))
    facts = [told.entry(entry) for entry in entries if entry.action != "CaseReviewed"]
    facts += [fact for task in tasks for fact in told.task(task)]
    order = {"law": 1, "step": 0, "material": 0}
    return sorted(facts, key=lambda fact: (fact.at, order[fact.kind]), reverse=True)


def _tasks(applications: list[Application], case: Case | None) -> list[Task]:
    """Indexes: ix_task_business_key_status, ix_task_root_id."""
    if case is not None:
        condition = Task.business_key == key_of(case)
    else:
        roots = [found.instance_id for found in applications if found.instance_id]
        condition = or_(Task.root_id.in_(roots))
    return list(db.session.scalars(select(Task).where(condition).options(lazyload(Task.candidates))))


class _Told:
    """Puts entries and tasks into words."""

    def __init__(self, cases: dict[int, Case], opinions: dict[str, Opinion], names: Names) -> None:
        self.cases, self.opinions, self.names = cases, opinions, names

    def entry(self, entry: AuditEntry) -> Fact:
        detail = (json.loads(entry.body).get("detail") or {}) if entry.body else {}
        kind = "material" if entry.action in DRAFTING else "law"
        state = STATES.get(entry.action, "done")
        if entry.action in ("CaseClosed", "CaseDecided"):
            refused = "refuse" in (detail.get("state") or "") or detail.get("decision") == "refuse"
            state = "refused" if refused else "agreed"
        case = self.cases.get(subject_id(entry.chain, "case"))
        name, unit = self._person(entry.by)
        what = str(WORDS.get(entry.action, entry.action))
        return Fact(entry.at, self._of(what, case), name, unit, kind, state, self._said(entry.action, detail),
                    case.department_code if case is not None else None)

    def task(self, task: Task) -> Iterable[Fact]:
        case = self.cases.get(subject_id(task.business_key, "case"))
        department = case.department_code if case is not None else None
        step = task.name if case is not None else gettext(task.name)
        yield Fact(task.created_at, gettext("进入环节：%(step)s", step=step), None, None, "step", "running", department=department)
        if task.claimed_at is not None and task.assignee is not None:
            name, unit = self._person(task.assignee)
            yield Fact(task.claimed_at, gettext("签收：%(step)s", step=step), name, unit, "step", "running", department=department)
        if task.completed_at is None:
            return
        name, unit = self._person(task.completed_by) if task.completed_by else (None, None)
        opinion = self.opinions.get(task.id)
        cancelled = task.status == "cancelled"
        state = "cancelled" if cancelled else OUTCOMES.get(opinion.outcome, "done") if opinion else "done"
        what = gettext("终止环节：%(step)s", step=step) if cancelled else gettext("完成环节：%(step)s", step=step)
        yield Fact(task.completed_at, what, name, unit, "step", state, opinion.text if opinion else None, department)

    def _of(self, what: str, case: Case | None) -> str:
        return f"{what} · {item_name(case.item)}" if case is not None else what

    def _person(self, account: str) -> tuple[str | None, str | None]:
        if account.startswith("system"):
            return gettext("系统"), None
        name, code = self.names.people.get(account, (account, None))
        department = self.names.departments.get(code) if code else None
        if department is not None:
            return name, department_name(department)
        return name, gettext("申请人") if account.startswith("public:") else gettext("综合窗口")

    @staticmethod
    def _said(action: str, detail: dict[str, Any]) -> str | None:
        """What the record itself says in words, beyond the kind of the fact."""
        said = [detail[name] for name in ("reason", "procedure", "result", "licence", "name", "number") if isinstance(detail.get(name), str)]
        if action == "CorrectionRequested":
            said += [f"{asked.get('name', '')}：{asked.get('reason', '')}" for asked in detail.get("corrections") or detail.get("items") or ()
                     if isinstance(asked, dict)]
        return "；".join(dict.fromkeys(word for word in said if word)) or None

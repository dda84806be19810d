"""How every element of a running process stands: the engine's picture, the state of the cases and their clocks in one.

The states are those of the look: not_started, ready, running, waiting (for the applicant), suspended, due_soon,
overdue, agreed, refused, skipped, returned; besides, done for steps that decide nothing and cancelled.
"""
from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from functools import cached_property

from flask import url_for
from flask_babel import get_locale, gettext, ngettext

from engine.api import ElementState, ProcessInstance, Task, definition_elements, end_of, working_calendar
from parallel.cases.models import Case, Opinion
from parallel.time_limits.arithmetic import GREEN, RED, YELLOW, Limit, yellow_from
from parallel.time_limits.queries import china_date
from webapp.diagrams.clocks import CaseClock
from webapp.diagrams.facts import Facts, Need, read_facts
from webapp.formats import short_date, working_days
from webapp.principal import Principal, current_principal

URGENT = ["overdue", "due_soon", "waiting", "suspended", "running", "returned", "ready", "refused", "not_started",
          "cancelled", "agreed", "done", "skipped"]  # of several cases on one element the first of these shows
LIT = {RED: "overdue", YELLOW: "due_soon"}
ENDED = {"approved": "agreed", "refused": "refused", "not_accepted": "refused", "withdrawn": "cancelled",
         "terminated": "cancelled"}
OUTCOMES = {"pass": "agreed", "approve": "agreed", "refuse": "refused", "special": "returned", "issued": "done"}
STEPS = frozenset({"task", "userTask", "manualTask", "serviceTask", "scriptTask", "sendTask", "receiveTask",
                   "businessRuleTask", "callActivity", "subProcess", "transaction", "adHocSubProcess"})
GATEWAYS = frozenset({"exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway", "complexGateway"})


@dataclass
class Shown:
    """One element as a diagram, a table or a list shows it."""

    state: str
    label: str | None = None
    who: str | None = None
    department: str | None = None
    since: str | None = None
    until: str | None = None
    elapsed: int | None = None  # working days used of the clock, or since it began
    limit: int | None = None
    due: str | None = None
    days_left: int | None = None
    light: str | None = None
    count: int = 1
    href: str | None = None
    note: str | None = None
    step: str | None = None
    type: str = ""
    cases: list[int] = field(default_factory=list)
    waits_for: list[str] = field(default_factory=list)


def is_english() -> bool:
    locale = get_locale()
    return locale is not None and locale.language == "en"


def item_name(item) -> str:
    return (item.name_en if is_english() else item.name) or item.name


def department_name(department) -> str:
    return (department.name_en if is_english() else department.name) or department.name


class Board:
    """The elements of one instance at one moment, for one reader."""

    def __init__(self, facts: Facts, reader: Principal, *, replay: bool = False) -> None:
        self.facts = facts
        self.at = facts.at
        self.today = china_date(facts.at)
        self.is_staff = reader.realm == "staff"
        self.replay = replay
        self.instance = facts.picture.instance
        self.drawn = definition_elements(self.instance.definition_id)

    @cached_property
    def elements(self) -> dict[str, Shown]:
        shown = {}
        for element_id, element in self.drawn.items():
            found = self._shown(element_id, element)
            if found is not None:
                found.type = element.type
                found.step = element.extensions.step
                found.label = self._label(element, found)
                shown[element_id] = found
        return shown

    def as_json(self) -> dict:
        return {
            "as_of": self.at.isoformat(), "instance": self.instance.id, "status": self.instance.status,
            "elements": {element_id: asdict(shown) for element_id, shown in self.elements.items()},
        }

    # --- one element --------------------------------------------------------------------------------

    def _shown(self, element_id: str, element) -> Shown | None:
        state = self.facts.picture.elements.get(element_id)
        if state is not None and self._not_yet(state):
            state = None
        if state is None:
            return self._unreached(element) if element.type in STEPS else None
        children = [child for child in state.children if child.started_at <= self.at]
        if children:
            return self._called(children, state)
        tasks = [task for task in state.tasks if task.created_at <= self.at]
        if tasks:
            return self._worked(tasks, element)
        return self._automatic(state, element)

    def _not_yet(self, state: ElementState) -> bool:
        return self.replay and state.since > self.at

    def _unreached(self, element) -> Shown:
        """A branch that has not begun: passed over, waiting for results by name, or free to begin."""
        item, application = element.extensions.item, self.facts.application
        if item is None or application is None:
            return Shown("not_started")
        case = next((each for each in self.facts.cases.values() if each.item_code == item), None)
        if case is None:
            return Shown("skipped", note=gettext("本次申请不涉及这一事项"))
        return self._waiting_case(case)

    def _waiting_case(self, case: Case) -> Shown:
        accepted = self.facts.application.accepted_at
        shown = Shown("not_started", department=self._department(case.department_code), cases=[case.id])
        shown.waits_for = [self._need(need) for need in self.facts.missing.get(case.id, [])]
        if accepted is not None and accepted <= self.at:
            shown.state = "not_started" if shown.waits_for else "ready"
        if shown.waits_for:
            shown.note = gettext("等待前置结果：%(names)s", names=self._and(shown.waits_for))
        return shown

    def _need(self, need: Need) -> str:
        return gettext(" 或 ").join(item_name(member) for member in need.any_of)

    @staticmethod
    def _and(words: list[str]) -> str:
        return gettext("、").join(words)

    # --- call activities ----------------------------------------------------------------------------

    def _called(self, children: list[ProcessInstance], state: ElementState) -> Shown:
        each = [self._child(child) for child in children]
        first = min(each, key=lambda shown: URGENT.index(shown.state))
        if len(each) == 1:
            return first
        names = sorted({shown.department for shown in each if shown.department})
        ended = [shown.until for shown in each]
        whole = Shown(
            first.state, who=self._and(names) or None, department=first.department, due=first.due,
            days_left=first.days_left, light=first.light, count=len(each), elapsed=first.elapsed, limit=first.limit,
            since=min(shown.since for shown in each if shown.since), until=max(ended) if all(ended) else None,
            href=first.href, cases=[case for shown in each for case in shown.cases],
        )
        whole.note = "\n".join(
            f"{self._case_name(shown)}：{state_word(shown.state)}" + (f"（{shown.note}）" if shown.note else "")
            for shown in sorted(each, key=lambda shown: URGENT.index(shown.state))
        )
        return whole

    def _case_name(self, shown: Shown) -> str:
        return self._and([item_name(self.facts.cases[number].item) for number in shown.cases]) or (shown.who or "")

    def _child(self, child: ProcessInstance) -> Shown:
        """A branch is coloured by its case, a process of a department's own by its open tasks."""
        case = self.facts.case_of(child)
        shown = self._case(case, child) if case is not None else self._plain_child(child)
        shown.since = shown.since or child.started_at.isoformat()
        shown.href = self._href(child, case)
        return shown

    def _href(self, child: ProcessInstance, case: Case | None) -> str:
        reader = current_principal()
        if case is not None and reader.has("monitor"):
            return url_for("supervision.case", case_id=case.id)
        return url_for("diagrams.page", instance_id=child.id)

    def _plain_child(self, child: ProcessInstance) -> Shown:
        ended = self._past(child.ended_at)
        if ended is not None:
            return Shown("cancelled" if child.status == "cancelled" else "done", until=ended.isoformat())
        return self._in_hand(child) or Shown("running")

    def _case(self, case: Case, instance: ProcessInstance) -> Shown:
        state = self._case_state(case)
        if state in ENDED:
            return self._ended_case(case, ENDED[state])
        clock = self.facts.clocks.get(case.id)
        if clock is None:
            if state == "waiting":
                return self._waiting_case(case)
            return self._in_hand(instance) or self._waiting_case(case)
        shown = Shown("running", department=self._department(case.department_code), cases=[case.id])
        self._tell_clock(shown, clock)
        open_tasks = self._open(instance)
        shown.who = self._who(open_tasks, case)
        if any(task.step == "correct" for task in open_tasks):
            shown.state, shown.note = "waiting", gettext("等待申请人补正")
        elif clock.pause is not None:
            self._tell_pause(shown, clock)
        else:
            shown.state = LIT.get(clock.light, "running")
            shown.note = self._progress_note(clock, open_tasks)
        return shown

    def _case_state(self, case: Case) -> str:
        """The state at the moment; for the past, told from the moments the case recorded."""
        if not self.replay:
            return case.state
        if self._past(case.ended_at):
            return case.state
        if self._past(case.accepted_at):
            return "in_review"
        return "waiting" if case.state != "submitted" else "submitted"

    def _ended_case(self, case: Case, state: str) -> Shown:
        shown = Shown(state, department=self._department(case.department_code), cases=[case.id])
        shown.since = case.accepted_at.isoformat() if case.accepted_at else None
        shown.until = case.ended_at.isoformat() if case.ended_at else None
        last = max((o for o in self.facts.opinions.values() if o.case_id == case.id and o.outcome in OUTCOMES
                    and o.step == "decide"), key=lambda o: o.id, default=None)
        shown.who = self._person(last.by, case.department_code) if last is not None else shown.department
        clock = self.facts.clocks.get(case.id)
        notes = []
        if clock is not None:
            shown.elapsed, shown.limit, shown.due = clock.used, clock.days, clock.due_on.isoformat()
            shown.light = RED if clock.is_overdue else None
            notes.append(gettext("用时 %(used)s，时限 %(limit)s", used=working_days(clock.used), limit=self._span(clock)))
            if clock.is_overdue:
                notes.append(gettext("超期办结"))
        if case.decision_reason and (self.is_staff or state == "refused"):
            notes.append(case.decision_reason)
        shown.note = gettext("；").join(notes) or None
        return shown

    # --- people's tasks -----------------------------------------------------------------------------

    def _worked(self, tasks: list[Task], element) -> Shown:
        open_tasks = [task for task in tasks if not self._past(task.completed_at)]
        case = self.facts.case_of(self.instance)
        if open_tasks:
            shown = self._task(open_tasks, case)
            shown.count = len(open_tasks)
            return shown
        last = max(tasks, key=lambda task: task.completed_at)
        opinion = self.facts.opinions.get(last.id)
        shown = Shown(self._outcome(last, opinion), since=last.created_at.isoformat(),
                      until=last.completed_at.isoformat())
        shown.department = self._department(self._department_of(last.completed_by, case))
        shown.who = self._person(last.completed_by, case.department_code if case else None) if last.completed_by else None
        shown.elapsed = working_calendar().between(china_date(last.created_at), china_date(last.completed_at))
        if last.due_at is not None:
            shown.due = china_date(last.due_at).isoformat()
        if last.due_at is not None and last.completed_at > last.due_at:
            shown.light = RED
        if opinion is not None and self.is_staff:
            shown.note = opinion.text
        return shown

    def _outcome(self, task: Task, opinion: Opinion | None) -> str:
        if task.status == "cancelled":
            return "cancelled"
        if opinion is not None:
            return OUTCOMES.get(opinion.outcome, "done")
        application = self.facts.application
        if task.step == "accept" and application is not None:
            if application.state == "correcting":
                return "returned"
            if application.state == "not_accepted":
                return "refused"
        return "done"

    def _task(self, tasks: list[Task], case: Case | None) -> Shown:
        task = min(tasks, key=lambda each: each.due_at or end_of(date.max.replace(year=9000)))
        shown = Shown("running", since=task.created_at.isoformat(), cases=[case.id] if case else [])
        shown.who = self._who(tasks, case)
        shown.department = self._department(case.department_code) if case is not None else None
        clock = self.facts.clocks.get(case.id) if case is not None else None
        if task.step == "correct":
            shown.state = "waiting"
            self._tell_task_limit(shown, task)
            return shown
        if clock is not None and clock.pause is not None:
            self._tell_clock(shown, clock)
            shown.since = task.created_at.isoformat()
            self._tell_pause(shown, clock)
            return shown
        if clock is not None:
            self._tell_clock(shown, clock)
            shown.since = task.created_at.isoformat()
            shown.note = self._progress_note(clock, tasks)
        else:
            self._tell_task_limit(shown, task)
            if self.is_staff and all(each.assignee is None for each in tasks):
                shown.note = gettext("尚无人签收")
        shown.state = LIT.get(shown.light, "running")
        return shown

    def _in_hand(self, instance: ProcessInstance) -> Shown | None:
        tasks = self._open(instance)
        return self._task(tasks, self.facts.case_of(instance)) if tasks else None

    def _open(self, instance: ProcessInstance) -> list[Task]:
        return [
            task for task in self.facts.tasks.get(instance.id, ())
            if task.created_at <= self.at and not self._past(task.completed_at)
        ]

    def _tell_task_limit(self, shown: Shown, task: Task) -> None:
        calendar, begun = working_calendar(), china_date(task.created_at)
        shown.elapsed = calendar.between(begun, self.today)
        if task.due_at is None:
            return
        due = china_date(task.due_at)
        shown.due, shown.days_left = due.isoformat(), calendar.between(self.today, due)
        shown.limit = calendar.between(begun, due)
        if self.at > task.due_at:
            shown.light, shown.days_left = RED, min(shown.days_left, -1)
        else:
            near = shown.days_left <= yellow_from(Limit(max(shown.limit, 0)))
            shown.light = YELLOW if near and shown.limit > 0 else GREEN

    # --- what nobody does ---------------------------------------------------------------------------

    def _automatic(self, state: ElementState, element) -> Shown | None:
        past = self._past(state.until)
        if element.type == "boundaryEvent" and past is None:
            return None  # it lies in wait and may never happen
        if element.type in GATEWAYS and past is None:
            return None  # a join that some branches have reached
        if element.type == "callActivity" and state.state == "done":
            return Shown("skipped", since=state.since.isoformat(), until=state.since.isoformat())  # it called nobody
        if past is not None:
            result = state.state if state.state != "done" else self._end_state(element)
            note = gettext("本次申请不涉及这一事项") if state.state == "skipped" and element.extensions.item else None
            return Shown(result, since=state.since.isoformat(), until=past.isoformat(), note=note)
        shown = Shown("running", since=state.since.isoformat())
        case = self.facts.case_of(self.instance)
        if case is not None and element.type == "intermediateCatchEvent" and self.facts.missing.get(case.id):
            waiting = self._waiting_case(case)
            shown.note, shown.waits_for, shown.department = waiting.note, waiting.waits_for, waiting.department
        return shown

    def _end_state(self, element) -> str:
        if element.type != "endEvent":
            return "done"
        case = self.facts.case_of(self.instance)
        ended = case.state if case is not None else self.facts.application.state if self.facts.application else ""
        return "refused" if ended in ("refused", "not_accepted") else "done"

    # --- words --------------------------------------------------------------------------------------

    def _tell_clock(self, shown: Shown, clock: CaseClock) -> None:
        shown.since, shown.elapsed, shown.limit = clock.started_at.isoformat(), clock.used, clock.days
        shown.due, shown.days_left, shown.light = clock.due_on.isoformat(), clock.left, clock.light

    def _tell_pause(self, shown: Shown, clock: CaseClock) -> None:
        shown.state = "suspended"
        shown.light = RED if clock.is_overdue else None
        pause = clock.pause
        words = gettext("%(procedure)s，%(day)s 起停表", procedure=pause.procedure, day=short_date(pause.started_at, self.today))
        shown.note = gettext("；").join([words, *([pause.reason] if self.is_staff else [])])

    def _progress_note(self, clock: CaseClock, tasks: list[Task]) -> str:
        said = [gettext("已用 %(used)s，时限 %(limit)s", used=working_days(clock.used), limit=self._span(clock))]
        if self.is_staff and tasks and all(task.assignee is None for task in tasks):
            said.append(gettext("尚无人签收"))
        return gettext("；").join(said)

    @staticmethod
    def _span(clock: CaseClock) -> str:
        if clock.unit == "WD":
            return working_days(clock.days)
        return ngettext("%(num)s 个自然日", "%(num)s 个自然日", clock.days)

    def _who(self, tasks: list[Task], case: Case | None) -> str | None:
        """The responsible: by name for staff, the department for the applicant (PARALLEL-INV-7)."""
        if any(task.step == "correct" for task in tasks):
            return gettext("申请人")
        if any(task.step == "accept" for task in tasks) and not any(task.assignee for task in tasks):
            return gettext("综合窗口")
        department = case.department_code if case is not None else None
        taken = dict.fromkeys(task.assignee for task in tasks if task.assignee)
        named = list(dict.fromkeys(self._person(account, department) for account in taken))
        return self._and([name for name in named if name]) or self._department(department)

    def _department_of(self, account: str | None, case: Case | None) -> str | None:
        _, own = self.facts.names.people.get(account, ("", None)) if account else ("", None)
        return own or (case.department_code if case is not None else None)

    def _person(self, account: str, department: str | None) -> str | None:
        if account.startswith("public:"):
            return gettext("申请人")
        name, own = self.facts.names.people.get(account, (account, None))
        office = self._department(own or department) if (own or department) else gettext("综合窗口")
        return gettext("%(name)s（%(office)s）", name=name, office=office) if self.is_staff else office

    def _department(self, code: str | None) -> str | None:
        found = self.facts.names.departments.get(code) if code else None
        return department_name(found) if found is not None else code

    def _label(self, element, shown: Shown) -> str | None:
        if element.extensions.item:
            case = next((each for each in self.facts.cases.values() if each.item_code == element.extensions.item), None)
            if is_english() and case is not None:
                return case.item.name_en or element.name
        return gettext(element.name) if element.name else None

    def _past(self, moment: datetime | None) -> datetime | None:
        """The moment, if it lies not after the one that is looked at."""
        return moment if moment is not None and moment <= self.at else None


STATE_WORDS = {  # as in components/states.html
    "not_started": "未开始", "ready": "可以开始", "running": "办理中", "waiting": "等待申请人", "suspended": "已挂起",
    "due_soon": "即将到期", "overdue": "已超期", "agreed": "同意", "refused": "不同意", "skipped": "无需办理",
    "returned": "已退回", "done": "已完成", "cancelled": "已终止",
}


def state_word(state: str) -> str:
    """For notes that name a state."""
    word = STATE_WORDS.get(state, state)
    return gettext(word)


def board(instance_id: str, at: datetime, *, replay: bool = False) -> Board:
    """The board of an instance for the person who asks. Raises NotFound."""
    return Board(read_facts(instance_id, at), current_principal(), replay=replay)


__all__ = ["GATEWAYS", "Board", "Shown", "board", "department_name", "is_english", "item_name", "state_word"]

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask_babel import lazy_gettext
from marshmallow import fields, validate, validates_schema

from engine import api as engine
from engine.api import Task
from engine.db import db, unit_of_work
from parallel.cases.errors import WrongStep
from parallel.cases.licences import licence_of
from parallel.cases.models import Case, Licence
from parallel.cases.special import procedures_for
from webapp import clock
from webapp.api.resource import Invalid, Resource, paginated
from webapp.api.resources.cases import CaseSchema, LicenceSchema
from webapp.api.values import (
    SENTENCES, Answer, Body, Mapping, Moment, PageQuery, Scalar, Several, Text, Who, asked_whole, choice, page_of, part,
    refuse, text,
)
from webapp.inbox import listing as lists
from webapp.inbox.models import OpinionDraft
from webapp.inbox.outcomes import CHOICE, NUMBER, TEXT_LENGTH, YES_NO, OutcomeField
from webapp.inbox.routes import DRAFTED
from webapp.inbox.verbs import (
    NUMBER_LENGTH, REASON_LENGTH, VARIABLE, VERBS, WORD_LENGTH, fields_of, step_of,
)
from webapp.policy import allows, business_object, require, visible_tasks
from webapp.principal import current_principal

resource = Resource("tasks", "待办 Tasks", "待办的签收和办理。Claim, release and complete.")

TASK = "/tasks/<string(minlength=1, maxlength=36):task_id>"
DRAFT_KEYS = 50


class TaskSchema(Answer):
    id, name, step, status = Text(), Text(), Text(allow_none=True), choice(("open", "completed", "cancelled"))
    business_key, instance_id, element_id, form_key = Text(), Text(), Text(), Text(allow_none=True)
    assignee, completed_by = Who(allow_none=True), Who(allow_none=True)
    candidates = fields.Function(
        lambda task: sorted(candidate.group_name for candidate in task.candidates),
        metadata={"type": "array", "items": {"type": "string"}})
    created_at, due_at = Moment(), Moment(allow_none=True)
    claimed_at, completed_at = Moment(allow_none=True), Moment(allow_none=True)
    may_act = fields.Function(
        lambda task: task.status == "open" and allows("task.act", task), metadata={"type": "boolean"})


class OutcomeFieldSchema(Answer):
    """What the drawing asks when the task ends."""

    name, kind = Text(), choice(("number", "choice", "yes_no", "text"))
    choices = fields.Function(
        lambda each: [value for value, _ in each.choices], metadata={"type": "array", "items": {"type": "string"}})


class TaskViewSchema(Answer):
    """待办 with what it asks for and what has been typed so far."""

    task, asks = part(TaskSchema), Several(part(OutcomeFieldSchema))
    special_procedures = Several(Text())
    draft = Mapping(keys=Text(), values=Text())


class TaskQuery(PageQuery):
    box = choice(lists.BOXES, load_default=lists.MINE,
                 metadata={"description": "我的、可签收的、已办的。Mine, claimable, done."})
    step = choice(lists.STEPS, load_default="", metadata={"description": "步骤。The step."})
    item, q = text(20, load_default=""), text(100, load_default="")
    project_id = asked_whole(1, load_default=None, metadata={"description": "投资项目。The project."})
    due = choice(lists.DUES, load_default="", metadata={"description": "到期。When it is due."})
    sort = choice(lists.SORTS, load_default="due")


class Review(Body):
    opinion = text(SENTENCES, load_default="")


class DecideRequest(Body):
    decision = choice(("approve", "refuse"), required=True)
    opinion = text(SENTENCES, load_default="")
    reason = text(REASON_LENGTH, metadata={"description": "不予许可的理由。Why it is refused."})
    article = text(WORD_LENGTH, metadata={"description": "不予许可依据的条款。The article it rests on."})
    review_body = text(WORD_LENGTH, metadata={"description": "行政复议机关。Where to ask for review."})
    variables = Mapping(keys=text(100, least=1), values=Scalar(), load_default=dict, metadata={
        "description": "部门自绘流程所问的变量（见 asks）。What a department's own drawing asks for."})

    @validates_schema
    def _check_refusal(self, data: dict, **kwargs: Any) -> None:
        if data["decision"] == "refuse":
            for name in ("reason", "article", "review_body"):
                if not data.get(name, "").strip():
                    raise refuse(name, lazy_gettext("不予许可须写明理由、依据的条款和复议机关（行政许可法第三十八条）。"))


class SpecialProcedure(Body):
    procedure = text(WORD_LENGTH, least=1, required=True)
    reason = text(REASON_LENGTH, least=1, required=True)


class SpecialResult(Body):
    result = text(1000, least=1, required=True)


class Issue(Body):
    opinion = text(SENTENCES, load_default="")
    number = text(NUMBER_LENGTH, load_default="", metadata={
        "description": "部门自编的证照号，不填由平台编号。The department's own number; empty: the platform gives one."})


class Completion(Body):
    opinion = text(SENTENCES, load_default="")
    variables = Mapping(keys=text(100, least=1), values=Scalar(), load_default=dict, metadata={
        "description": "流程所问的变量（见 asks）。What the drawing asks for."})


class Draft(Body):
    draft = Mapping(keys=text(100, least=1), values=text(SENTENCES), required=True, validate=validate.Length(max=DRAFT_KEYS))


# --- reading ---------------------------------------------------------------------------------------------------

@resource.get("/tasks", rule="signed_in", asks="task.read", zh="待办列表", query=TaskQuery, answer=page_of(TaskSchema),
              en="Your inbox: mine, claimable, or done; the most urgent first.")
def list_tasks(query: dict) -> dict:
    principal, at = current_principal(), clock.now()
    filters = lists.Filters(
        box=query["box"], step=query["step"], item=query["item"], project=query["project_id"], due=query["due"],
        sort=query["sort"], q=query["q"],
    )
    return paginated(lists._query(principal, filters, at).where(visible_tasks(principal)).order_by(*lists._order(filters)), query)


@resource.get(TASK, rule="task.read", zh="待办", answer=TaskViewSchema,
              en="A task with what it asks for, and what you have typed so far.")
def read_task(task_id: str) -> dict:
    task = _task("task.read", task_id)
    return _view(task)


def _view(task: Task) -> dict:
    case, may_act = business_object(task.business_key), task.status == "open" and allows("task.act", task)
    draft = db.session.get(OpinionDraft, (task.id, current_principal().account))
    return {
        "task": task, "asks": fields_of(task, _step(task)) if may_act else [],
        "special_procedures": procedures_for(case) if isinstance(case, Case) and task.step == "review" else [],
        "draft": draft.values if draft else {},
    }


# --- taking, giving back, drafting ---------------------------------------------------------------------------------

@resource.post(f"{TASK}/claim", rule="task.act", zh="签收", answer=TaskSchema,
               en="Take a task out of the common inbox; of many who try one wins.")
def claim_task(task_id: str) -> Task:
    return _moved(task_id, lambda task, by: engine.claim_task(task.id, by=by, at=clock.now()))


@resource.post(f"{TASK}/release", rule="task.act", zh="退回待签收", answer=TaskSchema, en="Put a claimed task back.")
def release_task(task_id: str) -> Task:
    return _moved(task_id, lambda task, by: engine.release_task(task.id, by=by, at=clock.now()))


@resource.put(f"{TASK}/draft", rule="task.act", zh="保存意见草稿", body=Draft, answer=TaskViewSchema,
              en="Keep what has been typed so far, for yourself, until the task is done.")
def save_task_draft(task_id: str, body: dict) -> dict:
    kept = {name: value for name, value in body["draft"].items() if name in DRAFTED or name.startswith(VARIABLE)}
    if unknown := sorted(body["draft"].keys() - kept.keys()):
        raise Invalid({f"draft.{name}": [str(lazy_gettext("没有这一项。"))] for name in unknown})

    def act(task: Task, by: str) -> dict:
        draft = db.session.get(OpinionDraft, (task.id, by)) or OpinionDraft(task_id=task.id, account=by)
        draft.values, draft.saved_at = kept, clock.now()
        db.session.add(draft)
        db.session.flush()
        return _view(task)

    return _moved(task_id, act)


# --- completing, step by step: the verbs of the inbox --------------------------------------------------------------

@resource.post(f"{TASK}/review", rule="task.act", zh="审查通过", body=Review, answer=CaseSchema, en="The review passed.")
def review_case(task_id: str, body: dict) -> Case:
    return _moved(task_id, _verb("pass", body))


@resource.post(f"{TASK}/special-procedure", rule="task.act", zh="启动特别程序", body=SpecialProcedure,
               answer=CaseSchema, en="Begin a special procedure: the clock stops.")
def start_special_procedure(task_id: str, body: dict) -> Case:
    return _moved(task_id, _verb("special", body))


@resource.post(f"{TASK}/special-result", rule="task.act", zh="填写特别程序结果", body=SpecialResult, answer=CaseSchema,
               en="End a special procedure with its result: the clock runs on.")
def end_special_procedure(task_id: str, body: dict) -> Case:
    return _moved(task_id, _verb("resume", body))


@resource.post(f"{TASK}/decide", rule="task.act", zh="作出决定", body=DecideRequest, answer=CaseSchema,
               en="Approve, or refuse with reasons; also the steps of a department's own drawing.")
def decide_case(task_id: str, body: dict) -> Case:
    return _moved(task_id, _verb(body["decision"], body))


@resource.post(f"{TASK}/issue", rule="task.act", zh="制证送达", body=Issue, answer=LicenceSchema,
               en="Issue the result: the case closes and the result flows on.")
def issue_result(task_id: str, body: dict) -> Licence:
    def act(task: Task, by: str) -> Licence:
        return licence_of(_verb("issue", {**body, "suggested": ""})(task, by))

    return _moved(task_id, act)


@resource.post(f"{TASK}/complete", rule="task.act", zh="办结待办", body=Completion, answer=TaskSchema,
               en="End a task of a process without a case behind it; others have operations of their own.")
def complete_task(task_id: str, body: dict) -> Task:
    def act(task: Task, by: str) -> Task:
        _verb("complete", body)(task, by)
        return db.session.get(Task, task_id, populate_existing=True)

    return _moved(task_id, act)


def _moved(task_id: str, act: Callable[[Task, str], Any]) -> Any:
    """What is done already is said to be (409) to whoever may read it; then comes who may act."""

    def work() -> Any:
        task = _task("task.read", task_id)
        if task.status != "open":
            raise engine.TaskNotOpen
        return act(require("task.act", task), current_principal().account)

    return unit_of_work(work)


def _task(rule: str, task_id: str) -> Task:
    """As the database has it now: other requests move tasks without the session's knowing."""
    return require(rule, db.session.get(Task, task_id, populate_existing=True))


def _step(task: Task) -> str:
    return step_of(task, isinstance(business_object(task.business_key), Case))


def _verb(name: str, body: dict) -> Callable[[Task, str], Any]:
    """What the button of this name does in the inbox; gives the business behind the task back."""

    def act(task: Task, by: str) -> Any:
        verb, step, subject = VERBS[name], _step(task), business_object(task.business_key)
        if step not in verb.steps:
            raise WrongStep
        values = {**body, "variables": _given(fields_of(task, step), body.get("variables", {}))}
        verb.perform(task, values, by, clock.now())
        if (draft := db.session.get(OpinionDraft, (task.id, by))) is not None:
            db.session.delete(draft)
        db.session.flush()
        return subject

    return act


def _given(asked: list[OutcomeField], variables: dict) -> dict:
    """Only what the drawing asks for, in its kind."""
    known, wrong = {each.name: each for each in asked}, {}
    for name, value in variables.items():
        if name not in known:
            wrong[f"variables.{name}"] = [str(lazy_gettext("流程没有问这一项。"))]
        elif not _fits(known[name], value):
            wrong[f"variables.{name}"] = [str(lazy_gettext("内容有误。"))]
    if wrong:
        raise Invalid(wrong)
    return variables


def _fits(asked: OutcomeField, value: Any) -> bool:
    if asked.kind == YES_NO:
        return isinstance(value, bool)
    if asked.kind == NUMBER:
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if asked.kind == CHOICE:
        return value in dict(asked.choices)
    return isinstance(value, str) and len(value) <= TEXT_LENGTH


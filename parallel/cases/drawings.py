"""Which process an application runs: the stage's drawing for many items, the item's own for one (ITEM-8, DEPT-3)."""
from __future__ import annotations

from dataclasses import dataclass

from engine.api import ProcessNotFound, definition_elements, latest_definition
from parallel.cases.errors import ProcessNotBound
from parallel.cases.models import Application, Case
from parallel.items.models import ServiceItem
from parallel.items.versions import COMMON_PROCESS
from parallel.projects.models import Project, Stage

COMMON_STAGE = "stage-common"
ACCEPT_STEP, CORRECT_STEP = "accept", "correct"
START_CLOCK = "start_case_clock"


@dataclass(frozen=True)
class ProcessChoice:
    """What to start, about what, with which variables."""

    key: str
    business_key: str
    variables: dict


def choose_process(application: Application, stage: Stage | None, ready: bool) -> ProcessChoice:
    """The drawing of a newly submitted application.

    One item runs its own drawing when that has the window's step; a department's drawing that begins after
    acceptance is called, like many items are, from a stage's drawing, which has the step.
    """
    cases = application.cases
    if len(cases) == 1 and has_step(cases[0].item, ACCEPT_STEP):
        return ProcessChoice(cases[0].item.process_key, key_of(cases[0]), case_variables(cases[0], False, ready))
    key = stage.process_key if stage is not None else COMMON_STAGE
    return ProcessChoice(key, key_of(application), _stage_variables(application, key))


def case_variables(case: Case, joint: bool, ready: bool) -> dict:
    """What an item's drawing may read. `joint`: called from a stage; `ready`: no earlier result is missing."""
    return {
        "applicant": case.application.applicant, "case": key_of(case), "item": case.item_code,
        "department": case.department_code, "joint": joint, "ready": ready,
        "promised_days": case.item.promised_days,
    }


def _stage_variables(application: Application, key: str) -> dict:
    codes = [case.item_code for case in application.cases]
    known = drawn_items(key)
    return {
        "applicant": application.applicant, "items": codes, "other_items": [c for c in codes if c not in known],
        "case_of": {case.item_code: key_of(case) for case in application.cases},
        "department_of": {case.item_code: case.department_code for case in application.cases},
        "joint": True,
    }


def key_of(subject: Application | Case) -> str:
    """The business key of a process about this."""
    return f"{'application' if isinstance(subject, Application) else 'case'}:{subject.id}"


def subject_id(business_key: str, kind: str) -> int | None:
    """12 for `case:12` of kind `case`."""
    prefix, _, number = business_key.partition(":")
    return int(number) if prefix == kind and number.isdigit() else None


def require_process(item: ServiceItem) -> None:
    """流程与清单绑定 (ITEM-8). Raises ProcessNotBound."""
    try:
        latest_definition(item.process_key)
    except ProcessNotFound as error:
        raise ProcessNotBound(f"事项“{item.name}”还没有可用的审批流程，不能申请。") from error


def has_step(item: ServiceItem, step: str) -> bool:
    return any(element.extensions.step == step for element in _elements(item.process_key))


def keeps_the_clock(item: ServiceItem) -> bool:
    """Whether the item's drawing itself waits for earlier results and starts the clock. Another's clock starts with
    acceptance, and it cannot be filed before its prerequisites hold."""
    return any(element.extensions.operation == START_CLOCK for element in _elements(item.process_key))


def drawn_items(process_key: str) -> set[str]:
    """The items that a stage's drawing calls by name."""
    return {element.extensions.item for element in _elements(process_key) if element.extensions.item}


def _elements(process_key: str) -> list:
    return list(definition_elements(latest_definition(process_key).id).values())


def called_for(case: Case, drawn: str) -> str:
    """What a stage's call activity calls for a case: the process bound to the item where the common one is drawn."""
    return case.item.process_key if drawn == COMMON_PROCESS else drawn


def stage_of(application: Application, project: Project | None) -> Stage | None:
    if project is None:
        return None
    return next((stage for stage in project.stages if stage.number == application.stage_number), None)

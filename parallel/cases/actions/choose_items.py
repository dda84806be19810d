from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from engine.api import db
from parallel.cases.errors import IllegalAct, ItemsNotTogether
from parallel.cases.events import tell_application
from parallel.cases.loading import hold
from parallel.cases.models import Application, Case
from parallel.items.models import ServiceItem
from parallel.items.queries import open_item
from parallel.projects.plan import BESIDE


def choose_items(application: Application, item_codes: Iterable[str], by: str, at: datetime) -> Application:
    """勾选事项 of a draft; what was filled in and handed in stays (PARALLEL-INV-3).

    Raises:
        IllegalAct: it is no draft any more. ItemNotFound, ItemNotOpen, ItemsNotTogether.
    """
    hold(application)
    if application.state != "draft":
        raise IllegalAct("申请提交以后不能改变事项，请撤回后重新申请。")
    items = [open_item(code) for code in dict.fromkeys(item_codes)]
    set_items(application, items)
    tell_application("ItemsChosen", application, by=by, at=at, items=[item.code for item in items])
    return application


def set_items(application: Application, items: list[ServiceItem], stage: int | None = None) -> None:
    """One draft case an item, in the order chosen; all of one stage, the one given if any is."""
    _set_place(application, items, stage)
    application.cases.clear()
    db.session.flush()
    application.cases.extend(
        Case(project_id=application.project_id, item=item, item_code=item.code,
             department_code=item.department_code, state="draft")
        for item in items
    )
    db.session.flush()


def _set_place(application: Application, items: list[ServiceItem], stage: int | None) -> None:
    """The stage and region of an application are its items'. Items of stage 5 (并行推进) go with any stage."""
    if not items:
        return
    if application.project_id is None:
        application.division_code = items[0].division_code
        return
    stages = {item.stage for item in items if item.stage != BESIDE} or {stage or BESIDE}
    if len(stages) > 1 or stage not in (None, *stages):
        raise ItemsNotTogether("一份申请只能办理同一阶段的事项。")
    application.stage_number = stages.pop()

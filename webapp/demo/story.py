"""What a demonstration starts with: five projects at different points of their way, told with the dates they would have."""
from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select

from engine.api import CHINA, db, unit_of_work, working_calendar
from parallel.cases.actions import request_correction, start_special_procedure
from parallel.cases.models import Application, Case
from parallel.items.queries import current_items
from parallel.materials.queries import asked_materials
from parallel.projects.models import Project
from parallel.projects.plan import make_plan
from webapp.demo.walk import CLERK, Walk

SCENARIOS = Path(__file__).parent / "scenarios.yaml"
BESIDE = 5


class StoryClock:
    """Time as the story has it: each act takes some minutes, and the teller moves it on by working days."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        self.moment += timedelta(minutes=3)
        return self.moment

    def next_day(self, working_days: int = 1) -> None:
        day = working_calendar().add(self.moment.astimezone(CHINA).date(), working_days)
        self.moment = datetime(day.year, day.month, day.day, 9, 10, tzinfo=CHINA)


def tell(now: datetime, say: Callable[[str], None]) -> None:
    """Make the demonstration's projects, unless there are projects already."""
    if db.session.scalar(select(Project.id).limit(1)) is not None:
        return
    file = yaml.safe_load(SCENARIOS.read_text(encoding="utf-8"))
    facts = {entry["name"][:2]: {**file["defaults"], **entry["attributes"]} for entry in file["scenarios"]}
    for chapter in (_school, _homes, _factory, _refit, _clinic):
        say(chapter.__doc__)
        chapter(now, facts)


def _school(now: datetime, facts: dict) -> None:
    """项目：路北区第三中学新建工程（施工许可阶段，部分超期）"""
    walk, clock = _begin(now, days_ago=75)
    project_id = walk.register("路北区第三中学新建工程", facts["S1"])
    for stage in (BESIDE, 1, 2):
        _whole_stage(walk, clock, project_id, stage)
    walk.accept(walk.apply(project_id, 3, _codes(project_id, 3)))
    clock.next_day()
    walk.work(project_id, until=lambda step, item: item not in ("B06", "B10", "B11", "U01"))
    clock.next_day(2)
    walk.work(project_id, until=lambda step, item: item not in ("B08", "B13", "B15", "B12") or step != "review")
    for task_id, step, item in walk.open_tasks(project_id):
        if item == "B09" and step == "review":
            unit_of_work(lambda task_id=task_id, officer=_officer(item): start_special_procedure(
                task_id, "专家评审", "大空间疏散设计需组织专家评审。", officer, clock()
            ))


def _homes(now: datetime, facts: dict) -> None:
    """项目：凤凰新城住宅小区（工程建设许可阶段，多部门并联审查中）"""
    walk, clock = _begin(now, days_ago=30)
    project_id = walk.register("凤凰新城住宅小区", facts["S2"])
    for stage in (BESIDE, 1):
        _whole_stage(walk, clock, project_id, stage)
    clock.moment = max(clock.moment, now - timedelta(days=2))
    walk.accept(walk.apply(project_id, 2, _codes(project_id, 2)))


def _factory(now: datetime, facts: dict) -> None:
    """项目：开平装备制造标准厂房（申请已提交，等待窗口受理）"""
    walk, clock = _begin(now, days_ago=1)
    industry: dict[str, Any] = {
        **facts["S2"], "project_class": "工业", "residential": False, "civil_building": False, "presale": False,
        "air_defence_build": False, "special_fire": False, "in_assessed_zone": True, "land_ha": 3, "invest_wan": 12000,
    }
    project_id = walk.register("开平装备制造标准厂房", industry)
    walk.apply(project_id, 1, _codes(project_id, 1))


def _refit(now: datetime, facts: dict) -> None:
    """项目：市民中心室内装修（已全部办结）"""
    walk, clock = _begin(now, days_ago=60)
    refit = {
        **_plain(facts["S2"]), "land_mode": "自有", "project_class": "装饰装修", "special_fire": True, "land_ha": 0,
        "earthwork_m3": 0, "eia_class": "豁免", "invest_wan": 600, "floor_area_or_eq": 4200,
    }
    project_id = walk.register("市民中心室内装修", refit)
    for stage in (1, 3, 4):
        _whole_stage(walk, clock, project_id, stage)


def _clinic(now: datetime, facts: dict) -> None:
    """项目：社区卫生服务中心（窗口要求补正）"""
    walk, clock = _begin(now, days_ago=3)
    project_id = walk.register("古冶区社区卫生服务中心", {**facts["S1"], "social_risk": False, "traffic_impact": False})
    application_id = walk.apply(project_id, 1, _codes(project_id, 1))
    clock.next_day()
    unit_of_work(lambda: _ask_for_more(db.session.get(Application, application_id), clock()))


def _ask_for_more(application: Application, at: datetime) -> None:
    first, second, *_ = [asked for asked in asked_materials(application) if asked.is_uploaded]
    request_correction(application, [
        {"material_key": first.key, "reason": "缺少单位公章，请加盖后重新提交。"},
        {"material_key": second.key, "reason": "扫描不清晰，请重新扫描。"},
    ], CLERK, at, clerk_name="窗口李敏")


def _begin(now: datetime, days_ago: int) -> tuple[Walk, StoryClock]:
    clock = StoryClock(now - timedelta(days=days_ago))
    clock.next_day(0) if working_calendar().is_workday(clock.moment.date()) else clock.next_day()
    return Walk(clock), clock


def _whole_stage(walk: Walk, clock: StoryClock, project_id: int, stage: int) -> None:
    if not (codes := _codes(project_id, stage)):
        return
    application_id = walk.apply(project_id, stage, codes)
    clock.next_day()
    walk.accept(application_id)
    while walk.open_tasks(project_id):
        clock.next_day()
        for task in walk.open_tasks(project_id):
            walk.do(*task)


def _codes(project_id: int, stage: int) -> list[str]:
    attributes = db.session.get(Project, project_id).attributes
    return make_plan(current_items(), attributes).codes_by_stage.get(stage, [])


def _officer(item: str) -> str:
    return f"staff:officer-{db.session.scalar(select(Case.department_code).where(Case.item_code == item).limit(1))}"


def _plain(attributes: dict) -> dict:
    """The same answers with every yes-or-no question answered no."""
    return {key: False if value is True else value for key, value in attributes.items()}

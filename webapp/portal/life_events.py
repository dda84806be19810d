"""人生事件和企业事件: the themes of the home page, each a search that finds items one can apply for."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import lazy_gettext


@dataclass(frozen=True)
class LifeEvent:
    """`search` are arguments of the item list; without them the tile leads to the plan of an investment project."""

    label: Any
    hint: Any
    icon: str
    search: dict[str, str] | None = None

    @property
    def url(self) -> str:
        return url_for("portal.items", **self.search) if self.search is not None else url_for("projects.start")


PEOPLE = (
    LifeEvent(lazy_gettext("房产登记"), lazy_gettext("不动产首次登记"), "home", {"q": "不动产"}),
    LifeEvent(lazy_gettext("接水接电接气"), lazy_gettext("供水、供电、燃气、供热、通信"), "settings", {"type": "市政公用服务"}),
    LifeEvent(lazy_gettext("乡村建房"), lazy_gettext("乡村建设规划许可"), "building", {"q": "乡村"}),
    LifeEvent(lazy_gettext("占道挖路"), lazy_gettext("占用、挖掘道路"), "map", {"q": "道路"}),
    LifeEvent(lazy_gettext("树木绿地"), lazy_gettext("占用绿地、移植砍伐"), "shield", {"q": "绿地"}),
    LifeEvent(lazy_gettext("取水排水"), lazy_gettext("取水许可、排水许可"), "list", {"q": "水 许可"}),
)
COMPANIES = (
    LifeEvent(lazy_gettext("投资项目审批"), lazy_gettext("先看方案，一次申请"), "diagram"),
    LifeEvent(lazy_gettext("拿地用地"), lazy_gettext("用地预审、规划许可、划拨出让"), "map", {"q": "用地"}),
    LifeEvent(lazy_gettext("施工许可"), lazy_gettext("开工前要办的证"), "building", {"q": "施工许可"}),
    LifeEvent(lazy_gettext("消防审批"), lazy_gettext("消防设计审查与验收"), "shield", {"q": "消防"}),
    LifeEvent(lazy_gettext("环评与水保"), lazy_gettext("环境影响评价、水土保持"), "chart", {"department": "sthj"}),
    LifeEvent(lazy_gettext("竣工验收"), lazy_gettext("联合验收、专项验收、备案"), "check", {"q": "验收"}),
)

"""投资项目统一代码 (GB/T 40058-2021; 发改投资〔2020〕1439号), and its form before 2021.

Both forms have 24 characters with their hyphens (指南 R7):

* now: YYMM 时间 - 6 地区 - 2 中央业务指导部门 - 2 项目类型 - 5 随机 + 1 校验, `2304-441900-04-01-135254`
* 2016 to 2020: YYYY 年份 - 6 地区 - 2 行业 - 2 类型 - 6 顺序号, `2017-330100-47-03-012345`, some with `-000` behind

The check character's algorithm is not published; it is opaque here and never judged.
"""
from __future__ import annotations

import re
from dataclasses import dataclass

from parallel.projects.errors import ProjectCodeInvalid

LENGTH = 24
_SHAPE = re.compile(r"(\d{4})-(\d{6})-(\d{2})-(\d{2})-(\d{5}[0-9A-Z])", re.ASCII)
_OLD_YEARS = range(2016, 2021)


@dataclass(frozen=True, slots=True)
class ProjectCode:
    """The parts of a code. `form`: current, or old for 2016 to 2020. `check` is the opaque last character."""

    form: str
    period: str
    division: str
    guidance: str  # 中央业务指导部门; in the old form 行业
    kind: str
    serial: str
    check: str

    def __str__(self) -> str:
        return f"{self.period}-{self.division}-{self.guidance}-{self.kind}-{self.serial}{self.check}"


def parse_project_code(text: str) -> ProjectCode:
    """The parts of a project code.

    Raises:
        ProjectCodeInvalid: says what is wrong.
    """
    plain = text.strip().upper()
    if len(plain) != LENGTH:
        message = f"项目代码应为 24 位（含连字符），现为 {len(plain)} 位。" if plain else "请填写项目代码，无码不受理。"
        raise ProjectCodeInvalid(message, field="code")
    match = _SHAPE.fullmatch(plain)
    if match is None:
        raise ProjectCodeInvalid("项目代码的格式应为“4位-6位-2位-2位-6位”，如 2304-441900-04-01-135254。", field="code")
    period, division, guidance, kind, tail = match.groups()
    old = int(period) in _OLD_YEARS
    if not old and not 1 <= int(period[2:]) <= 12:
        raise ProjectCodeInvalid(f"项目代码的时间段“{period}”不是年月（YYMM）。", field="code")
    if division[0] == "0":
        raise ProjectCodeInvalid(f"项目代码的地区段“{division}”不是行政区划代码。", field="code")
    if old and not tail.isdigit():
        raise ProjectCodeInvalid("2020 年以前的项目代码，最后 6 位应为数字。", field="code")
    return ProjectCode("old" if old else "current", period, division, guidance, kind, tail[:5], tail[5])


def demo_project_code(number: int, period: str, division: str, guidance: str = "04", kind: str = "01") -> ProjectCode:
    """A code in the current form for demo projects, with C (for no real check) at its end.

    Args:
        number: 1 to 99999, unique within period and division.
        period: YYMM.
    """
    code = ProjectCode("current", period, division, guidance, kind, f"{number:05}", "C")
    return parse_project_code(str(code))


def is_demo_code(code: ProjectCode) -> bool:
    return code.form == "current" and code.check == "C"

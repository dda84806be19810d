"""编号: numbers of applications, cases, documents and licences. A number is given once and never again."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from engine.api import CHINA, db
from parallel.cases.models import Case, NumberSequence

COMPREHENSIVE_WINDOW = "ZHCK"  # 综合窗口: takes in applications for several departments
UNIT_LENGTH = 4


def next_in(prefix: str) -> int:
    """The next serial under a prefix, counting from 1. Two writers never get the same one."""
    raised = (
        db.update(NumberSequence).where(NumberSequence.prefix == prefix)
        .values(last=NumberSequence.last + 1).returning(NumberSequence.last)
        .execution_options(synchronize_session=False)
    )
    last = db.session.scalar(raised)
    if last is None:
        db.session.execute(db.insert(NumberSequence).values(prefix=prefix, last=1))
        last = 1
    return last


def application_number(division_code: str, departments: set[str], at: datetime) -> str:
    """统一办件编号 `{区划6}{受理部门4}{yyyyMMdd}{6位流水}` (codes.yaml project_no); 4 places name the accepting unit."""
    unit = next(iter(departments)) if len(departments) == 1 else COMPREHENSIVE_WINDOW
    prefix = f"{division_code}{unit[:UNIT_LENGTH].upper().ljust(UNIT_LENGTH, '0')}{_day(at)}"
    return f"{prefix}{next_in(prefix):06d}"


def case_number(number: str, position: int) -> str:
    """子件编号: the application's number and the place of the item in it (PARALLEL-INV-3: 编号关联)."""
    return f"{number}-{position:02d}"


@dataclass(frozen=True)
class LicenceFormat:
    """How a kind of licence is numbered. `words`: what its name contains; `text` may use division, year, day, serial.
    `each` says what the serial counts within: a year or a day."""

    words: str
    text: str
    each: str = "year"


# From codes.yaml licence_number_formats; confidence low to medium: a city checks them before printing real licences.
LICENCE_FORMATS = (
    LicenceFormat("用地预审与选址意见书", "用字第{division}{year}XS{serial:07d}号"),
    LicenceFormat("建设用地规划许可证", "地字第{division}{year}YG{serial:07d}号"),
    LicenceFormat("建设工程规划许可证", "建字第{division}{year}GG{serial:07d}号"),
    LicenceFormat("乡村建设规划许可证", "乡字第{division}{year}XG{serial:07d}号"),
    LicenceFormat("建筑工程施工许可证", "{division}{day}{serial:02d}{works}", "day"),
)
WORKS_CLASS = {"市政": "02"}
BUILDING_WORKS = "01"  # 工程类别: 01 房建, 02 市政


def licence_number(case: Case, project_class: str | None, at: datetime) -> str:
    """The number of a result, by its type; results without a format of their own are numbered by item and year."""
    name, division = case.item.result_name, case.application.division_code
    year, day = _day(at)[:4], _day(at)
    found = next((form for form in LICENCE_FORMATS if form.words in name), None)
    if found is None:
        return f"{division}-{case.item_code}-{year}-{next_in(f'licence:{division}:{case.item_code}:{year}'):06d}"
    serial = next_in(f"licence:{found.words}:{division}:{day if found.each == 'day' else year}")
    works = WORKS_CLASS.get(project_class or "", BUILDING_WORKS)
    return found.text.format(division=division, year=year, day=day, serial=serial, works=works)


def document_number(division_code: str, word: str, at: datetime) -> str:
    """文书编号 such as 130200受理〔2026〕000012号."""
    year = _day(at)[:4]
    return f"{division_code}{word}〔{year}〕{next_in(f'document:{division_code}:{word}:{year}'):06d}号"


def _day(at: datetime) -> str:
    return f"{at.astimezone(CHINA):%Y%m%d}"

"""特别程序: what may stop the clock of a case."""
from __future__ import annotations

from dataclasses import dataclass

from parallel.cases.errors import ProcedureUnknown
from parallel.cases.models import Case


@dataclass(frozen=True)
class SpecialProcedure:
    code: str
    name: str
    name_en: str
    basis: str


# time_rules.yaml, those that stop the clock. 行政许可法 第四十五条 lists the first eight; the others rest on special law
# or local rules, so a city may take them out.
SPECIAL_PROCEDURES = (
    SpecialProcedure("TX01", "听证", "Hearing", "行政许可法第四十五条"),
    SpecialProcedure("TX02", "招标", "Tender", "行政许可法第四十五条"),
    SpecialProcedure("TX03", "拍卖", "Auction", "行政许可法第四十五条"),
    SpecialProcedure("TX04", "检验", "Inspection of goods", "行政许可法第四十五条"),
    SpecialProcedure("TX05", "检测", "Testing", "行政许可法第四十五条"),
    SpecialProcedure("TX06", "检疫", "Quarantine", "行政许可法第四十五条"),
    SpecialProcedure("TX07", "鉴定", "Appraisal", "行政许可法第四十五条"),
    SpecialProcedure("TX08", "专家评审", "Expert review", "行政许可法第四十五条"),
    SpecialProcedure("TX09", "实地核查", "Site inspection", "地方规定"),
    SpecialProcedure("TX10", "公示", "Public notice", "单行法规或地方规定"),
    SpecialProcedure("TX13", "整改", "Rectification", "地方规定"),
    SpecialProcedure("TX16", "上级审批", "Approval by a higher authority", "单行法规"),
)


def procedures_for(case: Case) -> list[str]:
    """Names to choose from: those of the item first, then the others."""
    own = list(case.item.body.get("special_procedures") or ())
    return list(dict.fromkeys([*own, *(procedure.name for procedure in SPECIAL_PROCEDURES)]))


def require_known(procedure: str, case: Case) -> None:
    """Raises ProcedureUnknown."""
    if procedure not in procedures_for(case):
        raise ProcedureUnknown(f"没有“{procedure}”这种特别程序。")

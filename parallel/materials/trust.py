"""证照材料四级可信度 (TRUST-1): how far a material can be trusted, by where it came from.

A  实施机构产生的证照批文: used as it is.
B  窗口已核验原件: used again without checking.
C  用户自传的证照批文: the window checks the original before the result is issued (指南 C3).
D  用户自制材料: used on the applicant's promise that it is true.

A third party's report is D and yet must be checked (TRUST-7), so the level and 须核验 are two fields (指南 C1).
"""
from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Trust:
    level: str
    verify_required: bool


ISSUED_HERE = Trust("A", False)
VERIFIED = Trust("B", False)

_OF_SOURCE = {
    "result": ISSUED_HERE,  # an earlier licence of this platform
    "shared": Trust("C", True),  # an earlier result that the applicant uploads: it was issued elsewhere
    "e_licence": Trust("C", True),
    "intermediary": Trust("D", True),  # 第三方报告
    "applicant": Trust("D", False),
    "online_form": Trust("D", False),
    "commitment": Trust("D", False),
    "department": ISSUED_HERE,
}

LABELS = {
    "A": ("实施机构产生，直接使用", "Issued by an authority"),
    "B": ("窗口已核验原件", "Original checked by the window"),
    "C": ("用户上传证照，待核验原件", "Licence uploaded by the user, original to be checked"),
    "D": ("用户自制，本人承诺真实", "Made by the user, who promises it is true"),
}


def trust_of(source: str) -> Trust:
    """The trust a material begins with."""
    return _OF_SOURCE[source]


def verified(trust: Trust) -> Trust:
    """What a material becomes when the window has compared it with the original: C and reports become B (TRUST-3, 7)."""
    return trust if trust.level in "AB" else VERIFIED

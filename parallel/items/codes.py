"""事项编码: the basic code (基本编码, CODE-1) and the implementation code (实施编码, CODE-2).

Both are those of the guide's appendix one: 10 digits in three segments, 24 characters in six. Later national codes
(12 and 31) are other schemes; columns are wide enough for them, these functions are not meant for them.
"""
from __future__ import annotations

import re
from dataclasses import dataclass

from parallel.items.errors import CodeInvalid

BASIC_LENGTH, IMPLEMENTATION_LENGTH = 10, 24
BODY_KINDS = {"1": "法定机关", "2": "授权组织", "3": "受委托组织", "9": "其他"}  # 指南 R6-6
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)  # GB 11714
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class BasicCode:
    """基本编码: 2 type + 5 main item + 3 sub item; a main item without sub items has 000."""

    kind: str
    main: str
    sub: str = "000"

    def __post_init__(self) -> None:
        _check(self.kind, r"\d{2}", "kind", "事项类型", "2 位数字", "basic_code")
        _check(self.main, r"\d{5}", "main", "主项", "5 位数字", "basic_code")
        _check(self.sub, r"\d{3}", "sub", "子项", "3 位数字，没有子项时为 000", "basic_code")

    def __str__(self) -> str:
        return self.kind + self.main + self.sub


@dataclass(frozen=True, slots=True)
class ImplementationCode:
    """实施编码: 6 division + 3 town + 3 village + 9 organisation + 1 kind of body + 2 handling item.

    A body at county level or above has neither town nor village: 000000. The organisation segment is the
    organisation code (GB 11714) inside the credit code, and may hold capital letters.
    """

    division: str
    organisation: str
    body_kind: str = "1"
    handling: str = "00"
    town: str = "000"
    village: str = "000"

    def __post_init__(self) -> None:
        field = "implementation_code"
        _check(self.division, r"[1-9]\d{5}", "division", "行政区划", "6 位数字", field)
        _check(self.town, r"\d{3}", "town", "乡镇街道", "3 位数字，县级以上为 000", field)
        _check(self.village, r"\d{3}", "village", "村居社区", "3 位数字，没有时为 000", field)
        _check(self.organisation, r"[0-9A-Z]{9}", "organisation", "组织机构代码", "9 位数字或大写字母", field)
        _check(self.body_kind, f"[{''.join(BODY_KINDS)}]", "body_kind", "实施机构类别", "1、2、3 或 9", field)
        _check(self.handling, r"\d{2}", "handling", "办理项", "2 位数字，没有时为 00", field)
        if self.town == "000" and self.village != "000":
            raise CodeInvalid("实施编码的“村居社区”段不能脱离乡镇街道单独填写。", segment="village", field=field)

    def __str__(self) -> str:
        return self.division + self.town + self.village + self.organisation + self.body_kind + self.handling


def split_basic_code(text: str) -> BasicCode:
    """The segments of a basic code; `str()` of them is the code again.

    Raises:
        CodeInvalid: with the segment that is wrong.
    """
    if len(text) != BASIC_LENGTH:
        raise CodeInvalid(f"基本编码应为 {BASIC_LENGTH} 位，现为 {len(text)} 位。", segment="length", field="basic_code")
    return BasicCode(text[:2], text[2:7], text[7:])


def split_implementation_code(text: str) -> ImplementationCode:
    """The segments of an implementation code; `str()` of them is the code again.

    Raises:
        CodeInvalid: with the segment that is wrong.
    """
    if len(text) != IMPLEMENTATION_LENGTH:
        message = f"实施编码应为 {IMPLEMENTATION_LENGTH} 位，现为 {len(text)} 位。"
        raise CodeInvalid(message, segment="length", field="implementation_code")
    return ImplementationCode(
        division=text[:6], town=text[6:9], village=text[9:12], organisation=text[12:21], body_kind=text[21],
        handling=text[22:],
    )


def _check(value: str, pattern: str, segment: str, name: str, shape: str, field: str) -> None:
    if not re.fullmatch(pattern, value, re.ASCII):
        code = "基本编码" if field == "basic_code" else "实施编码"
        raise CodeInvalid(f"{code}的“{name}”段应为{shape}，现为“{value}”。", segment=segment, field=field)


# --- demo codes -------------------------------------------------------------------------------------

_FAMILIES = "XLEBUKC"


def demo_basic_code(item_code: str, type_code: str) -> BasicCode:
    """A basic code for a shipped item, by rule and not official: X01 → kind + 01001 + 000, B10Z → kind + 04010 + 026.

    The family's place in X L E B U K C gives two digits of the main item, the number three; a letter after the
    number (L06T, B01A) is a sub item.
    """
    family, number, variant = re.fullmatch(r"([A-Z])(\d+)([A-Z]?)", item_code).groups()
    sub = f"{ord(variant) - 64:03}" if variant else "000"
    return BasicCode(type_code, f"{_FAMILIES.index(family) + 1:02}{int(number):03}", sub)


def demo_organisation_code(number: int) -> str:
    """An organisation code with a right check digit (GB 11714) that no body has: MDEMO001…"""
    return with_check_digit(f"MDEMO{number:03}")


def with_check_digit(body: str) -> str:
    """The 8 characters of an organisation code with their check digit: 11 − Σ·weights mod 11 (GB 11714)."""
    rest = sum(_DIGITS.index(digit) * weight for digit, weight in zip(body, _ORGANISATION_WEIGHTS, strict=True)) % 11
    return body + {10: "X", 11: "0"}.get(11 - rest, str(11 - rest))

"""What materials an application is asked for, each once, and how each stands (材料去重, PARALLEL-INV-2 and 4)."""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from parallel.cases.models import Licence
from parallel.items.models import MaterialRequirement, ServiceItem
from parallel.materials.models import Material

HANDED_IN, RESULT, AWAITED, FORM = "handed_in", "result", "awaited", "form"
DEPARTMENT, NOT_NEEDED, OPTIONAL, MISSING = "department", "not_needed", "optional", "missing"

STANDINGS = {
    HANDED_IN: ("已提交", "Handed in"),
    RESULT: ("已由前置结果自动满足", "Satisfied by an earlier result"),
    AWAITED: ("待前置事项办结后自动取得", "Comes by itself with an earlier result"),
    FORM: ("在线填写", "Filled in online"),
    DEPARTMENT: ("由部门提供", "Supplied by a department"),
    NOT_NEEDED: ("按项目情形不需要", "Not needed for this project"),
    OPTIONAL: ("可以不提交", "Optional"),
    MISSING: ("未提交", "Missing"),
}
UPLOADED = frozenset({"applicant", "e_licence", "intermediary", "commitment"})


@dataclass
class AskedMaterial:
    """材料 under one key, asked for by one requirement or by many. `material` is what was handed in (or came as a
    result), `standing` one of the words above."""

    key: str
    requirements: list[MaterialRequirement] = field(default_factory=list)
    items: list[ServiceItem] = field(default_factory=list)
    material: Material | None = None
    licence: Licence | None = None  # the earlier result that satisfies it
    standing: str = MISSING

    @property
    def name(self) -> str:
        return self.requirements[0].name

    @property
    def source(self) -> str:
        """Uploaded wins: where any item wants the paper itself, it is handed in."""
        sources = [requirement.source for requirement in self.requirements]
        return next((source for source in sources if source in UPLOADED), sources[0])

    @property
    def required(self) -> bool:
        return any(requirement.required for requirement in self.requirements)

    @property
    def tolerable(self) -> bool:
        """可容缺: every item that requires it tolerates its absence (PARALLEL-INV-10)."""
        wanting = [requirement for requirement in self.requirements if requirement.required]
        return bool(wanting) and all(requirement.tolerable for requirement in wanting)

    @property
    def from_items(self) -> list[str]:
        return list(dict.fromkeys(row.from_item for row in self.requirements if row.from_item))

    @property
    def review_points(self) -> list[str]:
        """审查要点 of all that ask for it, each once (ACCEPT-7)."""
        return list(dict.fromkeys(point for row in self.requirements for point in row.review_points))

    @property
    def item_codes(self) -> list[str]:
        return [item.code for item in self.items]

    @property
    def is_uploaded(self) -> bool:
        """Whether the applicant may hand in a file for it."""
        return self.source in UPLOADED or (self.source == "shared" and self.standing in (MISSING, OPTIONAL, HANDED_IN))

    @property
    def is_missing(self) -> bool:
        return self.standing == MISSING


def merged(items: Iterable[ServiceItem]) -> dict[str, AskedMaterial]:
    """Every material that the items ask for, each once, in the order of their lists."""
    asked: dict[str, AskedMaterial] = {}
    for item in items:
        for requirement in item.requirements:
            entry = asked.setdefault(requirement.same_as, AskedMaterial(requirement.same_as))
            entry.requirements.append(requirement)
            if item not in entry.items:
                entry.items.append(item)
    return asked


def sources_of_result(item: ServiceItem, requirement: MaterialRequirement) -> set[str]:
    """The items any of whose results is this material: the one named, and those that stand for it in a 前置 group.

    A requirement names 可研批复; where the prerequisite reads 可研批复、核准批复或备案证, any of the three will do.
    """
    codes = {requirement.from_item}
    groups: dict[int, set[str]] = {}
    for row in item.prerequisites:
        groups.setdefault(row.group_no, set()).add(row.item_code)
    for group in groups.values():
        if requirement.from_item in group:
            codes |= group
    return codes

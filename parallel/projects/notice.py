"""事项及材料一单告知 (PARALLEL-INV-2): one list of the items and of every material once.

What an earlier item of the same project results in is shared and never asked for (发改投资〔2019〕268号).
"""
from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from parallel.items.models import MaterialRequirement, ServiceItem
from parallel.projects.applicability import ItemDecision, applicable_items, decide
from parallel.projects.plan import needs_of

SUPPLIERS = {  # who brings a material, by its source
    "applicant": "applicant", "online_form": "applicant", "commitment": "applicant", "intermediary": "intermediary",
    "department": "department", "e_licence": "platform", "shared": "platform",
}
SUPPLIER_NAMES = {
    "applicant": ("申请人提供", "Supplied by the applicant"),
    "intermediary": ("中介机构编制，申请人提交", "Drawn up by an intermediary"),
    "department": ("部门内部提供", "Supplied by the department"),
    "platform": ("平台共享，无需提交", "Shared by the platform"),
}


@dataclass
class MaterialUse:
    """One item that asks for a material."""

    item: ServiceItem
    requirement: MaterialRequirement


@dataclass
class NoticedMaterial:
    """One material, once. `results_of` are the applicable items whose result it is."""

    key: str
    name: str
    source: str
    supplier: str
    results_of: list[ServiceItem]
    uses: list[MaterialUse] = field(default_factory=list)

    @property
    def required(self) -> bool:
        return any(use.requirement.required for use in self.uses)

    @property
    def tolerable(self) -> bool:
        """可容缺: only when every item that requires it may accept without."""
        return all(use.requirement.tolerable for use in self.uses if use.requirement.required) and self.required

    @property
    def originals(self) -> int:
        return max(use.requirement.originals for use in self.uses)

    @property
    def copies(self) -> int:
        return max(use.requirement.copies for use in self.uses)

    @property
    def review_points(self) -> list[str]:
        return list(dict.fromkeys(point for use in self.uses for point in use.requirement.review_points))


@dataclass
class Notice:
    """一单告知. `asked` counts requirements before dedupe, `materials` are what is left."""

    items: list[ServiceItem]
    materials: list[NoticedMaterial]
    asked: int
    decisions: list[ItemDecision] = field(default_factory=list)

    @property
    def once(self) -> int:
        return len(self.materials)

    @property
    def by_supplier(self) -> Counter[str]:
        return Counter(material.supplier for material in self.materials)

    @property
    def to_hand_in(self) -> list[NoticedMaterial]:
        """What the applicant brings: own papers and intermediaries' reports."""
        return [material for material in self.materials if material.supplier in ("applicant", "intermediary")]


def project_notice(items: Iterable[ServiceItem], values: Mapping[str, Any]) -> Notice:
    """The notice for all items that apply to a project, with the decisions on those that do not."""
    items = list(items)
    notice = make_notice(applicable_items(items, values), values)
    notice.decisions = decide(items, values)
    return notice


def make_notice(chosen: list[ServiceItem], values: Mapping[str, Any],
                project_items: Iterable[ServiceItem] | None = None) -> Notice:
    """The notice for the items someone is about to file.

    A result that no item of this project makes is no material here: it cannot exist. Where a requirement names a
    result of another kind of project (可研批复 for one that is filed), the applicable member of the same
    prerequisite group stands in for it.

    Args:
        project_items: every item that applies to the project, when `chosen` are only some of them.
    """
    by_code = {item.code: item for item in (chosen if project_items is None else project_items)}
    found: dict[str, NoticedMaterial] = {}
    asked = 0
    for item in chosen:
        for requirement in item.requirements:
            results = _results(item, requirement, by_code, values)
            if requirement.source == "shared" and not results:
                continue
            asked += 1
            key = "+".join(f"result:{row.code}" for row in results) or requirement.same_as
            _material(found, key, requirement, results).uses.append(MaterialUse(item, requirement))
    return Notice(chosen, list(found.values()), asked)


def _material(found: dict[str, NoticedMaterial], key: str, requirement: MaterialRequirement,
              results: list[ServiceItem]) -> NoticedMaterial:
    if key not in found:
        name = "、".join(row.result_name for row in results) or requirement.name
        found[key] = NoticedMaterial(key, name, requirement.source, SUPPLIERS[requirement.source], results)
    return found[key]


def _results(item: ServiceItem, requirement: MaterialRequirement, by_code: dict[str, ServiceItem],
             values: Mapping[str, Any]) -> list[ServiceItem]:
    """The applicable items whose result a shared requirement is."""
    if requirement.source != "shared":
        return []
    if requirement.from_item in by_code:
        return [by_code[requirement.from_item]]
    groups = [row.group_no for row in item.prerequisites if row.item_code == requirement.from_item]
    members = {row.item_code for row in item.prerequisites if row.group_no in groups}
    wanted = {code for need in needs_of(item, set(by_code), values) for code in need.any_of if code in members}
    return [by_code[code] for code in by_code if code in wanted]

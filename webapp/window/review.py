"""What the window sees of one application: facts, the form, every material once with its review points and versions."""
from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flask_babel import lazy_gettext

from engine.db import db
from parallel.cases.actions.save_draft import fields_of
from parallel.cases.forms import GROUPS, Field
from parallel.cases.models import Application
from parallel.cases.review_points import materials_to_review
from parallel.items.models import ServiceItem
from parallel.materials.asked import STANDINGS, AskedMaterial
from parallel.materials.models import Material
from parallel.materials.queries import asked_materials
from webapp.portal.words import pick
from webapp.materials.files import is_shown_inline

SOURCES = {
    "applicant": lazy_gettext("申请人提交"), "online_form": lazy_gettext("在线填写"), "shared": lazy_gettext("前置事项的结果"),
    "e_licence": lazy_gettext("电子证照"), "intermediary": lazy_gettext("中介机构出具"), "department": lazy_gettext("部门提供"),
    "commitment": lazy_gettext("申请人承诺"), "result": lazy_gettext("前置事项的结果"),
}


@dataclass(frozen=True)
class Point:
    """One review point; `value` is what its tick box sends."""

    text: str
    value: str
    ticked: bool


@dataclass
class MaterialSheet:
    """A material as it lies before the clerk. `place` is its place in the list and its id on the page."""

    place: int
    asked: AskedMaterial
    points: list[Point]
    versions: list[Material]  # newest first
    came_again: bool = False  # handed in anew after a correction was asked for

    @property
    def key(self) -> str:
        return self.asked.key

    @property
    def name(self) -> str:
        return self.asked.name

    @property
    def material(self) -> Material | None:
        return self.asked.material

    @property
    def source(self) -> Any:
        return SOURCES.get(self.material.source if self.material else self.asked.source, self.asked.source)

    @property
    def standing(self) -> str:
        return pick(*STANDINGS[self.asked.standing])

    @property
    def is_shown_inline(self) -> bool:
        return is_shown_inline(self.material)

    @property
    def open_points(self) -> list[str]:
        return [point.text for point in self.points if not point.ticked]

    @property
    def to_verify(self) -> bool:
        """Whether the original is still to be compared (指南 C1)."""
        return self.material is not None and self.material.verify_required


@dataclass(frozen=True)
class FormRow:
    field: Field
    label: str
    value: str

    @property
    def key(self) -> str:
        return self.field.key


@dataclass(frozen=True)
class FormGroup:
    name: str
    rows: list[FormRow]

    @property
    def pairs(self) -> list[tuple[str, str]]:
        return [(row.label, row.value) for row in self.rows]


@dataclass
class Review:
    """Everything the page of one application shows."""

    application: Application
    sheets: list[MaterialSheet]
    form: list[FormGroup]
    fields: dict[str, Field] = field(default_factory=dict)

    @property
    def reviewed(self) -> list[MaterialSheet]:
        return [sheet for sheet in self.sheets if sheet.points]

    @property
    def missing(self) -> list[MaterialSheet]:
        return [sheet for sheet in self.sheets if sheet.asked.is_missing]

    @property
    def tolerable(self) -> list[tuple[str, str]]:
        """容缺: what may come later, as choices (PARALLEL-INV-10)."""
        return [(sheet.key, sheet.name) for sheet in self.missing if sheet.asked.tolerable]

    @property
    def not_tolerable(self) -> list[MaterialSheet]:
        return [sheet for sheet in self.missing if not sheet.asked.tolerable]

    @property
    def points_total(self) -> int:
        return sum(len(sheet.points) for sheet in self.sheets)

    @property
    def points_done(self) -> int:
        return self.points_total - sum(len(sheet.open_points) for sheet in self.sheets)

    @property
    def first_shown(self) -> Material | None:
        """What the viewer opens with: what came in again, else the first that is not wholly ticked, else the first."""
        shown = [sheet for sheet in self.sheets if sheet.is_shown_inline]
        wanted = [sheet for sheet in shown if sheet.came_again] + [sheet for sheet in shown if sheet.open_points] + shown
        return wanted[0].material if wanted else None


def review_of(application: Application) -> Review:
    asked = asked_materials(application)
    to_review = {entry.key for entry in materials_to_review(application)}
    versions = _versions(application)
    sheets = [
        MaterialSheet(place, entry, _points(application, place, entry) if entry.key in to_review else [],
                      versions.get(entry.key, []), _came_again(application, entry.material))
        for place, entry in enumerate(asked)
    ]
    fields = fields_of(application)
    return Review(application, sheets, _groups(fields, application.form), {each.key: each for each in fields})


def _came_again(application: Application, material: Material | None) -> bool:
    asked_at = application.correction_asked_at
    return material is not None and asked_at is not None and material.handed_in_at >= asked_at


def _points(application: Application, place: int, entry: AskedMaterial) -> list[Point]:
    ticked = application.checks.get(entry.key, ())
    return [
        Point(text, f"{place}.{position}", text in ticked) for position, text in enumerate(entry.review_points)
    ]


def _versions(application: Application) -> dict[str, list[Material]]:
    """Index: ix_material_application_id_is_current."""
    rows = db.session.scalars(
        db.select(Material).where(Material.application_id == application.id).order_by(Material.version.desc())
    )
    found: dict[str, list[Material]] = {}
    for row in rows:
        found.setdefault(row.key, []).append(row)
    return found


def ticks_sent(review: Review, values: list[str]) -> dict[str, list[int]]:
    """What the tick boxes said, by material: every material is named, so that a tick taken back counts too.

    What does not name a point of this page is left out.
    """
    ticks: dict[str, list[int]] = {sheet.key: [] for sheet in review.reviewed}
    by_place = {str(sheet.place): sheet for sheet in review.reviewed}
    for value in values:
        place, _, position = value.partition(".")
        sheet = by_place.get(place)
        if sheet is not None and position.isdigit() and int(position) < len(sheet.points):
            ticks[sheet.key].append(int(position))
    return ticks


def _groups(fields: list[Field], values: dict) -> list[FormGroup]:
    groups: dict[str, list[FormRow]] = {}
    for each in fields:
        value = each.value if each.read_only else values.get(each.key)
        groups.setdefault(each.group, []).append(FormRow(each, pick(each.label_zh, each.label_en), _shown(each, value)))
    return [FormGroup(pick(*GROUPS[name]), rows) for name, rows in groups.items() if name in GROUPS]


def _shown(each: Field, value: Any) -> str:
    if value in (None, ""):
        return ""
    if each.type == "checkbox":
        return "✓" if value else ""
    option = next((option for option in each.options if option.value == value), None)
    return pick(option.label_zh, option.label_en) if option else str(value)


def item_names(items: list[ServiceItem]) -> str:
    return "、".join(pick(item.name, item.name_en) for item in items)

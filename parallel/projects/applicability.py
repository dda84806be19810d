"""Which items apply to a project, and why or why not, in words.

The decision is the item's own expression. The reason is read off the same expression: the comparisons that decided
it, with the project's values and the labels of its attributes.
"""
from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from engine.api import evaluate_expression
from parallel.items.models import ServiceItem
from parallel.projects.attributes import Attribute, attributes, default_attributes

CONSTANTS = {"true": True, "false": False}


@dataclass(frozen=True)
class ItemDecision:
    """Whether an item applies, and the facts that decided it."""

    item: ServiceItem
    applies: bool
    reason_zh: str
    reason_en: str


def holds(expression: str | None, values: Mapping[str, Any]) -> bool:
    """Whether a condition on a project is true; no condition always is.

    A fact that a project registered earlier does not know has its default.
    """
    return expression is None or bool(evaluate_expression(expression, values, default_attributes()))


def decide(items: Iterable[ServiceItem], values: Mapping[str, Any]) -> list[ItemDecision]:
    """A decision with its reason for every item, in the catalogue's order."""
    return [_decision(item, values) for item in items]


def applicable_items(items: Iterable[ServiceItem], values: Mapping[str, Any]) -> list[ServiceItem]:
    """Only the items that apply."""
    return [item for item in items if holds(item.applicability, values)]


def _decision(item: ServiceItem, values: Mapping[str, Any]) -> ItemDecision:
    applies = holds(item.applicability, values)
    facts = deciding_facts(item.applicability, values)
    if not facts:
        zh, en = ("所有项目都要办理", "Every project needs it") if applies else ("不适用", "Does not apply")
    else:
        zh = "；".join(fact[0] for fact in facts) + ("，需要办理" if applies else "，不需要办理")
        english = "; ".join(fact[1] for fact in facts)
        en = english[:1].upper() + english[1:] + (" – needed" if applies else " – not needed")
    return ItemDecision(item, applies, zh, en)


def deciding_facts(expression: str, values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The comparisons that decided an expression, as phrases (zh, en), without repetition."""
    tree = _tree(expression)
    if tree is None:
        return []
    return list(dict.fromkeys(fact for fact in _facts(tree, values, True) if fact))


@lru_cache(maxsize=1024)
def _tree(expression: str) -> ast.expr | None:
    """The syntax tree of an expression in its Python-like spelling, or None for another spelling."""
    try:
        return ast.parse(expression.strip(), mode="eval").body
    except (SyntaxError, ValueError):
        return None


def _truth(node: ast.expr, values: Mapping[str, Any]) -> bool:
    return bool(evaluate_expression(ast.unparse(node), values, default_attributes()))


def _facts(node: ast.expr, values: Mapping[str, Any], wanted: bool) -> list[tuple[str, str] | None]:
    """The facts behind a node. An `and` that fails is explained by what fails, one that holds by all of it."""
    if isinstance(node, ast.BoolOp):
        truths = [(part, _truth(part, values)) for part in node.values]
        decisive = isinstance(node.op, ast.Or)
        parts = [part for part, truth in truths if truth is decisive] or [part for part, _ in truths]
        return [fact for part in parts for fact in _facts(part, values, wanted)]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return _facts(node.operand, values, not wanted)
    if isinstance(node, ast.Name):
        return [_named(node.id, values)]
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        return [_compared(node, values)]
    return []


def _named(name: str, values: Mapping[str, Any]) -> tuple[str, str] | None:
    attribute = attributes().get(name)
    if attribute is None or name in CONSTANTS:
        return None
    zh, en = attribute.shown(values.get(name, attribute.default))
    return f"“{attribute.zh}”为“{zh}”", f"{attribute.en}: {en}"


def _compared(node: ast.Compare, values: Mapping[str, Any]) -> tuple[str, str] | None:
    attribute = attributes().get(getattr(node.left, "id", ""))
    try:
        other = ast.literal_eval(node.comparators[0])
    except ValueError:
        return None
    if attribute is None:
        return None
    value, holds_now = values.get(attribute.name, attribute.default), _truth(node, values)
    if attribute.kind == "number":
        return _measured(attribute, value, node.ops[0], other, holds_now)
    return _chosen(attribute, value, other if isinstance(other, (tuple, list)) else [other])


_MEASURED = {  # operator: (zh true, zh false, en true, en false)
    ast.GtE: ("达到", "低于", "reaches", "is below"),
    ast.Gt: ("超过", "未超过", "exceeds", "does not exceed"),
    ast.LtE: ("未超过", "超过", "does not exceed", "exceeds"),
    ast.Lt: ("低于", "达到", "is below", "reaches"),
    ast.Eq: ("等于", "不等于", "equals", "differs from"),
    ast.NotEq: ("不等于", "等于", "differs from", "equals"),
}


def _measured(attribute: Attribute, value: Any, operator: ast.cmpop, other: Any, true: bool) -> tuple[str, str]:
    zh_true, zh_false, en_true, en_false = _MEASURED[type(operator)]
    (value_zh, value_en), (other_zh, other_en) = attribute.shown(value), attribute.shown(other)
    return (
        f"{attribute.zh} {value_zh}，{zh_true if true else zh_false} {other_zh}",
        f"{attribute.en} {value_en} {en_true if true else en_false} {other_en}",
    )


def _chosen(attribute: Attribute, value: Any, others: Iterable[Any]) -> tuple[str, str]:
    zh, en = attribute.shown(value)
    if value in others:
        return f"{attribute.zh}为{zh}", f"{attribute.en}: {en}"
    listed = [attribute.shown(other) for other in others]
    zh_listed, en_listed = "、".join(zh for zh, _ in listed), ", ".join(en for _, en in listed)
    zh_not = f"不是{zh_listed}" if len(listed) == 1 else f"不属于{zh_listed}"
    return f"{attribute.zh}为{zh}，{zh_not}", f"{attribute.en}: {en}, not {en_listed}"

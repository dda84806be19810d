"""The form of a task nobody made a form for: the variables that the gateways behind it ask about.

From a designer's conditions such as `方式 == '联合踏勘' and 部门数 >= 2` come a choice and a number; what cannot be told
is a text. A field left empty sets nothing.
"""
from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from engine.api import ExpressionError, ProcessInstance, Task, compile_expression, definition_xml
from engine.db import db

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
TEXT_LENGTH = 500
NUMBER, CHOICE, YES_NO, TEXT = "number", "choice", "yes_no", "text"

_NAME = r"[A-Za-z_\u4e00-\u9fff][\w\u4e00-\u9fff]*"
_LITERAL = r"'[^']*'|\"[^\"]*\"|-?\d+(?:\.\d+)?|true|false"
_COMPARED = re.compile(rf"({_NAME})\s*(==|!=|<=|>=|<|>|\bis\b|\bin\b)\s*({_LITERAL}|[\[(][^\])]*[\])])")
_TEXTS = re.compile(r"'([^']*)'|\"([^\"]*)\"")


@dataclass
class OutcomeField:
    """One input. `choices` are (value, label)."""

    name: str
    kind: str = TEXT
    choices: list[tuple[str, str]] = field(default_factory=list)

    def read(self, text: str) -> Any:
        """What was sent as a value. Raises ValueError."""
        text = text.strip()
        if self.kind == YES_NO:
            return text == "true"
        if self.kind == NUMBER:
            number = float(text)
            if not math.isfinite(number):
                raise ValueError(text)
            return int(number) if number.is_integer() else number
        if len(text) > TEXT_LENGTH or (self.kind == CHOICE and text not in dict(self.choices)):
            raise ValueError(text)
        return text


def outcome_fields(task: Task) -> list[OutcomeField]:
    """The variables that decide where the token goes when the task ends, in the order in which they are asked."""
    instance = db.session.get(ProcessInstance, task.instance_id)
    found: dict[str, OutcomeField] = {}
    for label, condition in _conditions(definition_xml(instance.definition_id), task.element_id):
        try:
            expression = compile_expression(condition)
        except ExpressionError:
            continue
        for name in sorted(expression.names, key=expression.source.find):
            found.setdefault(name, OutcomeField(name))
        _learn(found, expression.source, label)
    for each in found.values():
        if each.kind == TEXT and not each.choices:
            each.kind = YES_NO if _stands_alone(task, each) else TEXT
    return list(found.values())


def _conditions(source: bytes, element_id: str) -> Iterator[tuple[str, str]]:
    """(name of the flow, its condition) of every flow out of the element, and out of the gateways right behind it.

    What is stored was checked when it was deployed: it has no document type, so there is nothing to expand.
    """
    root = ElementTree.fromstring(source)
    gateways = {each.get("id") for each in root.iter() if each.tag.startswith(BPMN) and each.tag.endswith("Gateway")}
    outgoing: dict[str | None, list[ElementTree.Element]] = {}
    for flow in root.iter(f"{BPMN}sequenceFlow"):
        outgoing.setdefault(flow.get("sourceRef"), []).append(flow)
    waiting, seen = [element_id], {element_id}
    while waiting:
        for flow in outgoing.get(waiting.pop(0), ()):
            if condition := flow.findtext(f"{BPMN}conditionExpression", "").strip():
                yield flow.get("name") or "", condition
            target = flow.get("targetRef")
            if target in gateways and target not in seen:
                seen.add(target)
                waiting.append(target)


def _learn(found: dict[str, OutcomeField], source: str, flow_name: str) -> None:
    compared = [match for match in _COMPARED.findall(source) if match[0] in found]
    for name, operator, literal in compared:
        each, texts = found[name], [one or other for one, other in _TEXTS.findall(literal)]
        if literal in ("true", "false"):
            each.kind = YES_NO
        elif texts:
            each.kind = CHOICE
            only = len(compared) == 1 and operator in ("==", "is") and flow_name
            known = dict(each.choices)
            each.choices += [(text, flow_name if only else text) for text in texts if text not in known]
        elif literal[0] not in "[(":
            each.kind = NUMBER


def _stands_alone(task: Task, each: OutcomeField) -> bool:
    """Whether a name is asked for as it is (`${approved}`), so that yes or no answers it."""
    instance = db.session.get(ProcessInstance, task.instance_id)
    pattern = re.compile(rf"(?<![\w.])(?:not\s+|!\s*)?{re.escape(each.name)}(?!\s*(?:[<>=!+\-*/%.(\[]|in\b|is\b))")
    return any(pattern.search(condition) for _, condition in _conditions(definition_xml(instance.definition_id), task.element_id))

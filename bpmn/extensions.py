"""What designers write on an element beyond BPMN: who may act, by when, with which form.

Our attributes have the prefix ``binglian``. Camunda's are read too where they mean the same; where both are
written, ours win. Whatever we do not understand is listed in ``unknown``, so that it can be shown to the designer.

    <bpmn:userTask id="审查" name="审查" binglian:candidateGroups="officer@zrzy" binglian:limit="P5WD" … />
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from bpmn.expressions import split_names
from bpmn.namespaces import BINGLIAN, BPMN, CAMUNDA, TOOL_NAMESPACES, local_name, namespace_of, prefixed

_TEXT = {
    # attribute: field of ElementExtensions
    "assignee": "assignee",
    "limit": "limit",
    "step": "step",
    "formKey": "form_key",
    "businessKey": "business_key",
    "skip": "skip",
    "item": "item",
    "operation": "operation",
    "collection": "collection",
    "elementVariable": "element_variable",
}
_NAMES = {"candidateGroups": "candidate_groups", "candidateUsers": "candidate_users"}
_FROM_CAMUNDA = {
    # camunda's attribute: ours
    "assignee": "assignee",
    "candidateGroups": "candidateGroups",
    "candidateUsers": "candidateUsers",
    "dueDate": "limit",
    "formKey": "formKey",
    "topic": "operation",
    "collection": "collection",
    "elementVariable": "elementVariable",
}
_TOPIC_MARK = ("type", "external")
"""Camunda writes ``camunda:type="external"`` beside each topic; it says nothing more."""


@dataclass(frozen=True, slots=True)
class ElementExtensions:
    """The extension attributes of one element. Texts may hold ``${…}``; the engine renders them.

    ``limit``: ``P5WD``, ``5个工作日``, ``P3D``, or an expression whose value is a number of working days.
    ``skip``: an expression; the element is passed over when it is true.
    ``business_key``: of a call activity, the business key of the process it starts.
    ``attributes``: all of them by our names, including ``binglian:`` ones that only other rooms know.
    """

    candidate_groups: list[str] = field(default_factory=list)
    candidate_users: list[str] = field(default_factory=list)
    assignee: str | None = None
    limit: str | None = None
    step: str | None = None
    form_key: str | None = None
    business_key: str | None = None
    skip: str | None = None
    item: str | None = None
    operation: str | None = None
    collection: str | None = None
    element_variable: str | None = None
    attributes: dict[str, str] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)

    def texts(self) -> Iterator[tuple[str, str]]:
        """(attribute, text) of every attribute that may hold ``${…}``."""
        for attribute, name in {**_NAMES, **_TEXT}.items():
            value = getattr(self, name)
            for text in value if isinstance(value, list) else [value]:
                if text is not None:
                    yield attribute, text


def read_extensions(element: etree._Element) -> ElementExtensions:
    """The extensions of an element, including those on its multi-instance marker."""
    own, camunda, unknown = {}, {}, []
    for carrier in (element, *element.findall(f"{{{BPMN}}}multiInstanceLoopCharacteristics")):
        for name, value in carrier.attrib.items():
            kind = namespace_of(name)
            if kind == BINGLIAN:
                own[local_name(name)] = value.strip()
            elif kind == CAMUNDA and local_name(name) in _FROM_CAMUNDA:
                camunda[_FROM_CAMUNDA[local_name(name)]] = value.strip()
            elif kind and kind not in TOOL_NAMESPACES and (local_name(name), value) != _TOPIC_MARK:
                unknown.append(prefixed(carrier, name))
    unknown += _unknown_elements(element)
    return _understood({**camunda, **own}, unknown)


def _understood(attributes: dict[str, str], unknown: list[str]) -> ElementExtensions:
    texts = {name: attributes[key] for key, name in _TEXT.items() if attributes.get(key)}
    names = {name: _names(attributes[key]) for key, name in _NAMES.items() if attributes.get(key)}
    return ElementExtensions(**texts, **names, attributes=attributes, unknown=unknown)


def _names(text: str) -> list[str]:
    try:
        return split_names(text)
    except ValueError:  # an unclosed ${: the check of expressions says so
        return [text]


def _unknown_elements(element: etree._Element) -> list[str]:
    """The children of ``extensionElements`` that no one here reads, such as ``camunda:executionListener``."""
    found = []
    for container in element.findall(f"{{{BPMN}}}extensionElements"):
        for child in container.iterchildren(etree.Element):
            if namespace_of(child.tag) not in (BINGLIAN, *TOOL_NAMESPACES):
                found.append(prefixed(child, child.tag))
    return found

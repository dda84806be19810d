"""A process file as a graph of elements, before anyone runs it. Checks and the parser read files through this."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from dataclasses import dataclass
from functools import cached_property

import networkx
from lxml import etree

from bpmn.namespaces import BPMN, local_name, namespace_of, tag

TASKS = frozenset(
    {
        "task",
        "userTask",
        "manualTask",
        "serviceTask",
        "scriptTask",
        "sendTask",
        "receiveTask",
        "businessRuleTask",
        "callActivity",
        "subProcess",
        "transaction",
        "adHocSubProcess",
    }
)
EVENTS = frozenset({"startEvent", "endEvent", "boundaryEvent", "intermediateCatchEvent", "intermediateThrowEvent"})
GATEWAYS = frozenset({"exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway", "complexGateway"})
FLOW_NODES = TASKS | EVENTS | GATEWAYS
SUB_PROCESSES = frozenset({"subProcess", "transaction", "adHocSubProcess"})
EXPRESSION_TAGS = frozenset(
    {"conditionExpression", "condition", "completionCondition", "loopCardinality", "loopCondition"}
)
TIMER_TAGS = frozenset({"timeDate", "timeDuration", "timeCycle"})


def kind(element: etree._Element) -> str:
    """``userTask`` for ``<bpmn:userTask>``; empty for what is not BPMN."""
    return local_name(element.tag) if namespace_of(element.tag) == BPMN else ""


def own_text(element: etree._Element | None) -> str:
    return (element.text or "").strip() if element is not None else ""


def whole_number(text: str) -> int | None:
    """The number a text writes in digits; a very long one comes out as very large."""
    return int(text[:12]) if re.fullmatch("[0-9]+", text) else None


@dataclass(frozen=True)
class Scope:
    """What lies directly in one process or sub-process: its nodes, and the flows between them."""

    element: etree._Element
    nodes: dict[str, etree._Element]
    flows: list[etree._Element]

    @cached_property
    def graph(self) -> networkx.DiGraph:
        """Nodes and the ways a token can go: along flows, and from an activity to its boundary events."""
        graph = networkx.DiGraph()
        graph.add_nodes_from(self.nodes)
        for flow in self.flows:
            source, target = flow.get("sourceRef"), flow.get("targetRef")
            if source in self.nodes and target in self.nodes:
                graph.add_edge(source, target)
        for node_id, node in self.nodes.items():
            if kind(node) == "boundaryEvent" and node.get("attachedToRef") in self.nodes:
                graph.add_edge(node.get("attachedToRef"), node_id)
        return graph

    @cached_property
    def outgoing(self) -> dict[str, list[etree._Element]]:
        found: dict[str, list[etree._Element]] = {}
        for flow in self.flows:
            found.setdefault(flow.get("sourceRef", ""), []).append(flow)
        return found

    def of_kind(self, *kinds: str) -> Iterator[etree._Element]:
        return (node for node in self.nodes.values() if kind(node) in kinds)


class Document:
    """The elements of one file. ``operations`` and ``groups`` are what the caller knows; None means: not judged."""

    def __init__(
        self,
        root: etree._Element,
        *,
        operations: Set[str] | None = None,
        groups: Set[str] | None = None,
    ):
        self.root = root
        self.operations = operations
        self.groups = groups

    @cached_property
    def processes(self) -> list[etree._Element]:
        return self.root.findall(tag("process"))

    @cached_property
    def executable(self) -> list[etree._Element]:
        """The processes that can be started: those marked so; where none is marked, the only one with content."""
        marked = [process for process in self.processes if process.get("isExecutable") == "true"]
        filled = [process for process in self.processes if any(kind(child) in FLOW_NODES for child in process)]
        return marked or (filled if len(filled) == 1 else [])

    @cached_property
    def scopes(self) -> list[Scope]:
        """The executable processes and every sub-process in them."""
        return [scope for process in self.executable for scope in scopes_of(process)]

    @cached_property
    def lanes(self) -> dict[str, str]:
        """Element id → name of the lane it lies in."""
        return {
            own_text(reference): reference.getparent().get("name")
            for reference in self.root.iter(tag("flowNodeRef"))
            if reference.getparent().get("name")
        }

    def elements(self, *kinds: str) -> Iterator[etree._Element]:
        """Every element of these kinds inside the executable processes, in the order of the file."""
        for process in self.executable:
            yield from process.iter(*map(tag, kinds))

    def nodes(self) -> Iterator[etree._Element]:
        return self.elements(*FLOW_NODES)

    def lane_of(self, node: etree._Element) -> str | None:
        """The lane of a node; inside a sub-process, the lane of the sub-process."""
        current: etree._Element | None = node
        while current is not None:
            if (lane := self.lanes.get(current.get("id", ""))) is not None:
                return lane
            current = current.getparent()
        return None


def scopes_of(process: etree._Element) -> list[Scope]:
    """A process and every sub-process in it."""
    return [_scope(element) for element in (process, *process.iter(*map(tag, SUB_PROCESSES)))]


def _scope(element: etree._Element) -> Scope:
    children = [child for child in element.iterchildren(etree.Element) if namespace_of(child.tag) == BPMN]
    return Scope(
        element,
        {child.get("id"): child for child in children if kind(child) in FLOW_NODES and child.get("id")},
        [child for child in children if kind(child) == "sequenceFlow"],
    )


def carrier_of(element: etree._Element) -> etree._Element:
    """The node or flow on the diagram that an inner element (a condition, a timer) belongs to."""
    current = element
    while current is not None:
        if kind(current) in FLOW_NODES or kind(current) in ("sequenceFlow", "dataObjectReference", "process"):
            return current
        current = current.getparent()
    return element

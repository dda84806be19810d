"""From a process file to what the engine runs."""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import dataclass, field

from lxml import etree
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.parser.event_parsers import EventDefinitionParser
from SpiffWorkflow.bpmn.parser.TaskParser import TaskParser
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException
from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.specs.event_definitions.timer import TimerEventDefinition

from bpmn.checks import run_checks
from bpmn.document import FLOW_NODES, TIMER_TAGS, Document, kind, own_text
from bpmn.errors import Finding, ProcessRefused
from bpmn.extensions import ElementExtensions, read_extensions
from bpmn.namespaces import BPMN, tag
from bpmn.source import read_source
from bpmn.specs import (
    DetachedCall,
    ForgetfulEventGateway,
    OperationTask,
    ParallelInstances,
    SequentialInstances,
    SkippableManualTask,
    SkippableTask,
    SkippableUserTask,
    WorkingCycle,
    WorkingTimer,
    connect_instances,
)


@dataclass(frozen=True, slots=True)
class Element:
    """One node of a process as the designer drew it. ``attributes`` are the extension attributes by our names."""

    id: str
    name: str
    type: str
    line: int
    extensions: ElementExtensions
    lane: str | None
    attributes: dict[str, str]


@dataclass(frozen=True, slots=True)
class ProcessModel:
    """One executable process: ``spec`` and ``subprocess_specs`` are what ``BpmnWorkflow`` takes.

    ``called`` are the keys of the processes that call activities start (an expression stays as written).
    """

    key: str
    name: str
    spec: BpmnProcessSpec
    subprocess_specs: dict[str, BpmnProcessSpec]
    elements: dict[str, Element]
    called: set[str]
    extensions: ElementExtensions


@dataclass(frozen=True, slots=True)
class ParsedFile:
    """What one file holds. ``findings`` are warnings: with an error there is no parsed file."""

    processes: dict[str, ProcessModel]
    findings: list[Finding] = field(default_factory=list)


def parse(
    source: bytes,
    *,
    operations: Set[str] | None = None,
    groups: Set[str] | None = None,
    checked: bool = False,
) -> ParsedFile:
    """Checks and reads a process file; raises ``ProcessRefused`` and nothing else.

    ``checked``: the file passed the checks when it was deployed. It is not judged again, so that a check written
    later cannot strand instances that already run.
    """
    root = read_source(source)
    document = Document(root, operations=operations, groups=groups)
    findings = [] if checked else run_checks(document)
    if any(finding.is_error for finding in findings):
        raise ProcessRefused(findings)
    elements = {process.get("id"): _elements(process, document) for process in document.executable}
    _make_runnable(document)
    try:
        models = _models(document, elements)
    except Exception as error:  # whatever the library trips over is a finding about the file, not a crash
        raise ProcessRefused([*findings, _parser_finding(error, root)]) from error
    return ParsedFile(models, findings)


def _models(document: Document, elements: dict[str, dict[str, Element]]) -> dict[str, ProcessModel]:
    parser = _Parser()
    parser.add_bpmn_xml(document.root)
    return {process.get("id"): _model(parser, process, elements[process.get("id")]) for process in document.executable}


def _model(parser: BpmnParser, process: etree._Element, elements: dict[str, Element]) -> ProcessModel:
    key = process.get("id")
    spec = parser.get_spec(key)
    subprocess_specs = parser.get_subprocess_specs(key)
    for each in (spec, *subprocess_specs.values()):
        connect_instances(each)
    called = {call.get("calledElement") for call in process.iter(tag("callActivity")) if call.get("calledElement")}
    return ProcessModel(
        key, process.get("name") or key, spec, subprocess_specs, elements, called, read_extensions(process)
    )


def _elements(process: etree._Element, document: Document) -> dict[str, Element]:
    return {node.get("id"): _element(node, document) for node in process.iter(*map(tag, FLOW_NODES))}


def _element(node: etree._Element, document: Document) -> Element:
    extensions = read_extensions(node)
    return Element(
        id=node.get("id"),
        name=node.get("name") or "",
        type=kind(node),
        line=node.sourceline or 0,
        extensions=extensions,
        lane=document.lane_of(node),
        attributes=extensions.attributes,
    )


# --- what SpiffWorkflow must find written in the file -------------------------------------------------------------


_NOT_RUN = (
    # Data objects and stores are drawn to be read: variables pass along the flow by themselves. SpiffWorkflow would
    # take an associated variable away from the task, and wants an implementation for every store.
    "dataInputAssociation",
    "dataOutputAssociation",
    "dataStore",
    "ioSpecification",
    # Messages find their process by its business key, not by correlation expressions.
    "correlationProperty",
    "correlationSubscription",
    # Elements of other vendors may carry ids that SpiffWorkflow would take for nodes.
    "extensionElements",
)


def _make_runnable(document: Document) -> None:
    """Leaves in the tree what SpiffWorkflow should run, in its words. The designer's file stays as it is."""
    for process in document.processes:
        process.set("isExecutable", "true" if process in document.executable else "false")
    for loop in document.elements("multiInstanceLoopCharacteristics"):
        _write_collection(loop)
    for task in document.elements("sendTask"):
        if read_extensions(task).operation:
            task.tag = tag("serviceTask")
    for element in list(document.root.iter(*map(tag, _NOT_RUN))):
        element.getparent().remove(element)


def _write_collection(loop: etree._Element) -> None:
    """``camunda:collection="voters"`` → ``<loopDataInputRef>voters</loopDataInputRef>``, and so for the item."""
    extensions = read_extensions(loop)
    if extensions.element_variable and loop.find(tag("inputDataItem")) is None:
        item = etree.Element(tag("inputDataItem"), id=extensions.element_variable)
        loop.insert(_place_of(loop, "inputDataItem"), item)
    if extensions.collection and not _has_instances(loop):
        reference = etree.Element(tag("loopDataInputRef"))
        reference.text = extensions.collection
        loop.insert(_place_of(loop, "loopDataInputRef"), reference)


_LOOP_ORDER = (
    "documentation",
    "extensionElements",
    "loopCardinality",
    "loopDataInputRef",
    "loopDataOutputRef",
    "inputDataItem",
)


def _place_of(loop: etree._Element, name: str) -> int:
    before = _LOOP_ORDER[: _LOOP_ORDER.index(name)]
    return sum(1 for child in loop if kind(child) in before)


def _has_instances(loop: etree._Element) -> bool:
    return any(loop.find(tag(name)) is not None for name in ("loopCardinality", "loopDataInputRef"))


# --- SpiffWorkflow's parser, with our kinds of elements -----------------------------------------------------------


class _ReadsExtensions:
    """Gives every task spec its ``extensions``, also the one that stands for several instances."""

    PARALLEL_MI_CLASS = ParallelInstances
    SEQUENTIAL_MI_CLASS = SequentialInstances

    def parse_extensions(self, node: etree._Element | None = None) -> ElementExtensions:
        return read_extensions(self.node)

    def _copy_task_attrs(self, original, loop_characteristics=None) -> None:
        super()._copy_task_attrs(original, loop_characteristics)
        self.task.extensions = original.extensions
        self.task.bpmn_name = original.bpmn_name
        self.task.lane = original.lane


class _ReadsTimers:
    """Timers that ask the engine for the time instead of reading a clock."""

    def parse_timer_event(self, event: etree._Element) -> TimerEventDefinition:
        text = own_text(next(event.iter(*map(tag, TIMER_TAGS)), None))
        repeats = kind(self.node) == "boundaryEvent" and self.node.get("cancelActivity") == "false"
        is_cycle = event.find(tag("timeCycle")) is not None
        timer = WorkingCycle if is_cycle and repeats else WorkingTimer
        return timer(self.bpmn_id, text, description=self.get_event_description(event))


_SPECS = {
    "userTask": SkippableUserTask,
    "manualTask": SkippableManualTask,
    "task": SkippableTask,
    "serviceTask": OperationTask,
    "callActivity": DetachedCall,
    "eventBasedGateway": ForgetfulEventGateway,
}


def _parser_classes() -> Iterator[tuple[str, tuple[type[TaskParser], type]]]:
    for full_name, (base, spec) in BpmnParser.PARSER_CLASSES.items():
        ours = (_ReadsExtensions, _ReadsTimers) if issubclass(base, EventDefinitionParser) else (_ReadsExtensions,)
        parser = type(f"Binglian{base.__name__}", (*ours, base), {})
        yield full_name, (parser, _SPECS.get(full_name.removeprefix(f"{{{BPMN}}}"), spec))


class _Parser(BpmnParser):
    OVERRIDE_PARSER_CLASSES = dict(_parser_classes())


def _parser_finding(error: Exception, root: etree._Element) -> Finding:
    element_id = error.id if isinstance(error, ValidationException) else ""
    element = next((node for node in root.iter(etree.Element) if element_id and node.get("id") == element_id), None)
    return Finding(
        severity="error",
        code="not_runnable",
        element_id=element_id,
        element_name=element.get("name") or "" if element is not None else "",
        line=element.sourceline or 0 if element is not None else 0,
        message_zh=f"流程引擎不能读取此元素：{error}",
        message_en=f"The engine cannot read this element: {error}",
        advice_zh="请删除后重新绘制该元素，或与平台管理员联系。",
        advice_en="Delete the element and draw it again, or ask the administrator of the platform.",
    )

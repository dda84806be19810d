"""Gives a file without a drawing one, so that it can be shown."""

from __future__ import annotations

from collections.abc import Iterable

from bpmn_io import layout_process
from lxml import etree

from bpmn.checks import run_checks
from bpmn.checks.size import MAX_NODES
from bpmn.document import SUB_PROCESSES, Document, Scope, kind, scopes_of
from bpmn.errors import Finding, ProcessRefused
from bpmn.namespaces import BPMN, BPMNDI, tag
from bpmn.source import read_source

_DIAGRAM = f"{{{BPMNDI}}}BPMNDiagram"
_SHAPE = f"{{{BPMNDI}}}BPMNShape"


def add_layout(source: bytes) -> bytes:
    """The file with one diagram for each of its processes; a file that has shapes is returned as it is.

    Nothing else in the file changes. Raises ``ProcessRefused`` where ids are missing or taken twice, or where
    nothing can be drawn.
    """
    document = Document(read_source(source))
    if document.root.find(f".//{_SHAPE}") is not None:
        return source
    scopes = [scopes_of(process) for process in document.processes]
    _refuse_what_cannot_be_drawn(document, sum(len(scope.nodes) for inner in scopes for scope in inner))
    written = read_source(source, comments=True)
    for empty in written.findall(_DIAGRAM):
        written.remove(empty)
    written.extend(_diagram(inner) for inner in scopes if inner[0].nodes)
    return etree.tostring(written.getroottree(), xml_declaration=True, encoding="UTF-8")


def _refuse_what_cannot_be_drawn(document: Document, nodes: int) -> None:
    findings = run_checks(document, "duplicate_id", "missing_id")
    if not nodes or nodes > MAX_NODES:
        findings.append(
            _finding(
                f"文件有 {nodes} 个元素，不能自动排版（1 到 {MAX_NODES} 个）。",
                f"The file has {nodes} elements; between 1 and {MAX_NODES} can be laid out.",
            )
        )
    if findings:
        raise ProcessRefused(findings)


def _diagram(scopes: list[Scope]) -> etree._Element:
    """The diagram of one process. Only a skeleton of it is laid out, so nothing foreign can get in the way."""
    skeleton = etree.tostring(_skeleton(scopes), encoding="unicode")
    try:
        laid_out = etree.fromstring(layout_process(skeleton).encode())
    except Exception as error:  # a young library; whatever it trips over is a finding about the file
        raise ProcessRefused([_finding(f"不能自动排版：{error!r}", f"Cannot be laid out: {error!r}")]) from error
    return laid_out.find(_DIAGRAM)


def _skeleton(scopes: Iterable[Scope]) -> etree._Element:
    root = etree.Element(tag("definitions"), nsmap={"bpmn": BPMN, "bpmndi": BPMNDI}, targetNamespace="http://binglian")
    diagram = etree.Element(_DIAGRAM)
    plane = etree.SubElement(diagram, f"{{{BPMNDI}}}BPMNPlane")
    copies: dict[str, etree._Element] = {}
    for scope in scopes:
        key = scope.element.get("id")
        parent = copies[key] if key in copies else etree.SubElement(root, tag("process"), id=key)
        copies.update(_copied_nodes(scope, parent))
        _copy_flows(scope, parent, copies)
        for sub_process in scope.of_kind(*SUB_PROCESSES):
            # Without this mark, what lies in the sub-process is drawn on top of everything else.
            node_id = sub_process.get("id")
            etree.SubElement(plane, _SHAPE, id=f"{node_id}_di", bpmnElement=node_id, isExpanded="true")
    root.append(diagram)
    return root


def _copied_nodes(scope: Scope, parent: etree._Element) -> dict[str, etree._Element]:
    return {
        node_id: etree.SubElement(
            parent, tag(kind(node)), {name: node.get(name) for name in ("id", "attachedToRef") if node.get(name)}
        )
        for node_id, node in scope.nodes.items()
    }


def _copy_flows(scope: Scope, parent: etree._Element, copies: dict[str, etree._Element]) -> None:
    """Flows, and in each node the ``incoming`` and ``outgoing`` that the layout follows."""
    for flow in scope.flows:
        source, target = flow.get("sourceRef"), flow.get("targetRef")
        if source in scope.nodes and target in scope.nodes:
            etree.SubElement(parent, tag("sequenceFlow"), id=flow.get("id"), sourceRef=source, targetRef=target)
            etree.SubElement(copies[target], tag("incoming")).text = flow.get("id")
            etree.SubElement(copies[source], tag("outgoing")).text = flow.get("id")


def _finding(zh: str, en: str) -> Finding:
    return Finding("error", "no_layout", "", "", 0, zh, en)

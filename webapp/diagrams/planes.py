"""The drawing that a viewer gets: of a file with several processes the right one first, and a layout where none is."""
from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from io import BytesIO
from typing import Any

from bpmn.layout import add_layout
from bpmn.namespaces import BPMNDI, tag
from bpmn.source import read_source

_DIAGRAM = f"{{{BPMNDI}}}BPMNDiagram"
_PLANE = f"{{{BPMNDI}}}BPMNPlane"
_SHAPE = f"{{{BPMNDI}}}BPMNShape"
_LABEL = f"{{{BPMNDI}}}BPMNLabel"
LABEL_WIDTH = 84


@lru_cache(maxsize=128)
def drawing_of(source: bytes, key: str | None = None) -> bytes:
    """The file with the diagram of this process first: viewers open the first. Without a key: the file, laid out.

    Raises:
        ProcessRefused: the file cannot be read, or has no diagram and none can be made.
    """
    root = read_source(source, comments=True)
    if not any(_shows(root, diagram, key) for diagram in root.findall(_DIAGRAM)):
        for diagram in root.findall(_DIAGRAM):
            root.remove(diagram)
        root = read_source(add_layout(_written(root)), comments=True)
    diagrams = root.findall(_DIAGRAM)
    own = next((diagram for diagram in diagrams if _shows(root, diagram, key)), None)
    if own is not None and own is not diagrams[0]:
        diagrams[0].addprevious(own)
    return _written(root)


def renamed(drawing: bytes, name_of: Callable[[str, str], str]) -> bytes:
    """The drawing with other words on its elements and flows, for readers of another language.

    Args:
        name_of: (id, name) → name.
    """
    root = read_source(drawing, comments=True)
    for element in root.iter():
        if isinstance(element.tag, str) and element.get("name") and element.get("id"):
            element.set("name", name_of(element.get("id"), element.get("name")))
    for label in root.iter(_LABEL):
        _widen(label)
    return _written(root)


def _widen(label: Any) -> None:
    """Room for words that are longer than the Chinese ones that the label was drawn for."""
    for bounds in label:
        width = float(bounds.get("width") or 0)
        if width < LABEL_WIDTH:
            bounds.set("x", str(float(bounds.get("x") or 0) - (LABEL_WIDTH - width) / 2))
            bounds.set("width", str(LABEL_WIDTH))


def _shows(root: Any, diagram: Any, key: str | None) -> bool:
    """Whether a diagram has shapes and is of this process, alone or as a pool of a collaboration."""
    plane = diagram.find(_PLANE)
    if plane is None or plane.find(_SHAPE) is None:
        return False
    if key is None or plane.get("bpmnElement") == key:
        return True
    return any(
        collaboration.get("id") == plane.get("bpmnElement") and participant.get("processRef") == key
        for collaboration in root.findall(tag("collaboration"))
        for participant in collaboration.findall(tag("participant"))
    )


def _written(root: Any) -> bytes:
    buffer = BytesIO()
    root.getroottree().write(buffer, encoding="UTF-8", xml_declaration=True)
    return buffer.getvalue()

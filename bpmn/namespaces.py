"""The XML namespaces of process files, and the names in them."""

from __future__ import annotations

from lxml import etree

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
BPMNDI = "http://www.omg.org/spec/BPMN/20100524/DI"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
BINGLIAN = "http://binglian.org/schema/bpmn/1.0"
CAMUNDA = "http://camunda.org/schema/1.0/bpmn"

TOOL_NAMESPACES = frozenset(
    {
        BPMN,
        BPMNDI,
        XSI,
        "http://www.w3.org/XML/1998/namespace",
        "http://camunda.org/schema/modeler/1.0",
        "http://bpmn.io/schema/bpmn",
        "http://bpmn.io/schema/bpmn/biocolor/1.0",
        "http://www.omg.org/spec/BPMN/non-normative/color/1.0",
    }
)
"""What these hold is for drawing tools and changes nothing about how a process runs."""


def tag(local: str) -> str:
    """``userTask`` → ``{http://www.omg.org/spec/BPMN/20100524/MODEL}userTask``."""
    return f"{{{BPMN}}}{local}"


def namespace_of(name: str) -> str:
    return name[1 : name.index("}")] if name.startswith("{") else ""


def local_name(name: str) -> str:
    return name[name.rfind("}") + 1 :]


def prefixed(element: etree._Element, name: str) -> str:
    """A qualified name as the designer wrote it: ``camunda:topic``."""
    namespace = namespace_of(name)
    prefix = next((prefix for prefix, uri in element.nsmap.items() if uri == namespace), None)
    return f"{prefix}:{local_name(name)}" if prefix else local_name(name)

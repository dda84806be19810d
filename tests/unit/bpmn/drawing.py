"""Draws process files in a line or two: ``draw(start("s"), user("a"), end("e"), *chain("s", "a", "e"))``."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

NAMESPACES = (
    'xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xmlns:camunda="http://camunda.org/schema/1.0/bpmn" '
    'xmlns:binglian="http://binglian.org/schema/bpmn/1.0"'
)


def node(kind: str, element_id: str, inner: str = "", **attributes: str) -> str:
    """An element; ``binglian_limit="P5WD"`` writes ``binglian:limit="P5WD"``."""
    written = "".join(f" {name.replace('_', ':', 1)}={quoteattr(value)}" for name, value in attributes.items())
    return f'<bpmn:{kind} id="{element_id}"{written}>{inner}</bpmn:{kind}>'


def start(element_id: str = "s", inner: str = "") -> str:
    return node("startEvent", element_id, inner)


def end(element_id: str = "e", inner: str = "") -> str:
    return node("endEvent", element_id, inner)


def user(element_id: str, inner: str = "", **attributes: str) -> str:
    return node("userTask", element_id, inner, **attributes)


def flow(source: str, target: str, condition: str | None = None, flow_id: str | None = None) -> str:
    inner = ""
    if condition is not None:
        inner = (
            '<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">'
            f"{escape(condition)}</bpmn:conditionExpression>"
        )
    return node("sequenceFlow", flow_id or f"{source}_{target}", inner, sourceRef=source, targetRef=target)


def chain(*ids: str) -> list[str]:
    return [flow(source, target) for source, target in zip(ids, ids[1:], strict=False)]


def timer(kind: str, text: str) -> str:
    return (
        f'<bpmn:timerEventDefinition><bpmn:{kind} xsi:type="bpmn:tFormalExpression">{escape(text)}</bpmn:{kind}>'
        "</bpmn:timerEventDefinition>"
    )


def instances(inner: str, *, sequential: bool = False, **attributes: str) -> str:
    written = "".join(f" {name.replace('_', ':', 1)}={quoteattr(value)}" for name, value in attributes.items())
    return (
        f'<bpmn:multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}"{written}>{inner}'
        "</bpmn:multiInstanceLoopCharacteristics>"
    )


def process(*parts: str, key: str = "p", executable: str | None = "true") -> str:
    mark = f' isExecutable="{executable}"' if executable else ""
    return f'<bpmn:process id="{key}" name="流程"{mark}>' + "\n".join(parts) + "</bpmn:process>"


def file(*processes: str, before: str = "") -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<bpmn:definitions {NAMESPACES} id="d" targetNamespace="http://x">\n'
        f"{before}" + "\n".join(processes) + "</bpmn:definitions>"
    ).encode()


def draw(*parts: str, **options: str) -> bytes:
    """A file with one executable process."""
    return file(process(*parts, **options))


def line(*middle: str) -> bytes:
    """start → the given nodes, in order → end. A node is what ``node()`` returns."""
    ids = [part.split('id="', 1)[1].split('"', 1)[0] for part in middle]
    return draw(start(), *middle, end(), *chain("s", *ids, "e"))

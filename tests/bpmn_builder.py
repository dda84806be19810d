"""A few lines that draw a process for a test: `Drawing("p").chain("start", user("审查"), "end")`."""
from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

NAMESPACES = (
    'xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xmlns:camunda="http://camunda.org/schema/1.0/bpmn" '
    'xmlns:binglian="http://binglian.org/schema/bpmn/1.0"'
)


class Drawing:
    """One process under construction. `node` and `flow` add elements; `xml` is the process.

    `start` and `end` are written `<key>_start` and `<key>_end`: an id may stand only once in a file.
    """

    def __init__(self, key: str, name: str | None = None) -> None:
        self.key, self.name = key, name or key
        self._parts: list[str] = []
        self._flows = 0

    def node(self, tag: str, id: str, inside: str = "", name: str | None = None, **attributes: str) -> Drawing:
        """Attributes named `binglian_x` or `camunda_x` get that prefix."""
        written = "".join(f" {_prefixed(key)}={quoteattr(str(value))}" for key, value in attributes.items())
        self._parts.append(f'<bpmn:{tag} id="{self._id(id)}" name={quoteattr(name or id)}{written}>{inside}</bpmn:{tag}>')
        return self

    def start(self, id: str = "start") -> Drawing:
        return self.node("startEvent", id)

    def end(self, id: str = "end") -> Drawing:
        return self.node("endEvent", id)

    def user(self, id: str, **attributes: str) -> Drawing:
        return self.node("userTask", id, **attributes)

    def flow(self, source: str, target: str, condition: str | None = None, id: str | None = None) -> Drawing:
        self._flows += 1
        inside = f'<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">{escape(condition or "")}</bpmn:conditionExpression>'
        self._parts.append(
            f'<bpmn:sequenceFlow id="{id or f"{self.key}_f{self._flows}"}" sourceRef="{self._id(source)}" targetRef="{self._id(target)}">'
            f"{inside if condition else ''}</bpmn:sequenceFlow>"
        )
        return self

    def _id(self, id: str) -> str:
        return f"{self.key}_{id}" if id in ("start", "end") else id

    def chain(self, *ids: str) -> Drawing:
        for source, target in zip(ids, ids[1:], strict=False):
            self.flow(source, target)
        return self

    @property
    def xml(self) -> str:
        return (
            f'<bpmn:process id="{self.key}" name={quoteattr(self.name)} isExecutable="true">'
            f"{''.join(self._parts)}</bpmn:process>"
        )


def bpmn_file(*drawings: Drawing, extra: str = "") -> bytes:
    body = "".join(drawing.xml for drawing in drawings)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<bpmn:definitions {NAMESPACES} id="file" '
        f'targetNamespace="http://binglian.org/tests">{extra}{body}</bpmn:definitions>'
    ).encode()


def linear(steps: int, key: str = "linear") -> Drawing:
    """start → user tasks step_0 … → end."""
    drawing = Drawing(key).start()
    ids = [f"step_{n}" for n in range(steps)]
    for id in ids:
        drawing.user(id, camunda_candidateGroups="officers")
    return drawing.end().chain("start", *ids, "end")


def parallel_calls(branches: int, steps: int, key: str = "parallel") -> list[Drawing]:
    """start → 受理 → fork → one call activity a department → join → 办结 → end, and what they call."""
    drawing = Drawing(key).start().user("accept", camunda_candidateGroups="officers")
    drawing.node("parallelGateway", "fork").node("parallelGateway", "join")
    drawing.user("close", camunda_candidateGroups="officers").end().chain("start", "accept", "fork")
    for n in range(branches):
        drawing.node("callActivity", f"department_{n}", calledElement="department")
        drawing.chain("fork", f"department_{n}", "join")
    return [drawing.chain("join", "close", "end"), linear(steps, "department")]


def timer(text: str, tag: str = "timeDuration") -> str:
    """The inside of an event that waits."""
    return (
        f'<bpmn:timerEventDefinition><bpmn:{tag} xsi:type="bpmn:tFormalExpression">{escape(text)}</bpmn:{tag}>'
        "</bpmn:timerEventDefinition>"
    )


def _prefixed(key: str) -> str:
    for prefix in ("binglian", "camunda"):
        if key.startswith(f"{prefix}_"):
            return f"{prefix}:{key.removeprefix(f'{prefix}_')}"
    return key

"""An event that waits, or a task that receives, says what for.

Reason: the engine takes an event without a definition as one that has happened already, and passes on. A message
without a name can never be sent.
Example: an intermediate catch event drawn without choosing message, signal or timer.
"""

from __future__ import annotations

from lxml import etree

from bpmn.checks import Report, check, label
from bpmn.document import Document, kind
from bpmn.namespaces import local_name, tag


@check("event_definition")
def events_say_what_they_wait_for(document: Document, report: Report) -> None:
    for event in document.elements("intermediateCatchEvent", "boundaryEvent"):
        if not _definitions(event):
            _waits_for_nothing(event, report)
    for task in document.elements("receiveTask"):
        if not task.get("messageRef"):
            _waits_for_nothing(task, report)
    for definition in document.elements("messageEventDefinition", "signalEventDefinition"):
        if not _name_of(definition, document):
            report.error(
                definition,
                f"“{label(definition.getparent())}”没有选择消息或信号，或所选的没有名称。",
                f"“{label(definition.getparent())}” names no message or signal, or one without a name.",
                "请选择一个有名称的消息或信号。",
                "Choose a message or signal that has a name.",
            )
    for event in document.elements("intermediateCatchEvent", "boundaryEvent", "startEvent"):
        if len(event.findall(tag("timerEventDefinition"))) > 1:
            report.error(
                event,
                f"“{label(event)}”有两个计时器，只能有一个。",
                f"“{label(event)}” has more than one timer.",
                "请只保留一个。",
                "Keep one of them.",
            )


def _definitions(event: etree._Element) -> list[etree._Element]:
    return [child for child in event if local_name(child.tag).endswith("EventDefinition")]


def _waits_for_nothing(element: etree._Element, report: Report) -> None:
    report.error(
        element,
        f"“{label(element)}”没有说明等待什么，引擎会直接通过。",
        f"“{label(element)}” does not say what it waits for; the engine would pass it at once.",
        "请选择消息、信号或计时器。",
        "Choose a message, a signal or a timer.",
    )


def _name_of(definition: etree._Element, document: Document) -> str | None:
    """The name the engine listens for; without a reference it takes the name of the event itself."""
    wanted = "message" if kind(definition).startswith("message") else "signal"
    reference = definition.get(f"{wanted}Ref")
    if reference is None:
        return definition.getparent().get("name")
    found = [item for item in document.root.iterchildren(tag(wanted)) if item.get("id") == reference]
    return found[0].get("name") if found else reference  # a missing one is a dangling reference

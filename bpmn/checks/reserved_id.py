"""No element has an id that the engine uses for itself.

Reason: SpiffWorkflow recognises its own inner steps by name. A user task with the id ``End`` completes the whole
process at once, and everything after it is skipped without a word.
Example: ``<bpmn:endEvent id="End" />``.
"""

from __future__ import annotations

from bpmn.checks import Report, check
from bpmn.document import Document

RESERVED = frozenset({"Start", "End", "Root", "root", "StartEventSplit", "StartEventJoin"})
RESERVED_ENDINGS = (".EndJoin", ".BoundaryEventSplit", ".BoundaryEventJoin", " [child]")


@check("reserved_id")
def ids_are_not_reserved(document: Document, report: Report) -> None:
    for element in (*document.executable, *document.nodes()):
        element_id = element.get("id", "")
        if element_id in RESERVED or element_id.endswith(RESERVED_ENDINGS):
            report.error(
                element,
                f"编号“{element_id}”由引擎保留。",
                f"The id “{element_id}” is reserved for the engine.",
                f"请改用其他 id，例如“{element_id.strip('.')}_1”。",
                f"Use another id, such as “{element_id}_1”.",
            )

"""No process calls itself, directly or through others in the same file.

Reason: every call starts an instance; a process that calls itself starts them without end.
Example: process ``a`` calls ``b``, and ``b`` calls ``a``.
"""

from __future__ import annotations

from collections.abc import Iterator

import networkx
from lxml import etree

from bpmn.checks import Report, check, label
from bpmn.document import Document
from bpmn.namespaces import tag


@check("recursive_call")
def no_process_calls_itself(document: Document, report: Report) -> None:
    calls = networkx.DiGraph()
    for process, call in _static_calls(document):
        calls.add_edge(process.get("id"), call.get("calledElement"))
    for process, call in _static_calls(document):
        if networkx.has_path(calls, call.get("calledElement"), process.get("id")):
            report.error(
                call,
                f"调用活动“{label(call)}”使流程“{label(process)}”又调用自身。",
                f"The call activity “{label(call)}” makes the process “{label(process)}” call itself.",
                "请用回退连线代替递归调用。",
                "Lead a flow back instead.",
            )


def _static_calls(document: Document) -> Iterator[tuple[etree._Element, etree._Element]]:
    """(process, call activity) of every call that says which process it starts."""
    for process in document.executable:
        for call in process.iter(tag("callActivity")):
            if process.get("id") and call.get("calledElement"):
                yield process, call

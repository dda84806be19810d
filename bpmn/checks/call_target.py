"""A call activity says which process it calls.

Reason: without ``calledElement`` there is nothing to start.
Example: a call activity drawn and never filled in.
"""

from __future__ import annotations

from bpmn.checks import Report, check, label
from bpmn.document import Document


@check("call_target")
def calls_name_a_process(document: Document, report: Report) -> None:
    for call in document.elements("callActivity"):
        if not call.get("calledElement", "").strip():
            report.error(
                call,
                f"调用活动“{label(call)}”没有指定被调用的流程。",
                f"The call activity “{label(call)}” does not say which process it calls.",
                "请填写被调用流程的编号（calledElement）。",
                "Enter the id of the called process (calledElement).",
            )

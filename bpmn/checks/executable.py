"""The file holds a process that can be started.

Reason: without ``isExecutable="true"`` nobody can tell which process of a file is meant to run. Where there is only
one, it is meant; modelers forget the mark easily.
Example: two pools, both ``isExecutable="false"``.
"""

from __future__ import annotations

from bpmn.checks import Report, check, label
from bpmn.document import Document


@check("executable")
def something_can_be_started(document: Document, report: Report) -> None:
    if not document.executable:
        report.error(
            document.root,
            "文件中没有可执行的流程。" if len(document.processes) < 2 else "文件中有多个流程，但没有一个标为可执行。",
            "No process in this file can be executed."
            if len(document.processes) < 2
            else "The file has several processes and none is marked as executable.",
            "请在流程属性中勾选“可执行”。",
            "Tick “Executable” in the properties of the process.",
        )
    for process in document.executable:
        if process.get("isExecutable") != "true":
            report.warning(
                process,
                f"流程“{label(process)}”没有标为可执行；它是文件中唯一的流程，按可执行处理。",
                f"The process “{label(process)}” is not marked as executable; it is taken as such, being the only one.",
                "请在流程属性中勾选“可执行”。",
                "Tick “Executable” in the properties of the process.",
            )

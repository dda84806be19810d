"""A service task names an operation that the platform offers.

Reason: the engine calls operations by name, and only those that are registered; foreign class names, scripts and
web addresses in a file are never called.
Example: ``camunda:class="com.example.SendMail"`` instead of ``binglian:operation="send_notice"``.
"""

from __future__ import annotations

from bpmn.checks import Report, check, label
from bpmn.document import Document, kind
from bpmn.extensions import read_extensions


@check("operation")
def service_tasks_name_an_operation(document: Document, report: Report) -> None:
    known = document.operations
    offered = "、".join(sorted(known or ())[:12])
    for task in document.elements("serviceTask", "sendTask"):
        operation = read_extensions(task).operation
        if operation is None and kind(task) == "sendTask" and task.get("messageRef"):
            continue
        if operation is None:
            report.error(
                task,
                f"服务任务“{label(task)}”没有指定操作。",
                f"The service task “{label(task)}” names no operation.",
                "请填写 binglian:operation" + (f"，可用的操作：{offered}。" if offered else "。"),
                "Set binglian:operation" + (f"; there are: {offered}." if offered else "."),
            )
        elif known is not None and operation not in known:
            report.error(
                task,
                f"服务任务“{label(task)}”的操作“{operation}”不存在。",
                f"The operation “{operation}” of “{label(task)}” does not exist.",
                f"可用的操作：{offered}。" if offered else "平台目前没有可用的操作。",
                f"There are: {offered}." if offered else "The platform offers no operations yet.",
            )

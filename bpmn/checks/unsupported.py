"""No element that the engine ignores or gets wrong.

Reason: SpiffWorkflow reads some elements without doing what they mean (a signal end event signals nothing, a link
leads nowhere, an interrupting event sub-process does not interrupt). Refusing them is honest; running them is not.
Example: ``<bpmn:complexGateway>``.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from bpmn.checks import Report, check, label
from bpmn.document import TASKS, Document, carrier_of, kind

_REFUSED = {
    # kind: (name, reason, advice), each in Chinese and English
    "complexGateway": (
        ("复杂网关", "complex gateway"),
        ("引擎没有它的实现", "the engine does not implement it"),
        ("请用包容网关或排他网关", "Use inclusive or exclusive gateways."),
    ),
    "transaction": (
        ("事务子流程", "transaction"),
        ("引擎不能补偿已完成的环节", "the engine cannot compensate what is done"),
        ("请用普通子流程加边界事件", "Use a sub-process with boundary events."),
    ),
    "adHocSubProcess": (
        ("自由子流程", "ad-hoc sub-process"),
        ("引擎不能可靠地执行它", "the engine does not run it reliably"),
        ("请用并行网关列出可选环节", "List the optional steps behind a parallel gateway."),
    ),
    "businessRuleTask": (
        ("业务规则任务", "business rule task"),
        ("决策表尚未接入", "decision tables are not connected yet"),
        ("请用脚本任务或网关条件", "Use a script task or conditions on a gateway."),
    ),
    "compensateEventDefinition": (
        ("补偿事件", "compensation event"),
        ("引擎会忽略它", "the engine ignores it"),
        ("请画出撤销的环节", "Draw the steps that undo the work."),
    ),
    "linkEventDefinition": (
        ("链接事件", "link event"),
        ("引擎会忽略它，流程不会跳转", "the engine ignores it and does not jump"),
        ("请直接连线", "Connect the elements with a flow."),
    ),
    "conditionalEventDefinition": (
        ("条件事件", "conditional event"),
        ("条件后来成立时引擎不会察觉", "the engine does not notice when the condition becomes true later"),
        ("请用消息事件或网关", "Use a message event or a gateway."),
    ),
    "cancelEventDefinition": (
        ("取消事件", "cancel event"),
        ("它只能用于事务，而事务不受支持", "it belongs to transactions, which are not supported"),
        ("请用错误事件", "Use an error event."),
    ),
}
_EVENT_SUB_PROCESS = (
    ("事件子流程", "event sub-process"),
    ("引擎不会因它中断主流程", "the engine does not interrupt the main flow for it"),
    ("请用子流程加边界事件", "Use a sub-process with boundary events."),
)
_SIGNAL_END = (
    ("信号结束事件", "signal end event"),
    ("引擎会丢弃信号", "the engine drops the signal"),
    ("请在结束前加信号中间抛出事件", "Throw the signal in an intermediate event before the end."),
)
_COMPENSATION = (
    ("补偿任务", "compensation activity"),
    ("引擎不会执行补偿", "the engine does not run compensation"),
    ("请画出撤销的环节", "Draw the steps that undo the work."),
)


@check("unsupported")
def every_element_is_supported(document: Document, report: Report) -> None:
    for element, ((name_zh, name_en), (reason_zh, reason_en), advice) in _unsupported(document):
        shown = carrier_of(element)
        report.error(
            element,
            f"“{label(shown)}”不受支持（{name_zh}）：{reason_zh}。",
            f"“{label(shown)}” is not supported ({name_en}): {reason_en}.",
            f"{advice[0]}。",
            advice[1],
        )


def _unsupported(document: Document) -> Iterator[tuple[etree._Element, tuple]]:
    for element in document.elements(*_REFUSED):
        yield element, _REFUSED[kind(element)]
    for element in document.elements("subProcess"):
        if element.get("triggeredByEvent") == "true":
            yield element, _EVENT_SUB_PROCESS
    for element in document.elements("signalEventDefinition"):
        if kind(element.getparent()) == "endEvent":
            yield element, _SIGNAL_END
    for element in document.elements(*TASKS):
        if element.get("isForCompensation") == "true":
            yield element, _COMPENSATION

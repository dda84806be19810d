"""After an event-based gateway come events to wait for, each reached from there alone, at most one a timer.

Reason: the engine moves what is waited for from the events into the gateway. An event that can also be reached
another way would then no longer wait, and of two timers both would get the first one's time.
Example: an event-based gateway followed by a user task.
"""

from __future__ import annotations

from lxml import etree

from bpmn.checks import Report, check, label
from bpmn.document import Document, Scope, kind
from bpmn.namespaces import tag


@check("event_gateway")
def event_gateways_wait_for_events(document: Document, report: Report) -> None:
    for scope in document.scopes:
        for gateway in scope.of_kind("eventBasedGateway"):
            _judge(scope, gateway, report)


def _judge(scope: Scope, gateway: etree._Element, report: Report) -> None:
    targets = [scope.nodes[target] for target in scope.graph.successors(gateway.get("id"))]
    for target in targets:
        if kind(target) not in ("intermediateCatchEvent", "receiveTask"):
            report.error(
                gateway,
                f"事件网关“{label(gateway)}”后面的“{label(target)}”不是等待事件。",
                f"“{label(target)}” after the event-based gateway “{label(gateway)}” is no event to wait for.",
                "请在中间加一个消息、信号或计时事件，或改用排他网关。",
                "Put a message, signal or timer event between them, or use an exclusive gateway.",
            )
        elif scope.graph.in_degree(target.get("id")) > 1:
            report.error(
                target,
                f"“{label(target)}”既在事件网关之后，又可从别处到达，引擎从别处来时不会等待。",
                f"“{label(target)}” follows an event-based gateway and can also be reached another way, "
                "where the engine would not wait.",
                "请为另一条路径单独画一个等待事件。",
                "Draw another event for the other path.",
            )
    timers = [target for target in targets if target.find(tag("timerEventDefinition")) is not None]
    for extra in timers[1:]:
        report.error(
            extra,
            f"事件网关“{label(gateway)}”之后只能有一个计时器。",
            f"Only one timer may follow the event-based gateway “{label(gateway)}”.",
            "只有最早到期的会生效，请保留它。",
            "Only the earliest can ever matter; keep that one.",
        )

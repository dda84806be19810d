"""Where the law meets the engine, without the engine knowing it.

An *operation* is what a service task calls. A *hook* runs inside the transaction: before task rows are
written, before a child instance starts, after an instance started or ended.
"""
from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from engine.errors import OperationUnknown


@dataclass(frozen=True)
class OperationCall:
    """A service task that asks for something to be done; what the operation returns becomes variables."""

    instance_id: str
    business_key: str
    element_id: str
    variables: dict
    by: str
    at: datetime


@dataclass
class ChildStart:
    """A call activity about to start its child. A hook may change `variables` and `business_key`."""

    parent_id: str
    root_id: str
    element_id: str
    item: str | None
    called: str
    business_key: str
    variables: dict
    by: str
    at: datetime


@dataclass
class NewTask:
    """A task row about to be written. A hook may change `name`, `due_at`, `assignee` and `candidates`."""

    id: str
    instance_id: str
    root_id: str
    business_key: str
    element_id: str
    name: str
    step: str | None
    form_key: str | None
    assignee: str | None
    due_at: datetime | None
    candidates: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class InstanceChange:
    """An instance has started or ended. `ended_in` names the end event or is `cancelled`."""

    instance_id: str
    root_id: str
    parent_id: str | None
    business_key: str
    key: str
    variables: dict
    ended_in: str | None
    by: str
    at: datetime


Operation = Callable[[OperationCall], dict | None]
_operations: dict[str, Operation] = {}
_child_hooks: list[Callable[[ChildStart], None]] = []
_task_hooks: list[Callable[[list[NewTask]], None]] = []
_change_hooks: dict[str, list[Callable[[InstanceChange], None]]] = defaultdict(list)


def operation(name: str) -> Callable[[Operation], Operation]:
    """Register what `<serviceTask binglian:operation="name">` calls. A second one of the same name is refused."""

    def register(function: Operation) -> Operation:
        if name in _operations and _operations[name] is not function:
            raise ValueError(f"operation {name!r} is registered twice")
        _operations[name] = function
        return function

    return register


def operation_names() -> frozenset[str]:
    return frozenset(_operations)


def call_operation(name: str, call: OperationCall) -> dict:
    try:
        function = _operations[name]
    except KeyError:
        raise OperationUnknown(f"流程调用了平台没有的操作：{name}") from None
    return function(call) or {}


def prepares_child(hook: Callable[[ChildStart], None]) -> Callable[[ChildStart], None]:
    _child_hooks.append(hook)
    return hook


def prepares_tasks(hook: Callable[[list[NewTask]], None]) -> Callable[[list[NewTask]], None]:
    _task_hooks.append(hook)
    return hook


def hears(kind: str) -> Callable[[Callable[[InstanceChange], None]], Callable[[InstanceChange], None]]:
    """Call the function when an instance has `started` or `ended`."""
    if kind not in ("started", "ended"):
        raise ValueError(f"instances start and end; {kind!r} is neither")

    def register(hook: Callable[[InstanceChange], None]) -> Callable[[InstanceChange], None]:
        _change_hooks[kind].append(hook)
        return hook

    return register


def prepare_child(start: ChildStart) -> None:
    for hook in _child_hooks:
        hook(start)


def prepare_tasks(tasks: list[NewTask]) -> None:
    for hook in _task_hooks:
        hook(tasks)


def tell(kind: str, change: InstanceChange) -> None:
    for hook in _change_hooks[kind]:
        hook(change)

"""Stop and restart the clocks that a drawing waits for. The law's own clocks are kept by `parallel/time_limits`."""
from datetime import datetime, timedelta

from engine.calendar import CHINA
from engine.errors import ProcessNotActive
from engine.execution import Live, execution


def suspend_process(instance_id: str, *, reason: str, by: str, at: datetime) -> None:
    """Hold an instance: no task of it can be completed and its timers keep what was left of them.

    Raises:
        ProcessNotActive: it has ended or is suspended already.
    """
    with execution(by, at) as running:
        live = running.load_active(instance_id)
        for token, due, _ in live.runtime.timers():
            value = token.internal_data["event_value"]
            if value["kind"] == "working_days":
                left = running.engine.calendar.between(at.astimezone(CHINA).date(), due.astimezone(CHINA).date())
                value = {**value, "paused": {"working_days": max(left, 0)}}
            else:
                value = {**value, "paused": {"seconds": max((due - at).total_seconds(), 0)}}
            token.internal_data["event_value"] = value
        _hold(live, "suspended", ["suspended", reason])


def resume_process(instance_id: str, *, by: str, at: datetime) -> None:
    """Let a suspended instance go on; what was left of its timers counts from now.

    Raises:
        ProcessNotActive: it is not suspended.
    """
    with execution(by, at) as running:
        live = running.load(instance_id)
        if live.row.status != "suspended":
            raise ProcessNotActive("流程没有挂起。")
        for token, _, _ in live.runtime.timers():
            value = dict(token.internal_data["event_value"])
            left = value.pop("paused", None)
            if left:
                days = left.get("working_days")
                due = running.engine.calendar.due_at(at, days) if days is not None else at + timedelta(seconds=left["seconds"])
                value["due"] = due.isoformat()
            token.internal_data["event_value"] = value
        _hold(live, "active", ["resumed"])
        running.move(live)


def _hold(live: Live, status: str, told: list) -> None:
    live.row.status = status
    live.history.append(told)

from datetime import datetime

from engine.execution import execution


def cancel_process(instance_id: str, *, reason: str, by: str, at: datetime) -> None:
    """End an instance and everything it called: tasks, timers and children go. Raises NotFound."""
    with execution(by, at) as running:
        running.cancel(running.load(instance_id), reason)

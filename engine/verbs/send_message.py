from datetime import datetime

from engine import store
from engine.execution import execution


def send_message(name: str, *, business_key: str, variables: dict | None = None, by: str, at: datetime) -> int:
    """Hand a message to the active instances of a business object that wait for it; how many did."""
    reached = 0
    with execution(by, at) as running:
        for instance_id in store.active_instances(business_key):
            live = running.load(instance_id)
            if not live.ended and live.runtime.receive(name, variables or {}):
                live.history.append(["message", name])
                running.move(live)
                reached += 1
    return reached

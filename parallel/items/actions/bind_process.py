from __future__ import annotations

from datetime import datetime

from engine.api import ProcessNotFound, latest_definition
from parallel.items.actions.revise_item import revise_item
from parallel.items.errors import ProcessNotDeployed
from parallel.items.models import ServiceItem


def bind_process(code: str, process_key: str, by: str, at: datetime) -> ServiceItem:
    """绑定流程: new cases of the item run this process (ITEM-8, DEPT-3); it makes a new version of the item.

    Raises:
        ProcessNotDeployed: no version of the process is deployed.
    """
    try:
        latest_definition(process_key)
    except ProcessNotFound as error:
        raise ProcessNotDeployed(f"流程“{process_key}”尚未部署，不能绑定到事项。", field="process_key") from error
    return revise_item(code, {"process_key": process_key}, by, at)

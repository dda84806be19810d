from datetime import datetime

from engine.db import db
from engine.definitions import definition, latest_definition
from engine.execution import execution
from engine.models import ProcessInstance


def start_process(
    key: str, *, business_key: str, variables: dict, by: str, at: datetime, definition_id: int | None = None
) -> ProcessInstance:
    """Start the newest version of a process (or the version given) for one business object.

    Args:
        business_key: what the instance is about, such as `case:12`.
        variables: what the drawing's conditions read; flat values, lists and one-level dictionaries.

    Raises:
        ProcessNotFound: nothing was deployed under this key.
    """
    with execution(by, at) as running:
        chosen = definition(definition_id) if definition_id else latest_definition(key)
        instance_id = running.start(chosen, business_key, variables).row.id
    return db.session.get(ProcessInstance, instance_id)

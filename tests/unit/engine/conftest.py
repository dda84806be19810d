from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from engine.api import Task, complete_task, db, deploy, start_process, unit_of_work
from tests.bpmn_builder import bpmn_file

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # a Monday, 09:00 in China


class Desk:
    """Somebody who deploys, starts and completes, so that a test reads as what happened."""

    at = AT

    def deploy(self, *drawings, extra=""):
        source = bpmn_file(*drawings, extra=extra)
        return unit_of_work(lambda: deploy(source, file_name="test.bpmn", by="staff:designer", at=self.at))

    def start(self, key, business_key="case:1", **variables):
        return unit_of_work(
            lambda: start_process(key, business_key=business_key, variables=variables, by="staff:clerk", at=self.at)
        )

    def open(self, **criteria):
        query = select(Task).where(Task.status == "open").order_by(Task.created_at, Task.element_id)
        return list(db.session.scalars(query.filter_by(**criteria)))

    def open_names(self, **criteria):
        return sorted(task.element_id for task in self.open(**criteria))

    def task(self, element_id, **criteria):
        [found] = self.open(element_id=element_id, **criteria)
        return found

    def complete(self, element_id, variables=None, by="staff:officer", **criteria):
        task_id = self.task(element_id, **criteria).id
        unit_of_work(lambda: complete_task(task_id, by=by, at=self.at, variables=variables))


@pytest.fixture
def desk(app):
    return Desk()

"""A database with working days, catalogue and shipped processes: `pytestmark = WITH_CATALOGUE`."""
from datetime import datetime

import pytest
from flask import Flask

from bpmn.catalogue import shipped_definitions
from engine.api import CHINA, deploy, unit_of_work
from parallel.items.loading import load_catalogue
from parallel.time_limits.calendar_seed import seed_calendar

MONDAY = datetime(2026, 3, 2, 9, tzinfo=CHINA)
MANAGER = "staff:manager1"


def prepare(app: Flask) -> None:
    def act() -> None:
        seed_calendar()
        load_catalogue(MONDAY, MANAGER)
        for path, source in shipped_definitions():
            deploy(source, file_name=path.name, by=MANAGER, at=MONDAY)

    unit_of_work(act)


WITH_CATALOGUE = pytest.mark.template("shipped-catalogue", prepare)

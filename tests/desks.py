"""Fixtures of people at work: a hall with its applicants and departments, and the browsers of its staff."""
from __future__ import annotations

import re
from typing import Any

import pytest

from tests.builders import build_clerk, build_staff
from tests.builders_cases import Hall
from webapp.principal import OFFICER


@pytest.fixture
def hall(app, clock):
    hall = Hall()
    clock.set(hall.at)
    return hall


@pytest.fixture
def coded(hall):
    """A project that has its code (X00 approved)."""
    project = hall.project()
    hall.approve(hall.accepted(project, "X00").cases[0])
    return project


@pytest.fixture
def site(hall):
    """A project whose L01 may be filed: X00 and X01 are approved. The application has two drawings to hand in."""
    project = hall.project()
    for code in ("X00", "X01"):
        hall.approve(hall.accepted(project, code).cases[0])
    return project


@pytest.fixture
def desk(app, login, clock, hall):
    """`desk(*items)` is the browser of a clerk authorised for these items; the clock follows the hall's."""

    def open_desk(*items: str, name: str = "chuangkou"):
        clock.set(hall.later(minutes=1))
        return login(app.test_client(), build_clerk(name, items=items or ("*",)).id)

    return open_desk


@pytest.fixture
def officer(app, login, clock, hall):
    """`officer(department)` is the browser of its officer; the clock follows the hall's."""

    def sit_down(department: str, name: str | None = None):
        clock.set(hall.later(minutes=1))
        return login(app.test_client(), build_staff(name or f"o-{department}", OFFICER, department=department).id)

    return sit_down


def inbox_rows(browser: Any, box: str = "claimable", **arguments: Any) -> list[str]:
    """The ids of the tasks in a box."""
    page = browser.get("/inbox", query_string={"box": box, **arguments}, headers={"X-Fragment": "1"})
    assert page.status_code == 200
    return re.findall(r'id="row-([\w-]+)"', page.text)

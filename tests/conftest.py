"""What every test may ask for. `BINGLIAN_TEST_DB=postgresql` runs the same tests on PostgreSQL."""
from __future__ import annotations

import contextvars
import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, has_app_context
from flask.testing import FlaskClient

from engine.calendar import CHINA, Calendar
from engine.db import db, unit_of_work
from parallel.time_limits.calendar_seed import shipped_days
from tests.databases import Databases, PostgresDatabases, SqliteFiles, close, make_app
from tests.services import OwnPostgres, missing, postgres_url
from webapp import clock as clock_module
from webapp.identity.sessions import COOKIE, open_session

pytest_plugins = ["tests.requirements", "tests.desks"]

ON_POSTGRES = os.environ.get("BINGLIAN_TEST_DB") == "postgresql"
NOON = datetime(2026, 11, 23, 12, tzinfo=CHINA)  # a Monday


def pytest_configure(config: pytest.Config) -> None:
    """Once a run, not once a worker: where PostgreSQL is installed and not running, run one."""
    if ON_POSTGRES and not hasattr(config, "workerinput") and postgres_url() is None:
        server = OwnPostgres()
        if server.start():
            config.add_cleanup(server.stop)


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    folder = tmp_path_factory.mktemp("databases")
    if not ON_POSTGRES:
        yield SqliteFiles(folder)
        return
    server = postgres_url()
    if server is None:
        missing("no PostgreSQL server where databases may be created")
    made = PostgresDatabases(folder, server)
    yield made
    made.drop_all()


@pytest.fixture
def database_url(request: pytest.FixtureRequest, databases: Databases) -> Iterator[str]:
    """A database of this test alone: migrated, and filled as the marker `template(name, prepare)` says."""
    marker = request.node.get_closest_marker("template")
    name, prepare = marker.args if marker else ("empty", None)
    url = databases.copy(name, prepare)
    yield url
    databases.drop(url)


class SeparateClient(FlaskClient):
    """A browser whose requests share nothing with the test's own application context (session, `g`).

    The test's reading transaction ends before each, so that afterwards the test sees what the request changed.
    """

    def open(self, *args: Any, **kwargs: Any) -> Any:
        if has_app_context():
            db.session.rollback()
        return contextvars.Context().run(super().open, *args, **kwargs)


@pytest.fixture
def bare_app(database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """The application without a context, for tests that start threads or servers."""
    app = make_app(database_url, tmp_path / "data")
    app.test_client_class = SeparateClient
    yield app
    close(app)


@pytest.fixture
def app(bare_app: Flask) -> Iterator[Flask]:
    with bare_app.app_context():
        yield bare_app
        db.session.rollback()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def login(app: Flask, clock: Clock) -> Any:
    """`login(client, account)` signs a browser in as an account (its id) and gives the browser back."""

    def sign_in(client: FlaskClient, account: str) -> FlaskClient:
        token = unit_of_work(lambda: open_session(account, ip="127.0.0.1", at=clock.now()))
        client.set_cookie(COOKIE, token)
        return client

    return sign_in


class Clock:
    """Time that stands until the test moves it."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment

    def advance(self, **amount: float) -> datetime:
        """`advance(hours=2)`."""
        self.moment += timedelta(**amount)
        return self.moment

    def set(self, moment: datetime) -> datetime:
        self.moment = moment
        return moment


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The house's clock, standing at Monday noon until the test moves it."""
    standing = Clock(NOON)
    monkeypatch.setattr(clock_module, "_source", standing.now)
    return standing


@pytest.fixture(scope="session")
def calendar() -> Calendar:
    """The shipped working days of China."""
    return Calendar({day: is_workday for day, (is_workday, _) in shipped_days().items()})


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL only what touches a database runs again: the rest was tested a moment ago and is the same."""
    if ON_POSTGRES:
        touching = [item for item in items if "database_url" in getattr(item, "fixturenames", ())]
        config.hook.pytest_deselected(items=[item for item in items if item not in touching])
        items[:] = touching

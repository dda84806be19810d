"""Bringing a database to the present shape."""
from __future__ import annotations

import fcntl
import logging
from contextlib import contextmanager
from typing import Any

import flask_migrate
from flask import Flask
from sqlalchemy import text

from engine.db import db
from webapp.config import config

MIGRATION_LOCK = 0x62696E67  # "bing": one number for all processes of an installation


def migrate(app: Flask) -> None:
    """Run the migrations that are still to run. Processes that start together take turns."""
    logging.getLogger("alembic").setLevel(logging.WARNING)
    with app.app_context(), _alone():
        flask_migrate.upgrade()


@contextmanager
def _alone() -> Any:
    if db.engine.dialect.name == "sqlite":
        with (config().data_dir / "migrate.lock").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
        return
    with db.engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": MIGRATION_LOCK})
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": MIGRATION_LOCK})

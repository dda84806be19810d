"""Databases for tests: prepared once as a template, then copied for each test."""
from __future__ import annotations

import shutil
import tempfile
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask
from jinja2 import FileSystemBytecodeCache
from sqlalchemy.engine import make_url

from engine.db import db
from webapp import create_app
from webapp.schema import migrate

Prepare = Callable[[Flask], None]

CHEAP = {  # settings that make tests fast and never reach an installation
    "TESTING": True, "WTF_CSRF_ENABLED": False, "secret_key": "a key for tests that nobody else should use",
    "argon2_memory_kib": 8, "argon2_rounds": 1, "login_rate": "1000 per minute", "log_level": "ERROR", "threads": 4,
}


_templates = tempfile.TemporaryDirectory(prefix="binglian-templates-")


def make_app(url: str, data_dir: Path, **overrides: Any) -> Flask:
    app = create_app(**CHEAP | {"database_url": url, "data_dir": data_dir} | overrides)
    app.jinja_env.bytecode_cache = FileSystemBytecodeCache(_templates.name)  # each template is compiled once a run
    return app


def close(app: Flask) -> None:
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


class Databases:
    """Copies of templates; `prepare` fills a template after the migrations ran."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._templates: dict[str, str] = {}

    def copy(self, name: str, prepare: Prepare | None) -> str:
        """The address of a fresh copy of the template `name`."""
        if name not in self._templates:
            self._templates[name] = self._prepared(name, prepare)
        return self._copied(self._templates[name])

    def _prepared(self, name: str, prepare: Prepare | None) -> str:
        url = self._created(name)
        app = make_app(url, self.folder / f"data-{name}")
        migrate(app)
        if prepare:
            with app.app_context():
                prepare(app)
        close(app)
        return url

    def _created(self, name: str) -> str:
        raise NotImplementedError

    def _copied(self, template: str) -> str:
        raise NotImplementedError

    def drop(self, url: str) -> None:
        raise NotImplementedError

    def drop_all(self) -> None:
        for url in self._templates.values():
            self.drop(url)


class SqliteFiles(Databases):
    def _created(self, name: str) -> str:
        return f"sqlite:///{self.folder / name}.db"

    def _copied(self, template: str) -> str:
        copy = self.folder / f"{uuid.uuid4().hex}.db"
        shutil.copyfile(make_url(template).database, copy)
        return f"sqlite:///{copy}"

    def drop(self, url: str) -> None:
        path = Path(make_url(url).database)
        for file in path.parent.glob(path.name + "*"):
            file.unlink()


class PostgresDatabases(Databases):
    def __init__(self, folder: Path, server: str) -> None:
        super().__init__(folder)
        self._server = make_url(server)
        self._engine = sa.create_engine(server, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)

    def _created(self, name: str) -> str:
        return self._create("template1")

    def _copied(self, template: str) -> str:
        return self._create(make_url(template).database)

    def _create(self, template: str) -> str:
        name = f"binglian_test_{uuid.uuid4().hex[:12]}"
        self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self._server.set(database=name).render_as_string(hide_password=False)

    def drop(self, url: str) -> None:
        self._execute(f'DROP DATABASE IF EXISTS "{make_url(url).database}" WITH (FORCE)')

    def _execute(self, statement: str) -> None:
        with self._engine.connect() as connection:
            connection.execute(sa.text(statement))

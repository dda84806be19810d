"""Real servers for tests: the PostgreSQL that is there, or one of our own for the time of the run."""
from __future__ import annotations

import glob
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
import sqlalchemy as sa

POSTGRES_URL = "BINGLIAN_TEST_POSTGRESQL"
REQUIRE_SERVICES = "BINGLIAN_REQUIRE_SERVICES"
DEFAULT_URL = "postgresql+psycopg:///postgres"


def missing(what: str) -> None:
    """A service is not there: skip the test, or fail where services are required."""
    if os.environ.get(REQUIRE_SERVICES) == "1":
        pytest.fail(f"{what}, and {REQUIRE_SERVICES}=1")
    pytest.skip(what)


def postgres_url() -> str | None:
    """The address of a PostgreSQL server where tests may create databases, or None."""
    url = os.environ.get(POSTGRES_URL, DEFAULT_URL)
    return url if _may_create_databases(url) else None


def _may_create_databases(url: str) -> bool:
    engine = sa.create_engine(url, connect_args={"connect_timeout": 3}, poolclass=sa.NullPool)
    try:
        with engine.connect() as connection:
            return bool(connection.scalar(sa.text("SELECT rolcreatedb FROM pg_roles WHERE rolname = current_user")))
    except sa.exc.OperationalError:
        return False


class OwnPostgres:
    """A throw-away cluster in a temporary folder, for machines where PostgreSQL is installed and not running."""

    def __init__(self) -> None:
        self.folder: Path | None = None

    def start(self) -> bool:
        programs = _programs()
        if programs is None:
            return False
        self.folder = Path(tempfile.mkdtemp(prefix="binglian-pg-"))
        self._as_user = []
        if os.geteuid() == 0:  # PostgreSQL refuses root
            shutil.chown(self.folder, "postgres", "postgres")
            self._as_user = ["runuser", "-u", "postgres", "--"]
        self._programs = programs
        self._run("initdb", "-D", str(self.folder / "data"), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
        options = f"-c listen_addresses='' -c unix_socket_directories={self.folder} -c fsync=off -c max_connections=300"
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-w", "-l", str(self.folder / "log"), "-o", options, "start")
        os.environ[POSTGRES_URL] = f"postgresql+psycopg://postgres@/postgres?host={self.folder}"
        return True

    def stop(self) -> None:
        if self.folder is not None:
            self._run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "stop")
            shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program: str, *arguments: str) -> None:
        command = [*self._as_user, str(self._programs / program), *arguments]
        subprocess.run(command, check=True, capture_output=True, cwd=self.folder)


def _programs() -> Path | None:
    on_path = shutil.which("initdb")
    folders = [Path(on_path).parent] if on_path else []
    folders += [Path(folder) for folder in sorted(glob.glob("/usr/lib/postgresql/*/bin"), reverse=True)]
    return next((folder for folder in folders if (folder / "pg_ctl").exists()), None)

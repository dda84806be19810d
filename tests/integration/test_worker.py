"""Jobs in processes of their own, behind a real broker."""
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import redis

from engine.api import OutboxEvent, announce
from engine.db import db, unit_of_work
from tests.services import missing

ROOT = Path(__file__).parents[2]
SETTLED_WITHIN = 60


@pytest.fixture
def broker():
    """The address of a Redis of which we use a database of our own, emptied before and after."""
    url = os.environ.get("BINGLIAN_TEST_REDIS", "redis://127.0.0.1:6379/0").rpartition("/")[0] + "/13"
    server = redis.Redis.from_url(url, socket_connect_timeout=2)
    try:
        server.flushdb()
    except redis.ConnectionError:
        missing("no Redis server")
    yield url
    server.flushdb()


@pytest.mark.services
@pytest.mark.parametrize("commands", [
    [["-m", "webapp.cli", "worker"]],
    [["-m", "celery", "-A", "webapp.worker", "worker", "--concurrency=1", "-l", "WARNING"],
     ["-m", "celery", "-A", "webapp.worker", "beat", "-s", "beat-schedule", "-l", "WARNING"]],
], ids=["binglian worker", "Procfile"])
def test_a_worker_behind_redis_does_the_jobs_and_stops(app, database_url, broker, tmp_path, clock, commands):
    unit_of_work(lambda: announce("Whispered", {}, topics=[], at=clock.now(), key="k"))
    environment = os.environ | {
        "BINGLIAN_DATA_DIR": str(tmp_path), "BINGLIAN_DATABASE_URL": database_url, "BINGLIAN_BROKER_URL": broker,
        "PYTHONPATH": str(ROOT),
    }
    running = [subprocess.Popen([sys.executable, *command], cwd=tmp_path, env=environment) for command in commands]
    try:
        assert _settled(), "the worker did not do its jobs"
    finally:
        for process in running:
            process.send_signal(signal.SIGTERM)
        for process in running:
            process.wait(30)


def _settled():
    end = time.monotonic() + SETTLED_WITHIN
    while time.monotonic() < end:
        db.session.rollback()
        if db.session.scalar(db.select(OutboxEvent.delivered_at)) is not None:
            return True
        time.sleep(0.2)
    return False

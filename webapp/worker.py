"""Celery: who ticks the jobs. With a broker `binglian worker` runs them; without one the server does, by itself.

Settings as measured and reasoned in reliability 2j: late acknowledgement, no result backend, JSON only, short
messages, no message that waits for a date.
"""
from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from celery import Celery
from celery.beat import EmbeddedService, Scheduler
from flask import Flask

from webapp import create_app
from webapp.jobs import JOBS, Job

HARD_LIMIT_SECONDS = 600

SETTINGS: dict[str, Any] = {
    "task_acks_late": True,
    "task_reject_on_worker_lost": True,
    "task_ignore_result": True,
    "task_time_limit": HARD_LIMIT_SECONDS,
    "task_serializer": "json",
    "accept_content": ["json"],
    "enable_utc": True,
    "timezone": "UTC",
    "worker_prefetch_multiplier": 1,
    "broker_connection_retry_on_startup": True,
    "broker_transport_options": {"visibility_timeout": 2 * HARD_LIMIT_SECONDS},
    "worker_redirect_stdouts": False,
    "worker_hijack_root_logger": False,
}
# In one process: with Celery's defaults the in-memory broker is forty times slower (dependencies.md, row 4).
IN_PROCESS: dict[str, Any] = {
    "broker_url": "memory://localhost/",
    "broker_transport_options": {"polling_interval": 0.02},
    "worker_prefetch_multiplier": 8,
    "task_time_limit": None,  # threads cannot be stopped
}


def create_celery(app: Flask) -> Celery:
    config = app.extensions["binglian"]
    celery = Celery("binglian", set_as_current=False)
    celery.conf.update(SETTINGS)
    celery.conf.update({"broker_url": config.broker_url} if config.broker_url else IN_PROCESS)
    if config.broker_url.startswith("filesystem"):
        celery.conf.broker_transport_options = _folders(config.data_dir / "broker")
    for each in JOBS.values():
        celery.task(name=each.name, shared=False)(_tick(each, app))
    celery.conf.beat_schedule = {
        each.name: {"task": each.name, "schedule": each.every, "options": {"expires": max(each.every, 2)}}
        for each in JOBS.values()
    }
    return celery


def __getattr__(name: str) -> Celery:
    """`celery -A webapp.worker …` finds the application here, made when it is asked for."""
    if name != "celery":
        raise AttributeError(name)
    return create_celery(create_app())


def _tick(job: Job, app: Flask) -> Callable[[], None]:
    def tick() -> None:
        job.run(app)

    return tick


def _folders(folder: Any) -> dict[str, Any]:
    folder.mkdir(parents=True, exist_ok=True)
    return {"data_folder_in": str(folder), "data_folder_out": str(folder), "polling_interval": 0.05}


class InProcessJobs:
    """Worker and beat as threads of the server."""

    def __init__(self, app: Flask) -> None:
        celery = create_celery(app)
        celery.set_default()  # the pool's threads ask for the process's application
        self._worker = celery.WorkController(pool="threads", concurrency=len(JOBS), without_gossip=True,
                                             without_mingle=True, without_heartbeat=True)
        self._beat = EmbeddedService(celery, thread=True, scheduler_cls=Scheduler)
        self._thread = threading.Thread(target=self._worker.start, name="jobs", daemon=True)

    def start(self) -> None:
        self._thread.start()
        self._beat.start()

    def stop(self, timeout: float = 5.0) -> None:
        self._beat.stop()
        self._worker.stop()
        self._thread.join(timeout)


def run_worker(concurrency: int, *, with_beat: bool) -> None:
    """`binglian worker`: jobs in a process of its own, until it is told to stop."""
    app = create_app()
    celery = create_celery(app)
    arguments = ["worker", f"--concurrency={concurrency}", "--loglevel=WARNING", "--pool=threads"]
    if with_beat:
        arguments += ["--beat", "--scheduler=celery.beat:Scheduler"]
    celery.worker_main(arguments)

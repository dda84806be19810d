"""`binglian serve`: one process that serves the site and, without a broker, runs the jobs too."""
from __future__ import annotations

import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any

import uvicorn
from flask import Flask

from integrations.investment_platform.sandbox import InvestmentPlatformSandbox
from integrations.sms.sandbox import SmsSandbox
from webapp import clock
from webapp.asgi import AsgiApp, create_asgi_app
from webapp.config import Config
from webapp.worker import InProcessJobs

GRACE_SECONDS = 5
SANDBOX_KEY = "sandbox"


class Server(uvicorn.Server):
    """Uvicorn that ends live pages before it waits for open answers, and says when it is ready."""

    def __init__(self, config: uvicorn.Config, asgi: AsgiApp, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._asgi, self._ready = asgi, ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._asgi.hub.close()
        await super().shutdown(sockets)


@contextmanager
def sandboxes(config: Config) -> Iterator[tuple[Config, dict[str, str]]]:
    """Stand-ins for the partner systems that are not configured: the settings that reach them, and their addresses."""
    with ExitStack() as running:
        changes, addresses = {}, {}
        for name, sandbox in (("investment_platform", InvestmentPlatformSandbox), ("sms", SmsSandbox)):
            if not getattr(config, f"{name}_url"):
                server = running.enter_context(sandbox(SANDBOX_KEY, clock.now))
                changes |= {f"{name}_url": server.url, f"{name}_key": SANDBOX_KEY}
                addresses[server.title] = server.url
        yield replace(config, **changes), addresses


def listen(config: Config) -> socket.socket:
    """The port, taken before anything else so that a second start says so at once. Raises OSError."""
    listener = socket.socket(socket.AF_INET6 if ":" in config.host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((config.host, config.port))
    except OSError:
        listener.close()
        raise
    return listener


def serve(app: Flask, listener: socket.socket, *, with_jobs: bool, ready: Callable[[], None]) -> None:
    """Serve until SIGINT or SIGTERM."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what uvicorn raises again ends us like Ctrl-C
    asgi = create_asgi_app(app)
    settings: dict[str, Any] = {
        "log_level": "warning", "access_log": False, "proxy_headers": False, "server_header": False,
        "timeout_graceful_shutdown": GRACE_SECONDS,
    }
    jobs = InProcessJobs(app) if with_jobs else None
    if jobs:
        jobs.start()
    try:
        Server(uvicorn.Config(asgi, **settings), asgi, ready).run(sockets=[listener])
    except KeyboardInterrupt:
        pass  # uvicorn raises the signal again after it has stopped
    finally:
        if jobs:
            jobs.stop()

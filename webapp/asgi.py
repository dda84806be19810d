"""The server's entry: Flask in a bounded pool of threads, live pages in the event loop.

`uvicorn --factory webapp.asgi:create_asgi_app` serves it; `binglian serve` also ends live pages promptly.
"""
from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from a2wsgi import WSGIMiddleware
from flask import Flask

from webapp import create_app
from webapp.live.hub import Hub, Receive, Send
from webapp.live.outbox_reader import Change, OutboxReader

LIVE = "/live/"
STREAM_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"), (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"), (b"x-content-type-options", b"nosniff"),
]
FULL = b'{"title": "Too many live pages are open", "status": 503}'


class AsgiApp:
    def __init__(self, app: Flask) -> None:
        config = app.extensions["binglian"]
        self.app = app
        self._wsgi = WSGIMiddleware(app, workers=config.threads)
        self._reader = OutboxReader(app)
        self._reading = ThreadPoolExecutor(1, thread_name_prefix="live")
        self.hub = Hub(self._read, limit=config.live_limit)

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live_and_die(receive, send)
        elif scope["type"] == "http" and scope["path"].startswith(LIVE) and scope["method"] == "GET":
            await self._stream(scope, receive, send)
        else:
            await self._wsgi(scope, receive, send)

    async def _live_and_die(self, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        self.hub.close()
        self._reading.shutdown(wait=False)
        self._wsgi.executor.shutdown(wait=False)
        await send({"type": "lifespan.shutdown.complete"})

    async def _read(self) -> list[Change]:
        return await asyncio.get_running_loop().run_in_executor(self._reading, self._reader.read)

    async def _stream(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        answer = await self._asked(scope)
        if answer.status != 200:
            await answer.pass_on(send)
        elif self.hub.is_full:
            await Answer(503, [(b"content-type", b"application/problem+json"), (b"retry-after", b"30")], FULL).pass_on(send)
        else:
            await send({"type": "http.response.start", "status": 200, "headers": STREAM_HEADERS})
            is_return = any(name == b"last-event-id" for name, _ in scope["headers"])
            topics = tuple(json.loads(answer.body)["topics"])
            await self.hub.stream(topics, receive, send, is_return=is_return)

    async def _asked(self, scope: dict[str, Any]) -> Answer:
        """Flask's answer to the same request, with the same cookies (webapp/live/routes.py)."""
        answer = Answer()
        await self._wsgi(scope, _no_body, answer.take)
        return answer


class Answer:
    """A small answer held in memory."""

    def __init__(self, status: int = 0, headers: list | None = None, body: bytes = b"") -> None:
        self.status, self.headers, self.body = status, headers or [], body

    async def take(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], message["headers"]
        else:
            self.body += message.get("body", b"")

    async def pass_on(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        await send({"type": "http.response.body", "body": self.body, "more_body": False})


async def _no_body() -> dict[str, Any]:
    return {"type": "http.request", "body": b"", "more_body": False}


def create_asgi_app(app: Flask | None = None) -> Callable[..., Awaitable[None]]:
    return AsgiApp(app or create_app())

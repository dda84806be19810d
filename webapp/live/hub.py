"""Open streams and what they listen to. Runs in the event loop: a stream costs memory, no thread."""
from __future__ import annotations

import asyncio
import json
import time
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from typing import Any

import structlog

from webapp.live.outbox_reader import Change

log = structlog.get_logger(__name__)

POLL_SECONDS = 0.3
AFTER_ERROR_SECONDS = 2.0
PING_SECONDS = 15.0
STREAM_SECONDS = 300.0  # then the browser comes back and is asked again who it is
RECENT_SECONDS = 10.0
RETRY_MILLISECONDS = 2000

Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]


class Listener:
    """One stream. What it has not yet been told waits as one entry a topic, however slow it reads."""

    def __init__(self, topics: tuple[str, ...]) -> None:
        self.topics = topics
        self.wake = asyncio.Event()
        self.gone = False
        self._waiting: dict[str, Change] = {}

    def tell(self, change: Change) -> None:
        for topic in change.topics:
            if topic in self.topics:
                self._waiting[topic] = change
                self.wake.set()

    def take(self) -> bytes:
        self.wake.clear()
        waiting, self._waiting = self._waiting, {}
        return b"".join(_event(topic, change) for topic, change in waiting.items())

    def leave(self) -> None:
        self.gone = True
        self.wake.set()


class Hub:
    """Polls the outbox while someone listens and tells each change to those who listen to one of its topics."""

    def __init__(self, read: Callable[[], Awaitable[list[Change]]], *, limit: int) -> None:
        self._read = read
        self._limit = limit
        self._listeners: dict[str, set[Listener]] = defaultdict(set)
        self._open: set[Listener] = set()
        self._recent: deque[tuple[float, Change]] = deque(maxlen=1000)
        self._watcher: asyncio.Task | None = None
        self._closed = False

    @property
    def is_full(self) -> bool:
        return self._closed or len(self._open) >= self._limit

    def close(self) -> None:
        """End every stream; no new one is opened."""
        self._closed = True
        for listener in self._open:
            listener.leave()
        if self._watcher:
            self._watcher.cancel()

    async def stream(self, topics: tuple[str, ...], receive: Receive, send: Send, *, is_return: bool) -> None:
        """Send what happens under the topics until the browser goes, time is up or the house closes.

        Args:
            is_return: the browser was here before and may have missed something; it is told of every topic once.
        """
        listener = self._join(topics)
        leaving = asyncio.create_task(_until_disconnected(receive, listener))
        try:
            await send(_chunk(f"retry: {RETRY_MILLISECONDS}\nid: 0\n\n".encode()))
            if is_return:
                listener.tell(Change(0, "Returned", topics))
            await self._talk(listener, send)
        finally:
            leaving.cancel()
            self._part(listener)

    async def _talk(self, listener: Listener, send: Send) -> None:
        end = time.monotonic() + STREAM_SECONDS
        while not listener.gone and time.monotonic() < end:
            try:
                await asyncio.wait_for(listener.wake.wait(), PING_SECONDS)
                news = listener.take()
            except TimeoutError:
                news = b": ping\n\n"
            if news and not listener.gone:
                await send(_chunk(news))
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    def _join(self, topics: tuple[str, ...]) -> Listener:
        listener = Listener(topics)
        self._open.add(listener)
        for topic in topics:
            self._listeners[topic].add(listener)
        since = time.monotonic() - RECENT_SECONDS
        for moment, change in self._recent:
            if moment >= since:
                listener.tell(change)
        if self._watcher is None or self._watcher.done():
            self._watcher = asyncio.create_task(self._watch())
        return listener

    def _part(self, listener: Listener) -> None:
        self._open.discard(listener)
        for topic in listener.topics:
            self._listeners[topic].discard(listener)
            if not self._listeners[topic]:
                del self._listeners[topic]

    async def _watch(self) -> None:
        """While someone listens. After the last one left, the reader keeps its place for the next."""
        while self._open and not self._closed:
            pause = POLL_SECONDS
            try:
                self._spread(await self._read())
            except Exception as error:  # the database is away: listeners wait, and hear later what they missed
                log.warning("live pages cannot read the outbox", error=str(error))
                pause = AFTER_ERROR_SECONDS
            await asyncio.sleep(pause)

    def _spread(self, changes: list[Change]) -> None:
        now = time.monotonic()
        for change in changes:
            self._recent.append((now, change))
            for topic in change.topics:
                for listener in self._listeners.get(topic, ()):
                    listener.tell(change)


async def _until_disconnected(receive: Receive, listener: Listener) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    listener.leave()


def _chunk(body: bytes) -> dict[str, Any]:
    return {"type": "http.response.body", "body": body, "more_body": True}


def _event(topic: str, change: Change) -> bytes:
    data = json.dumps({"topic": topic, "kind": change.kind, "id": change.id}, ensure_ascii=False)
    return f"event: changed\ndata: {data}\n\n".encode()

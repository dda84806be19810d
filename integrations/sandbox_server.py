"""A small real server for the sandboxes: threads of the standard library, a free port, stopped with its owner."""
from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable
from html import escape
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

BODY_AT_MOST = 1 << 20


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


class SandboxServer:
    """Serves `answer(method, path, headers, body) -> (status, object)` and pages that show what came in.

    `/` is a page for people, `/received` the same as JSON. `received` is kept in memory.
    """

    title = "Sandbox"

    def __init__(self, port: int = 0) -> None:
        self.received: list[dict[str, Any]] = []
        self._lock = threading.Lock()
        self._server = make_server("127.0.0.1", port, self._wsgi, server_class=_Server, handler_class=_Quiet)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self.next_status: int | None = None  # tests: answer the next call with this status, after its effect

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def start(self) -> SandboxServer:
        self._thread.start()
        return self

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(2)

    def __enter__(self) -> SandboxServer:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def answer(self, path: str, headers: Callable[[str], str], body: bytes) -> tuple[int, dict[str, Any]]:
        raise NotImplementedError

    def _wsgi(self, environ: dict[str, Any], start_response: Callable) -> Iterable[bytes]:
        status, kind, content = self._respond(environ)
        start_response(f"{status} {'OK' if status < 300 else 'Refused'}", [
            ("Content-Type", kind), ("Content-Length", str(len(content))), ("X-Content-Type-Options", "nosniff"),
        ])
        return [content]

    def _respond(self, environ: dict[str, Any]) -> tuple[int, str, bytes]:
        path = environ["PATH_INFO"]
        if environ["REQUEST_METHOD"] == "GET":
            if path == "/received":
                return 200, "application/json", json.dumps(self.received, ensure_ascii=False).encode()
            return 200, "text/html; charset=utf-8", self._page().encode()
        length = int(environ.get("CONTENT_LENGTH") or 0)
        if length > BODY_AT_MOST:
            return 413, "application/json", b"{}"
        body = environ["wsgi.input"].read(length)
        with self._lock:
            status, answer = self.answer(path, lambda name: environ.get(f"HTTP_{name}", ""), body)
            if self.next_status is not None:
                status, self.next_status = self.next_status, None
        return status, "application/json", json.dumps(answer, ensure_ascii=False).encode()

    def _page(self) -> str:
        rows = "".join(
            "<tr>" + "".join(f"<td>{escape(str(value))}</td>" for value in entry.values()) + "</tr>"
            for entry in reversed(self.received)
        )
        head = "".join(f"<th>{escape(name)}</th>" for name in (self.received[-1] if self.received else ()))
        return (
            f"<!doctype html><meta charset=utf-8><title>{escape(self.title)}</title><h1>{escape(self.title)}</h1>"
            f"<p>{len(self.received)}</p><table border=1><tr>{head}</tr>{rows}</table>"
        )

"""Providers of data on loopback: a real HTTP server that answers as tests tell it to, and remembers what it was asked."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Asked:
    """One request."""

    method: str
    path: str
    params: dict[str, str]
    headers: dict[str, str]
    body: Any


@dataclass
class Said:
    """One answer: a JSON value, or text with its content type; `after` seconds."""

    value: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    after: float = 0.0
    content_type: str = "application/json"

    @property
    def content(self) -> bytes:
        return self.value.encode() if isinstance(self.value, str) else json.dumps(self.value).encode()


Handler = Callable[[Asked], Said]


class Vendors:
    """`says(path, handler)`: what a path, or all paths under one that ends in a slash, answers from now on."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._handlers: dict[str, Handler] = {}
        self._lock = threading.Lock()
        self.asked: list[Asked] = []
        self.at_once = 0
        self.most_at_once = 0

    def says(self, path: str, handler: Handler | Said | Any) -> None:
        if callable(handler):
            self._handlers[path] = handler
        else:
            said = handler if isinstance(handler, Said) else Said(handler)
            self._handlers[path] = lambda _asked: said

    def forget(self) -> None:
        self._handlers.clear()
        self.asked.clear()
        self.at_once = self.most_at_once = 0

    def counted(self) -> Counter[str]:
        """How often each path was asked."""
        return Counter(each.path for each in self.asked)

    def answer(self, asked: Asked) -> Said:
        with self._lock:
            self.asked.append(asked)
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            places = [
                path
                for path in self._handlers
                if asked.path == path or (path[-1] == "/" and asked.path.startswith(path))
            ]
            said = self._handlers[max(places, key=len)](asked) if places else Said({"error": "no such path"}, 404)
            if said.after:
                time.sleep(said.after)
            return said
        finally:
            with self._lock:
                self.at_once -= 1


@contextmanager
def running() -> Iterator[Vendors]:
    """The server, on a free port of loopback."""

    class Answering(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1

        def _answer(self) -> None:
            parts = urlsplit(self.path)
            content = self.rfile.read(int(self.headers.get("content-length") or 0))
            try:
                body = json.loads(content) if content else None
            except ValueError:
                body = content.decode(errors="replace")
            headers = {name.casefold(): value for name, value in self.headers.items()}
            said = vendors.answer(Asked(self.command, parts.path, dict(parse_qsl(parts.query)), headers, body))
            self.send_response(said.status)
            self.send_header("Content-Type", said.content_type)
            for name, value in said.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(said.content)))
            self.end_headers()
            self.wfile.write(said.content)

        do_GET = do_POST = _answer  # noqa: N815  the names of http.server

        def log_message(self, *_: Any) -> None:
            """Nobody reads it."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 256

        def handle_error(self, *_: Any) -> None:
            """A client that gave up waiting is what some tests are about."""

    server = Server(("127.0.0.1", 0), Answering)
    vendors = Vendors(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield vendors
    finally:
        server.shutdown()
        server.server_close()

"""A real HTTP server of pictures that behaves as badly as a test asks: `server.answers[path] = ...`."""

from __future__ import annotations

import socket
import ssl
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import monotonic, sleep
from typing import Any

Answer = Callable[[Any], None]


class PictureServer:
    """Listens on 127.0.0.1. `seen` has each request's path and headers, `most_at_once` the requests in progress."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.answers: dict[str, Answer] = {}
        self.seen: list[tuple[str, dict[str, str]]] = []
        self.times: list[float] = []
        self.most_at_once = self._now = 0
        self._lock = threading.Lock()
        self._httpd = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._httpd.daemon_threads = True
        if tls:
            self._httpd.socket = tls.wrap_socket(self._httpd.socket, server_side=True)
        self.port = int(self._httpd.server_address[1])
        threading.Thread(target=self._httpd.serve_forever, args=(0.02,), daemon=True).start()

    def url(self, path: str, host: str = "localhost") -> str:
        return f"http://{host}:{self.port}{path}"

    def count(self, path: str) -> int:
        return Counter(path for path, _ in self.seen)[path]

    def close(self) -> None:
        self._httpd.shutdown()
        self._httpd.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                with server._lock:
                    server.seen.append((self.path, {k.lower(): v for k, v in self.headers.items()}))
                    server.times.append(monotonic())
                    server._now += 1
                    server.most_at_once = max(server.most_at_once, server._now)
                try:
                    server.answers.get(self.path, status(404))(self)
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True  # the client has had enough
                finally:
                    with server._lock:
                        server._now -= 1

            def log_message(self, format: str, *args: object) -> None:
                pass

        return Handler


@contextmanager
def picture_server(tls: ssl.SSLContext | None = None) -> Iterator[PictureServer]:
    server = PictureServer(tls)
    try:
        yield server
    finally:
        server.close()


def image(data: bytes, kind: str = "image/png", **headers: str) -> Answer:
    """Answer with a picture. Keyword arguments are further headers: `etag`, `last_modified`."""

    def answer(request: Any) -> None:
        named = {name.replace("_", "-").title(): value for name, value in headers.items()}
        known = request.headers.get("If-None-Match"), request.headers.get("If-Modified-Since")
        if any(value and value in known for value in named.values()):
            request.send_response(304)
            request.end_headers()
            return
        request.send_response(200)
        declared = {"Content-Type": kind, "Content-Length": str(len(data)), **named}
        for name, value in declared.items():
            if value:
                request.send_header(name, value)
        request.end_headers()
        request.wfile.write(data)

    return answer


def status(code: int, **headers: str) -> Answer:
    def answer(request: Any) -> None:
        request.send_response(code)
        for name, value in headers.items():
            request.send_header(name.replace("_", "-").title(), value)
        request.send_header("Content-Length", "0")
        request.end_headers()

    return answer


def redirect(location: str) -> Answer:
    return status(302, location=location)


def endless(request: Any) -> None:
    """Send chunk after chunk, without a declared size."""
    request.send_response(200)
    request.send_header("Content-Type", "image/png")
    request.send_header("Transfer-Encoding", "chunked")
    request.end_headers()
    while True:
        request.wfile.write(b"4000\r\n" + bytes(0x4000) + b"\r\n")


def trickle(request: Any) -> None:
    """Send a byte of a header now and then, so that no single read is slow."""
    request.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while True:
        request.wfile.write(b"a")
        request.wfile.flush()
        sleep(0.05)


def silent(request: Any) -> None:
    sleep(3)


def cut_off(request: Any) -> None:
    """Declare more than is sent."""
    request.send_response(200)
    request.send_header("Content-Type", "image/png")
    request.send_header("Content-Length", "10000")
    request.end_headers()
    request.wfile.write(b"\x89PNG")
    request.wfile.flush()
    request.connection.shutdown(socket.SHUT_RDWR)

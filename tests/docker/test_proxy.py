"""The Caddyfile as Caddy reads it, in front of two small servers that report what reached them."""

from __future__ import annotations

import gzip
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.support.proxy import Proxy, proxy
from tests.support.topology import processes
from tools.bootstrap.machine import HOST

SECRET = "5f1c0ffee5f1c0ffee5f1c0f"
PICTURE = b"RIFF not really a picture" * 100


class Upstream(BaseHTTPRequestHandler):
    """Answers every request with a description of it, as JSON."""

    protocol_version = "HTTP/1.1"
    server_version = "upstream/1"
    name = ""

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        reported = {"server": self.name, "path": self.path, "headers": dict(self.headers), "body": len(body)}
        answer = json.dumps({**reported, "padding": "x" * 2000}).encode()
        self.send_response(302 if self.path.startswith("/away") else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        if self.path.startswith("/away"):
            self.send_header("Location", f"/there?PROLIFIC_PID={SECRET}")
        self.end_headers()
        self.wfile.write(answer)

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *said: Any) -> None:
        pass


def _upstream(name: str) -> ThreadingHTTPServer:
    server = ThreadingHTTPServer((HOST, 0), type(name, (Upstream,), {"name": name}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    folder = tmp_path_factory.mktemp("proxy")
    media = folder / "media"
    (media / "photos").mkdir(parents=True)
    for name in ("photos/a.webp", "photos/notes.txt", "photos/page.html"):
        (media / name).write_bytes(PICTURE)
    (folder / "private.png").write_bytes(PICTURE)  # beside the public folder, as the registry's files are
    servers = [_upstream("web"), _upstream("ws")]
    web, ws = (server.server_address[1] for server in servers)
    with processes(folder) as (family, _), proxy(family, folder, web, ws, media) as running:
        yield running
    for server in servers:
        server.shutdown()
        server.server_close()


def reported(front: Proxy, path: str, **requested: Any) -> dict[str, Any]:
    answer, body = front.ask(path, **requested)
    assert answer.status == 200, body
    found: dict[str, Any] = json.loads(body)
    return found


@pytest.mark.parametrize(
    "path", ["/metrics", "/readyz", "/metrics?x=1", "/METRICS", "//metrics", "/x/../metrics", "/%6Detrics"]
)
def test_internal_addresses_do_not_exist_outside(front: Proxy, path: str) -> None:
    answer, body = front.ask(path)
    assert (answer.status, body) == (404, b"")


@pytest.mark.parametrize(
    ("path", "server"),
    [("/", "web"), ("/api/v1/search", "web"), ("/healthz", "web"), ("/ws/search/", "ws"), ("/wsx", "web")],
)
def test_sockets_go_to_ws_and_the_rest_to_web(front: Proxy, path: str, server: str) -> None:
    found = reported(front, f"{path}?q=1")
    assert (found["server"], found["path"]) == (server, f"{path}?q=1")


def test_pictures_are_served_to_be_kept(front: Proxy) -> None:
    answer, body = front.ask("/media/photos/a.webp")
    assert (answer.status, body) == (200, PICTURE)
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Type"] == "image/webp"


@pytest.mark.parametrize(
    "path", ["", "photos/", "photos", "photos/notes.txt", "photos/page.html", "photos/none.webp",
             "../private.png", "..%2Fprivate.png", "photos/..%2f..%2fprivate.png"],
)  # fmt: skip
def test_nothing_else_is_in_the_media_folder(front: Proxy, path: str) -> None:
    answer, body = front.ask(f"/media/{path}")
    assert (answer.status, PICTURE in body) in {(404, False), (200, False)}
    if answer.status == 200:  # the path led out of /media/, so web must refuse it
        assert json.loads(body)["server"] == "web"


def test_answers_are_compressed(front: Proxy) -> None:
    answer, body = front.ask("/", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert json.loads(gzip.decompress(body))["server"] == "web"
    answer, _ = front.ask("/", headers={"Accept-Encoding": "zstd, gzip"})
    assert answer.headers["Content-Encoding"] == "zstd"


@pytest.mark.parametrize("path", ["/", "/ws/search/", "/metrics", "/media/photos/a.webp", "/media/none.webp"])
def test_no_answer_reveals_the_server(front: Proxy, path: str) -> None:
    answer, _ = front.ask(path)
    assert "Server" not in answer.headers
    assert "X-Powered-By" not in answer.headers


@pytest.mark.parametrize("path", ["/api/v1/search", "/ws/search/"])
def test_a_client_cannot_forge_its_address_or_host(front: Proxy, path: str) -> None:
    forged = {
        "X-Forwarded-For": "203.0.113.9, 198.51.100.1",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "evil.example",
        "Forwarded": "for=203.0.113.9",
    }
    headers = reported(front, path, headers=forged)["headers"]
    assert headers["X-Forwarded-For"] == HOST
    assert headers["X-Forwarded-Proto"] == "http"
    assert "203.0.113.9" not in str(headers)
    assert "evil.example" not in str(headers)


def test_bodies_arrive_complete(front: Proxy) -> None:
    for size in (10, 1_999_999, 5_000_000):
        assert reported(front, "/api/v1/search", method="POST", body=b"x" * size)["body"] == size


def test_log_contains_the_path_but_no_personal_data(front: Proxy) -> None:
    marks = {"Referer": f"http://{HOST}/?PROLIFIC_PID={SECRET}", "X-Forwarded-For": "203.0.113.9"}
    marks |= {"Authorization": f"Bearer {SECRET}", "Cookie": f"sessionid={SECRET}"}
    marks |= {"X-Request-ID": "id-12345678"}
    for path in ("/campaigns/7/", "/away", "/metrics", "/media/none.webp", "/ws/search/"):
        front.ask(f"{path}?PROLIFIC_PID={SECRET}&x=%3F", headers=marks)
    deadline = time.monotonic() + 10
    while not (lines := _requests(front.log, "/ws/search/", "id-12345678")):
        assert time.monotonic() < deadline, front.log.read_text()
        time.sleep(0.05)
    text = front.log.read_text()
    assert SECRET not in text
    assert "203.0.113.9" not in text
    assert lines[-1]["request"]["remote_ip"] == lines[-1]["request"]["client_ip"] == "127.0.0.0"
    assert lines[-1]["request"]["uri"] == "/ws/search/"
    assert lines[-1]["status"] == 200
    assert _requests(front.log, "/campaigns/7/", "id-12345678")


def test_errors_are_logged_without_the_query_too(front: Proxy, tmp_path: Path) -> None:
    """With an unavailable upstream, Caddy logs the failure separately from the request."""
    with processes(tmp_path) as (family, _), proxy(family, tmp_path, 1, 1, tmp_path) as alone:
        answer, _ = alone.ask(f"/campaigns/7/?PROLIFIC_PID={SECRET}")
        assert answer.status == 502
        deadline = time.monotonic() + 10
        while "http.log.error" not in alone.log.read_text():
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert SECRET not in alone.log.read_text()


def _requests(log: Path, uri: str, request_id: str) -> list[dict[str, Any]]:
    found = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    return [
        line
        for line in found
        if line.get("request", {}).get("uri") == uri
        and [request_id] in line["request"].get("headers", {}).values()
    ]

"""Slow clients, over real sockets against the demo's server: limited, and harmless to others."""

from __future__ import annotations

import http.client
import json
import os
import resource
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import connect

from tests.support.slow_server import GRACE_S, HEAD_S, MAX_UNFINISHED, MIN_BYTES_PER_S
from tools.bootstrap.machine import HOST, port_free
from tools.demo.server import raise_file_limit
from webapp.config.environment import BASE_DIR

CONNECTION_WAIT_S = 30.0
HALF = b"POST /x HTTP/1.1\r\nHost: localhost\r\n"


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    port, log = port_free(), tmp_path_factory.mktemp("slow") / "log"
    environ = {
        **os.environ,
        "SKETCHFIND_DATA_DIR": str(log.parent),
        "DJANGO_SETTINGS_MODULE": "webapp.settings",
    }
    command = [sys.executable, "-m", "tests.support.slow_server", str(port)]
    with (
        log.open("wb") as file,
        subprocess.Popen(command, cwd=BASE_DIR, env=environ, stdout=file, stderr=file) as server,
    ):
        try:
            deadline = time.monotonic() + 90
            while not _listens(port):
                assert server.poll() is None, log.read_text()
                assert time.monotonic() < deadline, log.read_text()
                time.sleep(0.1)
            yield port
        finally:
            server.kill()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0


def opened(port: int, data: bytes = b"") -> socket.socket:
    client = socket.create_connection((HOST, port), timeout=CONNECTION_WAIT_S)
    client.sendall(data)
    return client


def ended(client: socket.socket) -> bytes:
    """Return what the server sends until it closes. Fails if it does not close."""
    said = b""
    try:
        while block := client.recv(65536):
            said += block
    except ConnectionResetError:
        pass  # also closed: the server had not read everything
    return said


def trickle(client: socket.socket, byte: bytes) -> bytes:
    """Send a byte every tenth of a second until the server closes. Return what it sent."""
    deadline = time.monotonic() + CONNECTION_WAIT_S
    client.settimeout(0.1)
    said = b""
    while time.monotonic() < deadline:
        try:
            client.sendall(byte)
            block = client.recv(65536)
        except TimeoutError:
            continue
        except OSError:
            return said
        if not block:
            return said
        said += block
    pytest.fail("it was never closed")


def requested(port: int, body: bytes = b"whole") -> bytes:
    connection = http.client.HTTPConnection(HOST, port, timeout=CONNECTION_WAIT_S)
    connection.request("POST", "/x", body)
    answer = connection.getresponse()
    assert answer.status == 200
    return answer.read().strip()


@pytest.mark.parametrize("head", [b"", b"POST", HALF])
def test_a_missing_head_ends_the_connection(port: int, head: Any) -> None:
    with opened(port, head) as client:
        assert requested(port) == b"5"
        assert ended(client) == b""


def test_a_head_that_trickles_ends_the_connection(port: int) -> None:
    with opened(port, HALF + b"X: ") as client:
        assert trickle(client, b"a") == b""


def test_half_a_second_head_ends_a_connection_that_had_its_answer(port: int) -> None:
    with opened(port, HALF + b"Content-Length: 2\r\n\r\nab" + HALF) as client:
        said = ended(client)
    assert said.count(b"HTTP/1.1 200 OK") == 1
    assert said.endswith(b"    2")


def test_a_body_that_trickles_is_answered_408(port: int) -> None:
    with opened(port, HALF + b"Content-Length: 1000\r\n\r\n") as client:
        head, _, body = trickle(client, b"a").partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 408 ")
    assert b"application/problem+json" in head
    assert json.loads(body)["status"] == 408


def test_a_body_that_still_trickles_after_its_answer_ends_the_connection(port: int) -> None:
    with opened(port, HALF.replace(b"/x", b"/unread") + b"Content-Length: 1000\r\n\r\n") as client:
        assert trickle(client, b"a").startswith(b"HTTP/1.1 200 OK")


def test_a_long_body_at_a_sufficient_rate_is_read(port: int) -> None:
    chunk = b"a" * int(MIN_BYTES_PER_S)
    head = HALF + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % (8 * len(chunk))
    with opened(port, head) as client:
        started = time.monotonic()
        for _ in range(8):
            time.sleep(GRACE_S / 4)
            client.sendall(chunk)
        assert time.monotonic() - started > 1.5 * GRACE_S
        assert ended(client).endswith(b"  800")


def test_an_answer_may_take_longer_than_a_head(port: int) -> None:
    with opened(port, HALF.replace(b"/x", b"/late") + b"Content-Length: 0\r\n\r\n") as client:
        assert client.recv(65536).startswith(b"HTTP/1.1 200 OK")


def test_a_socket_stays_open(port: int) -> None:
    with connect(f"ws://{HOST}:{port}/", open_timeout=CONNECTION_WAIT_S) as websocket:
        time.sleep(2 * HEAD_S)
        websocket.send("there?")
        assert websocket.recv(CONNECTION_WAIT_S) == "here"


def test_of_many_half_sent_requests_the_oldest_are_closed_and_complete_ones_served(port: int) -> None:
    heads = [opened(port, HALF) for _ in range(2 * MAX_UNFINISHED)]
    bodies = [opened(port, HALF + b"Content-Length: 1000\r\n\r\na") for _ in range(2 * MAX_UNFINISHED)]
    try:
        assert [requested(port) for _ in range(3)] == [b"5"] * 3
        assert all(ended(client) == b"" for client in [*heads, *bodies[:MAX_UNFINISHED]])
        assert all(ended(client).startswith(b"HTTP/1.1 408") for client in bodies[-3:])
    finally:
        for client in [*heads, *bodies]:
            client.close()


def test_a_shells_low_limit_of_files_is_raised(tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(256, before[0]), before[1]))
        most = min(before[1], 600) if before[1] != resource.RLIM_INFINITY else 600
        assert raise_file_limit(600) == most == resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        assert raise_file_limit(10) == most  # never lowered
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)

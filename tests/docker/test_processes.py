"""compose.yml's own commands with production variables: what they serve, refuse, log and measure."""

from __future__ import annotations

import http.client
import json
import os
import re
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml
from websockets.sync.client import connect
from websockets.typing import Origin

from tests.e2e.site_process import fresh_database
from tests.support.proxy import proxy
from tests.support.slow_clients import SlowClients
from tests.support.topology import ROOT, Topology, processes
from tools.bootstrap.machine import HOST

pytestmark = [pytest.mark.database, pytest.mark.slow]

SERVICES = yaml.safe_load((ROOT / "docker" / "compose.yml").read_text())["services"]
FEED = "sku,name,category,photo\nA1,Stool,stools,1.png\n"
BROWSER = {"Host": "shop.example", "X-Forwarded-Proto": "https"}  # as the proxy hands it on
# What compose substitutes for a variable that .env does not set.
DEFAULT = re.compile(r"\$\{\w+:-([^}]*)\}")


class Composed(Topology):
    """Services of compose.yml, each on a free port."""

    def service(self, name: str) -> None:
        program, *words = (DEFAULT.sub(r"\1", str(word)) for word in SERVICES[name]["command"])
        if name == "web":
            words += ["--bind", f"{HOST}:{self._port(name)}", "--workers", "2"]
        if "--port" in words:
            words[words.index("--port") + 1] = str(self._port(name))
        self._start(name, [program, *words])

    def manage(self, *command: str) -> str:
        """Return the output of a management command."""
        return self._python(["manage.py", *command])

    def ask(self, name: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, Any, str]:
        """Return status, headers and text of an answer, without following redirects."""
        connection = http.client.HTTPConnection(self.urls[name].removeprefix("http://"), timeout=30)
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request("POST" if body is not None else "GET", path, body, {**BROWSER, **given})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read().decode()

    def records(self, name: str) -> list[dict[str, Any]]:
        """Return a service's log; every line is JSON."""
        return [json.loads(line) for line in self.log(name).splitlines()]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Composed]:
    folder = tmp_path_factory.mktemp("composed")
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
    database = fresh_database(os.environ.get("SKETCHFIND_DATABASE_URL", ""), f"composed_{worker}")
    environ = {
        "SKETCHFIND_DATABASE_URL": database or f"sqlite:///{folder / 'db.sqlite3'}",
        "SKETCHFIND_REDIS_URL": os.environ.get("SKETCHFIND_REDIS_URL", ""),
        "SKETCHFIND_SECRET_KEY": uuid.uuid4().hex * 2,
        "SKETCHFIND_ALLOWED_HOSTS": "shop.example",
        "SKETCHFIND_PROXY_COUNT": "1",
        "SKETCHFIND_LOG_FORMAT": "json",
        "SKETCHFIND_LOG_LEVEL": "INFO",
    }
    with processes(folder) as (family, _):
        site = Composed(family, folder, environ)
        assert SERVICES["migrate"]["command"][:2] == ["python", "manage.py"]
        site.manage(*SERVICES["migrate"]["command"][2:])
        for name in ("web", "ws", "worker", "beat"):
            site.service(name)
        for name in ("web", "ws"):
            site.until(partial(_up, site, name), name, within_s=90)
        yield site


def _up(site: Composed, name: str) -> bool:
    """Return whether a service is up, by its own health check."""
    program, *words = SERVICES[name]["healthcheck"]["test"][1:]
    assert (program, words[-1]) == ("python", {"web": "8000", "ws": "8001"}[name])
    port = site.urls[name].rpartition(":")[2]
    requested = subprocess.run([sys.executable, *words[:-1], port], cwd=ROOT, capture_output=True)
    return requested.returncode == 0


@pytest.fixture(scope="module")
def token(site: Composed) -> str:
    """An operator's API token."""
    return site.manage(
        "create_operator", "op", "--password", uuid.uuid4().hex, "--token", "tests"
    ).splitlines()[-1]


def test_one_id_leads_from_the_request_to_the_workers_log(site: Composed, token: str) -> None:
    request_id, boundary = uuid.uuid4().hex, "b"
    body = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="feed"; filename="feed.csv"\r\n'
        f"Content-Type: text/csv\r\n\r\n{FEED}\r\n--{boundary}--\r\n"
    ).encode()
    status, headers, text = site.ask(
        "web",
        "/api/v1/catalog/imports/",
        body,
        Authorization=f"Bearer {token}",
        Content_Type=f"multipart/form-data; boundary={boundary}",
        X_Request_ID=request_id,
    )
    assert (status, headers["X-Request-ID"]) == (202, request_id), text

    def ended() -> bool:
        return any(line["event"] == "task_succeeded" for line in lines("worker"))

    def lines(name: str) -> list[dict[str, Any]]:
        return [line for line in site.records(name) if line.get("request_id") == request_id]

    site.until(ended, "the import's job", within_s=60)
    assert [line["code"] for line in lines("web") if line["event"] == "request_finished"] == [202]
    assert {"task_started", "task_succeeded"} <= {line["event"] for line in lines("worker")}
    assert all(line["timestamp"] and line["level"] for line in [*lines("web"), *lines("worker")])


def test_pages_stay_on_https_and_run_only_our_scripts(site: Composed) -> None:
    status, headers, _ = site.ask("web", "/api/v1/categories/")
    assert status == 200
    assert "max-age=31536000" in headers["Strict-Transport-Security"]
    assert "script-src 'self'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    status, headers, _ = site.ask("web", "/admin/login/")
    assert all("Secure" in cookie for cookie in headers.get_all("Set-Cookie"))
    status, headers, _ = site.ask("web", "/api/v1/categories/", X_Forwarded_Proto="http")
    assert (status, headers["Location"]) == (301, "https://shop.example/api/v1/categories/")


def test_other_names_than_the_sites_are_refused(site: Composed) -> None:
    assert site.ask("web", "/api/v1/categories/", Host="evil.example")[0] == 400
    assert site.ask("web", "/healthz", Host="10.0.0.7:8000", X_Forwarded_Proto="http")[0] == 200


def test_bodies_beyond_the_bound_are_refused_unread(site: Composed) -> None:
    for name in ("web", "ws"):
        status, _, text = site.ask(name, "/api/v1/search", b"", Content_Length=str(10**12))
        assert (status, json.loads(text)["status"]) == (413, 413), name


def test_metrics_are_for_operators_and_cover_all_processes(site: Composed, token: str) -> None:
    assert site.ask("web", "/metrics")[0] == 401

    def reported() -> dict[str, float]:
        # As Prometheus scrapes: at the replica's own address, without a proxy.
        status, _, text = site.ask(
            "web", "/metrics", Host="10.0.0.7:8000", X_Forwarded_Proto="http", Authorization=f"Bearer {token}"
        )
        assert status == 200
        found = re.findall(r"^(\w+(?:\{[^}]*\})?) (\S+)$", text, re.MULTILINE)
        return {name: float(value) for name, value in found}

    name = next(found for found in reported() if "requests_total_by_method" in found and "GET" in found)
    counts = [reported()[name] for _ in range(8)]
    assert counts == sorted(counts)  # whichever process answers
    assert counts[-1] >= counts[0] + 7
    site_figures = reported()
    assert site_figures['sketchfind_queue_waiting{queue="train"}'] == 0
    assert site_figures["sketchfind_release_number"] == 0


def test_beat_keeps_its_schedule_where_its_health_check_looks(site: Composed) -> None:
    command = SERVICES["beat"]["healthcheck"]["test"][1].replace("/data", str(site.folder / "var"))
    assert "/data" in SERVICES["beat"]["healthcheck"]["test"][1]
    site.until(lambda: subprocess.run(command, shell=True).returncode == 0, "beat", within_s=60)


def test_worker_answers_its_health_check(site: Composed) -> None:
    command = SERVICES["worker"]["healthcheck"]["test"][1].replace("$$HOSTNAME", os.uname().nodename)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    requested = subprocess.run(
        command, shell=True, cwd=ROOT, env={**site.environ, "PATH": path}, capture_output=True, text=True
    )
    assert requested.returncode == 0, requested.stdout + requested.stderr
    assert "pong" in requested.stdout


SLOW = 150  # with 8 threads in each of two processes, a tenth of this was enough


@pytest.mark.parametrize("name", ["web", "ws", "proxy"])
@pytest.mark.parametrize("part", ["headers", "body"])
def test_slow_clients_do_not_delay_others(site: Composed, name: str, part: str, tmp_path: Path) -> None:
    """Their connections stay open while others are answered, by the servers and through the proxy."""
    ports = {name: int(site.urls[name].rpartition(":")[2]) for name in ("web", "ws")}
    with processes(tmp_path) as (family, _), ExitStack() as stack:
        if name == "proxy":
            front = stack.enter_context(proxy(family, tmp_path, ports["web"], ports["ws"], tmp_path))
            ports["proxy"] = int(front.url.rpartition(":")[2])
        redirected = {("proxy", "/api/v1/categories/")}
        # The point is to be answered at all: before, no request ever was.
        with SlowClients(ports[name], part, SLOW, BROWSER) as clients:
            for path in ("/healthz", "/api/v1/categories/") * 3:
                connection = http.client.HTTPConnection(HOST, ports[name], timeout=30)
                connection.request("GET", path, headers=BROWSER)
                # Through the proxy the second is a redirect to https, which the site sends too.
                assert connection.getresponse().status == (301 if (name, path) in redirected else 200)
                connection.close()
            assert clients.holding() >= SLOW * 0.9


def test_no_log_line_holds_a_query(site: Composed) -> None:
    secret = uuid.uuid4().hex
    url = f"ws://shop.example/ws/search/?PROLIFIC_PID={secret}"
    line = socket.create_connection((HOST, int(site.urls["ws"].rpartition(":")[2])), timeout=30)
    forwarded = {"X-Forwarded-Proto": "https"}
    with connect(
        url, sock=line, origin=Origin("https://shop.example"), additional_headers=forwarded
    ) as opened:
        opened.recv(10)
    for name in ("web", "ws"):
        for path in ("/", "/nowhere/", "/api/v1/categories/"):
            site.ask(name, f"{path}?PROLIFIC_PID={secret}", X_Request_ID=secret[::-1])
    site.until(lambda: secret[::-1] in site.log("ws"), "the log", within_s=10)
    assert "/ws/search/" in site.log("ws")
    for name in ("web", "ws"):
        assert "/nowhere/" in site.log(name)
        assert secret not in site.log(name)


def test_every_line_is_json(site: Composed) -> None:
    time.sleep(0.2)
    for name in ("web", "ws", "worker", "beat"):
        assert all("event" in record for record in site.records(name)), name


def test_checks_of_a_deployment_find_nothing(site: Composed) -> None:
    said = site.manage("check", "--deploy", "--fail-level", "WARNING")
    assert "no issues" in said

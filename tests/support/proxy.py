"""A real Caddy with the Caddyfile that is shipped, in front of servers of a test."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path

from tests.support.topology import ROOT
from webapp.bootstrap.machine import HOST, port_free
from webapp.bootstrap.supervisor import Family

START_S = 30.0


@dataclass(frozen=True, slots=True)
class Proxy:
    """A running Caddy: its address, and the file that it logs to."""

    url: str
    log: Path

    def ask(
        self, path: str, *, method: str = "GET", body: bytes | None = None, headers: Mapping[str, str] = {}
    ) -> tuple[HTTPResponse, bytes]:
        """An answer and its body."""
        connection = HTTPConnection(self.url.removeprefix("http://"), timeout=20)
        try:
            connection.request(method, path, body, dict(headers))
            answer = connection.getresponse()
            return answer, answer.read()
        finally:
            connection.close()


@contextmanager
def proxy(family: Family, folder: Path, web: int, ws: int, media: Path) -> Iterator[Proxy]:
    """Serves plain HTTP; `web` and `ws` are ports of this machine, `media` the folder of public pictures."""
    port = port_free(31_000)
    url = f"http://{HOST}:{port}"
    environ = {
        **os.environ,
        "SITE_NAME": url,
        "WEB_HOST": HOST,
        "WEB_PORT": str(web),
        "WS_HOST": HOST,
        "WS_PORT": str(ws),
        "MEDIA_ROOT": str(media),
        "CADDY_ADMIN": f"{HOST}:{port_free(port + 1)}",
        "XDG_DATA_HOME": str(folder),
        "XDG_CONFIG_HOME": str(folder),
    }
    program = str(Path(sys.executable).with_name("caddy"))
    log = folder / "caddy.log"
    run = [program, "run", "--config", str(ROOT / "docker" / "Caddyfile"), "--adapter", "caddyfile"]
    child = family.start("Caddy", run, cwd=ROOT, env=environ, log=log)
    running, deadline = Proxy(url, log), time.monotonic() + START_S
    while True:
        assert child.process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        try:
            running.ask("/metrics")
            break
        except OSError:
            time.sleep(0.05)
    yield running

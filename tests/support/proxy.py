"""A real Caddy with the shipped Caddyfile, in front of a test's servers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path

from tests.support.topology import ROOT
from tools.bootstrap.machine import HOST, port_free
from tools.bootstrap.supervisor import Family

START_S = 30.0


@dataclass(frozen=True, slots=True)
class Proxy:
    """A running Caddy: its address, and the file that it logs to."""

    url: str
    log: Path

    def ask(
        self, path: str, *, method: str = "GET", body: bytes | None = None, headers: Mapping[str, str] = {}
    ) -> tuple[HTTPResponse, bytes]:
        """Return an answer and its body."""
        connection = HTTPConnection(self.url.removeprefix("http://"), timeout=20)
        try:
            connection.request(method, path, body, dict(headers))
            answer = connection.getresponse()
            return answer, answer.read()
        finally:
            connection.close()


@contextmanager
def proxy(family: Family, folder: Path, web: int, ws: int, media: Path) -> Iterator[Proxy]:
    """Serve plain HTTP; `web` and `ws` are local ports, `media` is the folder of public pictures."""
    port = port_free(31_000)
    environ = {
        **os.environ,
        "SITE_NAME": f"http://:{port}",
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
    adapt = [program, "adapt", "--config", str(ROOT / "docker" / "Caddyfile"), "--adapter", "caddyfile"]
    config = json.loads(subprocess.run(adapt, env=environ, capture_output=True, check=True).stdout)
    (server,) = config["apps"]["http"]["servers"].values()
    server["listen"] = [f"{HOST}:{port}"]  # and not all addresses of this machine
    (folder / "caddy.json").write_text(json.dumps(config))
    log = folder / "caddy.log"
    run = [program, "run", "--config", str(folder / "caddy.json")]
    child = family.start("Caddy", run, cwd=folder, env=environ, log=log)
    running, deadline = Proxy(f"http://{HOST}:{port}", log), time.monotonic() + START_S
    while True:
        assert child.process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        try:
            running.ask("/metrics")
            break
        except OSError:
            time.sleep(0.05)
    yield running

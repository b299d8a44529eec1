"""A fake demo, run by its path: the same supervisor and probe over two light servers.

`python fake_site.py PIDS_FOLDER PORT [MODE]`. Every process writes its id to PIDS_FOLDER.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

BOOTSTRAP = Path(__file__).parents[3] / "tools" / "bootstrap"


class Site(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.answer([{"name": "chair", "sketch": {"width": 1, "height": 1, "strokes": []}}])

    def do_POST(self) -> None:
        query = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.answer({"results": [{"rank": 1}] if "sketch" in query else []})

    def answer(self, body: Any) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())


def note_pid(pids: Path, name: str) -> None:
    (pids / name).write_text(str(os.getpid()))


def web(pids: Path, port: int) -> None:
    note_pid(pids, "web")
    time.sleep(0.3)  # so that the first probe finds no server
    HTTPServer(("127.0.0.1", port), Site).serve_forever()


def worker(pids: Path, stubborn: bool) -> None:
    note_pid(pids, "worker")
    if stubborn:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    pool = subprocess.Popen([sys.executable, __file__, "pool", str(pids)])

    def end(*_: object) -> None:
        pool.kill()
        sys.exit(0)

    if not stubborn:
        signal.signal(signal.SIGTERM, end)
    pool.wait()


def trainer(pids: Path) -> None:
    """Fail on the first two starts, as if out of memory."""
    print("trainer starts", flush=True)
    starts = (pids / "trainer.log").read_text().count("trainer starts")
    if starts < 3:
        sys.exit(f"start {starts}: no memory")
    note_pid(pids, "trainer")
    time.sleep(60)


def pool(pids: Path) -> None:
    note_pid(pids, "pool")
    time.sleep(60)


def main(pids: Path, port: int, mode: str) -> None:
    sys.path.append(str(BOOTSTRAP.parent))
    from bootstrap import cli, demo  # type: ignore[import-not-found]
    from bootstrap.console import Console  # type: ignore[import-not-found]
    from bootstrap.services import Services  # type: ignore[import-not-found]
    from bootstrap.supervisor import Family  # type: ignore[import-not-found]

    note_pid(pids, "supervisor")

    def fake_demo(root: Path, environ: Mapping[str, str]) -> int:
        with Console() as console, Family(grace_s=1.0) as family:
            services = Services(family, console, first_pause_s=0.2)

            def start(*names: str) -> None:
                for name in names:
                    command = [sys.executable, __file__, name, str(pids), str(port), mode]
                    services.add(name, command, cwd=pids, log=pids / f"{name}.log")

            servers = ("web", "worker") if mode != "broken" else ("broken",)
            followers = ("trainer",) if mode == "trainer" else ()
            url = f"http://127.0.0.1:{port}"
            status: int = demo.serve(
                console, services, url, lambda: start(*servers), lambda: start(*followers)
            )
            return status

    cli.COMMANDS["demo"] = fake_demo
    sys.exit(cli.main(["demo"]))


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["web", pids, port, mode]:
            web(Path(pids), int(port))
        case ["worker", pids, port, mode]:
            worker(Path(pids), mode == "stubborn")
        case ["trainer", pids, *_]:
            trainer(Path(pids))
        case ["pool", pids]:
            pool(Path(pids))
        case ["broken", *_]:
            sys.exit("DATABASE_URL: 'nonsense' is not a database")
        case [pids, port, mode]:
            main(Path(pids), int(port), mode)

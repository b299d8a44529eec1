"""A stand-in for the demo, run by its path: the same supervisor and probe over two light servers.

`python fake_site.py PIDS_FOLDER PORT [MODE]`. Every process leaves its id in PIDS_FOLDER.
"""

import json
import os
import signal
import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

BOOTSTRAP = Path(__file__).parents[2] / "webapp" / "bootstrap"


class Site(BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer([{"name": "chair", "sketch": {"width": 1, "height": 1, "strokes": []}}])

    def do_POST(self):
        query = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.answer({"results": [{"rank": 1}] if "sketch" in query else []})

    def answer(self, body):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())


def note_pid(pids, name):
    (pids / name).write_text(str(os.getpid()))


def web(pids, port):
    note_pid(pids, "web")
    time.sleep(0.3)  # so that the first probe finds nobody there
    HTTPServer(("127.0.0.1", port), Site).serve_forever()


def worker(pids, stubborn):
    note_pid(pids, "worker")
    if stubborn:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    pool = subprocess.Popen([sys.executable, __file__, "pool", str(pids)])
    if not stubborn:
        signal.signal(signal.SIGTERM, lambda *_: (pool.kill(), sys.exit(0)))
    pool.wait()


def trainer(pids):
    """Its first two starts fail, as they would where memory is short."""
    print("trainer starts", flush=True)
    starts = (pids / "trainer.log").read_text().count("trainer starts")
    if starts < 3:
        sys.exit(f"start {starts}: no memory")
    note_pid(pids, "trainer")
    time.sleep(60)


def pool(pids):
    note_pid(pids, "pool")
    time.sleep(60)


def main(pids, port, mode):
    sys.path.append(str(BOOTSTRAP.parent))
    from bootstrap import cli, demo
    from bootstrap.console import Console
    from bootstrap.services import Services
    from bootstrap.supervisor import Family

    note_pid(pids, "supervisor")

    def fake_demo(root, environ):
        with Console() as console, Family(grace_s=1.0) as family:
            services = Services(family, console, first_pause_s=0.2)

            def start(*names):
                for name in names:
                    command = [sys.executable, __file__, name, str(pids), str(port), mode]
                    services.add(name, command, cwd=pids, log=pids / f"{name}.log")

            servers = ("web", "worker") if mode != "broken" else ("broken",)
            followers = ("trainer",) if mode == "trainer" else ()
            url = f"http://127.0.0.1:{port}"
            return demo.serve(console, services, url, lambda: start(*servers), lambda: start(*followers))

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

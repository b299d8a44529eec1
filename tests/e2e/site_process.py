"""The real site for browsers: its own database, files and server process, with part of the demo catalogue."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit, urlunsplit

import psycopg

from ml.sketch.strokes import parse_sketch
from tests.e2e.sketches import NAMED, payload
from tests.support.example_recogniser import example_recogniser
from tests.support.migrated import migrated_copy
from tools.bootstrap.machine import HOST, port_free

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "webapp" / "catalog" / "demo" / "data"
MODEL = ROOT / "ml" / "zoo" / "sketchfind"
START_S = 90.0
# The whole demo takes a minute to import and index. A few of every category show the same; tests search for seats.
MANY = {"chair": 16, "armchair": 8, "stool": 6, "sofa": 8, "lamp": 6}
SiteT = TypeVar("SiteT", bound="Site")


class Site:
    """`prepare` once, then `start` and `stop` any number of times: the address stays the same."""

    def __init__(self, folder: Path, database_url: str, redis_url: str) -> None:
        self.folder = folder
        self.port = port_free()
        self.url = f"http://{HOST}:{self.port}"
        self.log = folder / "web.log"
        self._process: subprocess.Popen[bytes] | None = None
        self.environ = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.e2e.site_settings",
            "SKETCHFIND_DATA_DIR": str(folder / "var"),
            "SKETCHFIND_MEDIA_URL": f"file:{folder / 'media'}",
            "SKETCHFIND_DATABASE_URL": database_url or f"sqlite:///{folder / 'site.sqlite3'}",
            "SKETCHFIND_REDIS_URL": redis_url,
            "SKETCHFIND_SECRET_KEY": "browser tests " * 4,
            "SKETCHFIND_LOG_LEVEL": "WARNING",
            "SKETCHFIND_LOGIN_RATE": "1000",  # every test signs in, from one address
        }

    def prepare(self) -> None:
        """Create tables, products and a live release."""
        if not migrated_copy(self.environ["SKETCHFIND_DATABASE_URL"]):
            self.manage("migrate", "--noinput")
        self.manage("catalog_import", str(_feed(self.folder)), "--images", str(DEMO))
        examples = {name: parse_sketch(payload(strokes)) for name, strokes in NAMED.items()}
        example_recogniser(self.folder / "recogniser", examples)
        self.manage("release_build", "--model", str(MODEL))

    def start(self) -> None:
        """Start the server and wait until it can answer searches."""
        command = [sys.executable, "-m", "uvicorn", "webapp.asgi:application", "--host", HOST]
        options = ["--port", str(self.port), "--lifespan", "off", "--no-access-log"]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*command, *options], cwd=ROOT, env=self.environ, stdout=log, stderr=log
            )
        deadline = time.monotonic() + START_S
        while not self._ready():
            assert self._process.poll() is None, f"the server ended:\n{self.log.read_text()[-4000:]}"
            assert time.monotonic() < deadline, (
                f"no server in {START_S:.0f} s:\n{self.log.read_text()[-4000:]}"
            )
            time.sleep(0.1)

    def stop(self) -> None:
        """Kill the server as in a crash: open connections break."""
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None

    @contextmanager
    def hung(self) -> Iterator[None]:
        """Suspend the server within the block: the system accepts connections for it, and nothing is answered."""
        assert self._process
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def get(self, path: str) -> Any:
        """Return JSON of the API."""
        with urllib.request.urlopen(f"{self.url}/api/v1/{path}", timeout=20) as answer:
            return json.load(answer)

    def wait_answers_of(self, release: int, *, within_s: float = 20.0) -> None:
        """Wait until it answers with that release, since a process follows the pointer with a delay."""
        ends = time.monotonic() + within_s
        while (answering := self.get("release/")["id"]) != release:
            assert time.monotonic() < ends, f"answers by release {answering}, not {release}"
            time.sleep(0.1)

    def post(self, path: str, body: Any) -> Any:
        """Post JSON to the API anonymously. Return the answer."""
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.url}/api/v1/{path}", json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.load(answer)

    def categories(self) -> dict[str, str]:
        """Return the category slug of every product by id."""
        found: dict[str, str] = {}
        for category in self.get("categories/"):
            page = self.get(f"products/?category={category['slug']}")
            found |= {str(product["id"]): category["slug"] for product in page["results"]}
        return found

    def manage(self, *command: str) -> str:
        """Return the output of a management command, run beside the server."""
        done = subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=ROOT,
            env=self.environ,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, f"manage.py {command[0]}:\n{done.stdout}{done.stderr}"
        return done.stdout

    def _ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False


def _feed(folder: Path) -> Path:
    """Return part of the demo's feed: all its categories, with few products in each."""
    seen: Counter[str] = Counter()
    kept = []
    for line in (DEMO / "products.jsonl").read_text().splitlines():
        category = json.loads(line)["category"]
        if seen[category] < MANY.get(category, 1):
            seen[category] += 1
            kept.append(line)
    feed = folder / "products.jsonl"
    feed.write_text("\n".join(kept) + "\n")
    shutil.copy(DEMO / "categories.json", folder)
    return feed


@contextmanager
def running(site: SiteT) -> Iterator[SiteT]:
    """Yield a site, prepared and started, until the end of the block."""
    site.prepare()
    try:
        site.start()
        yield site
    finally:
        site.stop()


def fresh_stores(name: str) -> tuple[str, str]:
    """Return an empty database and a Redis for this test process only; "" if unused."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
    database = fresh_database(os.environ.get("SKETCHFIND_DATABASE_URL", ""), f"{name}_{worker}")
    return database, os.environ.get("SKETCHFIND_REDIS_URL", "")


def fresh_database(server_url: str, name: str) -> str:
    """Create an empty database on the PostgreSQL server of `server_url`. Return its URL; "" stays ""."""
    if not server_url.startswith("postgres"):
        return ""
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())
        connection.execute(f"CREATE DATABASE {name}".encode())
    return urlunsplit(urlsplit(server_url)._replace(path=f"/{name}"))

"""The processes of a production site on free ports, which tests can kill: stores, web, sockets, workers, beat."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg

from tests.support.migrated import migrated_copy
from tools.bootstrap.console import Console
from tools.bootstrap.distribution import POSTGRESQL, REDIS
from tools.bootstrap.machine import HOST, port_free
from tools.bootstrap.stores.servers import SURVIVING, postgresql_make, postgresql_serve, redis_serve
from tools.bootstrap.supervisor import Child, Family
from tools.bootstrap.workshop import Workshop

ROOT = Path(__file__).resolve().parents[2]
START_S = 90.0


class Stores:
    """Private PostgreSQL and Redis servers, which can be killed and restarted on the same ports."""

    def __init__(self, shop: Workshop, folder: Path) -> None:
        self._shop, self._folder = shop, folder
        initdb, redis_server = POSTGRESQL.find(os.environ), REDIS.find(os.environ)
        assert initdb, "no PostgreSQL: apt-get install postgresql"
        assert redis_server, "no Redis: apt-get install redis-server"
        self._initdb, self._redis_server = initdb, redis_server
        self._ports = {"postgresql": port_free(21_000), "redis": port_free(25_000)}
        self._children: dict[str, Child] = {}
        postgresql_make(shop, initdb, folder)
        for name in self._ports:
            self.start(name)

    @property
    def environ(self) -> dict[str, str]:
        return {
            "SKETCHFIND_DATABASE_URL": f"postgresql://sketchfind@{HOST}:{self._ports['postgresql']}/postgres",
            "SKETCHFIND_REDIS_URL": f"redis://{HOST}:{self._ports['redis']}/0",
        }

    def start(self, name: str) -> None:
        """Start `postgresql` or `redis` and wait until it accepts connections."""
        port = self._ports[name]
        if name == "redis":
            self._children[name] = redis_serve(self._shop, self._redis_server, self._folder, name, port)
        else:
            # Committed data survives the server's death, as in production.
            serve = postgresql_serve(self._shop, self._initdb, self._folder, port, SURVIVING)
            self._children[name] = serve

    def kill(self, name: str) -> None:
        """Kill a server as in a crash: nothing is completed, no connection is closed properly."""
        process = self._children.pop(name).process
        # PostgreSQL's immediate shutdown leaves recovery to the next start, and no process that keeps its memory.
        process.send_signal(signal.SIGQUIT if name == "postgresql" else signal.SIGKILL)
        process.wait()


class Topology:
    """The site's processes by name. `environ` names the stores; files are in `folder`."""

    def __init__(self, family: Family, folder: Path, environ: Mapping[str, str]) -> None:
        self._family, self.folder = family, folder
        self.environ = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "webapp.settings",
            "SKETCHFIND_DATA_DIR": str(folder / "var"),
            "SKETCHFIND_MEDIA_URL": f"file:{folder / 'media'}",
            "SKETCHFIND_SECRET_KEY": "topology " * 7,
            "SKETCHFIND_API_RATE": "1000000/min",
            "SKETCHFIND_SEARCH_RATE": "1000000/min",
            "SKETCHFIND_LIVE_QUERIES_PER_S": "100",
            "SKETCHFIND_LOG_LEVEL": "WARNING",
            "OMP_NUM_THREADS": "1",
            **environ,
        }
        self._commands: dict[str, list[str]] = {}
        self._children: dict[str, Child] = {}
        self.urls: dict[str, str] = {}

    def prepare(self) -> dict[str, Any]:
        """Create tables, products and releases by `tests.support.fault_site`. Return its output."""
        migrated_copy(self.environ["SKETCHFIND_DATABASE_URL"])  # else that migrates
        done = self._python(["-m", "tests.support.fault_site"])
        reported: dict[str, Any] = json.loads(done.splitlines()[-1])
        return reported

    def shell(self, code: str) -> str:
        """Return the output of Python code run beside the servers, with the site's data."""
        return self._python(["manage.py", "shell", "--verbosity", "0", "--command", code])

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """Return the answer of the database itself; a change is committed."""
        url = self.environ["SKETCHFIND_DATABASE_URL"]
        if url.startswith("postgresql"):
            with psycopg.connect(url) as server:
                cursor = server.execute(statement.encode())
                return cursor.fetchall() if cursor.description else []
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"), timeout=20)) as file, file:
            return file.execute(statement).fetchall()

    def web(self, name: str) -> None:
        """A gunicorn server, as in production."""
        port = self._port(name)
        serve = ["gunicorn", "webapp.asgi:application", "--worker-class", "asgi", "--workers", "1"]
        self._start(name, [*serve, "--timeout", "60", "--bind", f"{HOST}:{port}"])

    def sockets(self, name: str) -> None:
        """An uvicorn server for WebSockets."""
        serve = ["uvicorn", "webapp.asgi:application", "--host", HOST, "--port", str(self._port(name))]
        self._start(name, [*serve, "--lifespan", "off", "--no-access-log"])

    def worker(self, name: str, queues: str = "default,index,train") -> None:
        serve = ["celery", "--app", "webapp", "worker", "--queues", queues, "--concurrency", "1"]
        self._start(name, [*serve, "--hostname", f"{name}@%h", "--loglevel", "INFO"])

    def beat(self, name: str = "beat") -> None:
        schedule = str(self.folder / "beat-schedule")
        self._start(name, ["celery", "--app", "webapp", "beat", "--schedule", schedule])

    def kill(self, name: str) -> None:
        """Kill a process and its descendants at once."""
        child = self._children[name]
        child.signal_group(signal.SIGKILL)
        child.process.wait()

    def alive(self) -> list[str]:
        """Return the names of the processes that run."""
        return [name for name, child in self._children.items() if child.process.poll() is None]

    def pid(self, name: str) -> int:
        return self._children[name].process.pid

    def again(self, name: str) -> None:
        """Restart a killed process."""
        self._start(name, self._commands[name])

    def wait_ready(self, *names: str) -> None:
        """Wait until these servers report that they can answer a search."""
        for name in names:
            url = f"{self.urls[name]}/readyz"
            self.until(lambda url=url: _answers(url), name, within_s=START_S)  # type: ignore[misc]

    def until(self, holds: Callable[[], Any], what: str, *, within_s: float) -> float:
        """Return the seconds until `holds()` is true. Fails with the ends of all logs if that takes too long."""
        began = time.monotonic()
        while not holds():
            assert time.monotonic() - began < within_s, f"{what}: not in {within_s:g} s\n{self.logs()}"
            time.sleep(0.05)
        return time.monotonic() - began

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text("utf-8", "replace")

    def logs(self) -> str:
        return "\n".join(f"--- {name}\n{self.log(name)[-1500:]}" for name in self._children)

    def get(self, name: str, path: str) -> Any:
        """Return JSON of the API of one server."""
        with urllib.request.urlopen(f"{self.urls[name]}/api/v1/{path}", timeout=20) as answer:
            return json.load(answer)

    def post(
        self, name: str, path: str, body: Mapping[str, Any], headers: Mapping[str, str] | None = None
    ) -> Any:
        """Post JSON to one server. Return its answer."""
        request = urllib.request.Request(
            f"{self.urls[name]}/api/v1/{path}",
            json.dumps(body).encode(),
            {"Content-Type": "application/json", **(headers or {})},
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.load(answer)

    def _port(self, name: str) -> int:
        if name not in self.urls:
            self.urls[name] = f"http://{HOST}:{port_free(29_000 + 200 * len(self.urls))}"
        return int(self.urls[name].rpartition(":")[2])

    def _start(self, name: str, command: list[str]) -> None:
        self._commands[name] = command
        log = self.folder / f"{name}.log"
        self._children[name] = self._family.start(
            name, [sys.executable, "-m", *command], cwd=ROOT, env=self.environ, log=log
        )

    def _python(self, command: list[str]) -> str:
        done = subprocess.run(
            [sys.executable, *command], cwd=ROOT, env=self.environ, capture_output=True, text=True
        )
        assert done.returncode == 0, f"{command}:\n{done.stdout}{done.stderr}"
        return done.stdout


@contextmanager
def processes(folder: Path) -> Iterator[tuple[Family, Workshop]]:
    """Yield a family that ends with the block, and a silent workshop."""
    with Console(io.StringIO()) as console, Family() as family:
        yield family, Workshop(ROOT, os.environ, family, console)


@contextmanager
def topology_with_stores(folder: Path) -> Iterator[tuple[Topology, Stores]]:
    """Yield a site on its own PostgreSQL and Redis servers; all end with the block."""
    # PostgreSQL runs as another user, which must be able to reach its folder.
    home = Path(tempfile.mkdtemp(prefix="sketchfind-faults-"))
    home.chmod(0o755)
    try:
        with processes(folder) as (family, shop):
            stores = Stores(shop, home)
            yield Topology(family, folder, stores.environ), stores
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False

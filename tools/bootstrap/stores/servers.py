"""Private PostgreSQL and Redis servers for one run of the tests: own folder, free port, deleted afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import time
from collections.abc import Sequence
from pathlib import Path

from ..failure import Failure
from ..machine import HOST, port_free
from ..supervisor import Child
from ..workshop import Workshop

START_S = 60.0
# Data need not survive a crash of the machine (SURVIVING), nor a crash of the server (_QUICK).
SURVIVING = ("fsync=off", "full_page_writes=off", "max_connections=200")
_QUICK = (*SURVIVING, "synchronous_commit=off")


def postgresql_start(shop: Workshop, initdb: Path, folder: Path) -> str:
    """Create a cluster under `folder` and start a server on it. Return its URL."""
    postgresql_make(shop, initdb, folder)
    port = port_free()
    postgresql_serve(shop, initdb, folder, port)
    return f"postgresql://sketchfind@{HOST}:{port}/postgres"


def postgresql_make(shop: Workshop, initdb: Path, folder: Path) -> None:
    """Create a cluster under `folder`."""
    user = _unprivileged()
    home = folder / "postgresql"
    home.mkdir()
    if user != "-":
        shutil.chown(home, user)
    make = [str(initdb), "--pgdata", str(home / "data"), "--username", "sketchfind", "--auth", "trust"]
    locale = ["--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"]
    shop.run("PostgreSQL cluster", [*make, *locale], cwd=home, user=user)


def postgresql_serve(
    shop: Workshop, initdb: Path, folder: Path, port: int, settings: Sequence[str] = _QUICK
) -> Child:
    """Start a server on the cluster under `folder`, also after it was killed."""
    home = folder / "postgresql"
    listen = ["-c", f"listen_addresses={HOST}", "-c", f"port={port}", "-c", f"unix_socket_directories={home}"]
    options = [word for setting in settings for word in ("-c", setting)]
    child = shop.family.start(
        "PostgreSQL",
        [str(initdb.resolve().with_name("postgres")), "-D", str(home / "data"), *listen, *options],
        cwd=home,
        env=shop.environ,
        log=folder / "postgresql.log",
        stop_signal=signal.SIGINT,  # SIGTERM would wait for clients to leave
        user=_unprivileged(),
    )
    _wait_until_ready(child)
    return child


def redis_start(shop: Workshop, redis_server: Path, folder: Path, name: str) -> str:
    """Start a server that stores nothing on disk. Return its URL."""
    port = port_free()
    redis_serve(shop, redis_server, folder, name, port)
    return f"redis://{HOST}:{port}/0"


def redis_serve(shop: Workshop, redis_server: Path, folder: Path, name: str, port: int) -> Child:
    """Start a server that stores nothing on disk, also after it was killed."""
    keep_nothing = ["--save", "", "--appendonly", "no", "--dir", str(folder)]
    child = shop.family.start(
        name,
        [str(redis_server), "--port", str(port), "--bind", HOST, *keep_nothing],
        cwd=folder,
        env=shop.environ,
        log=folder / f"{name}.log",
    )
    _wait_until_ready(child)
    return child


def _unprivileged() -> str:
    """Return a user to run PostgreSQL as, since it refuses root; "-" if we are not root."""
    if os.geteuid() != 0:
        return "-"
    names = {account.pw_name for account in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _wait_until_ready(child: Child) -> None:
    """Wait for the words that both servers log when they are ready; a port opens too early."""
    assert child.log is not None
    deadline = time.monotonic() + START_S
    while "eady to accept connections" not in child.log.read_text("utf-8", "replace"):
        if child.process.poll() is not None:
            raise Failure(child.why_ended())
        if time.monotonic() > deadline:
            raise Failure(f"{child.name} did not start within {START_S:.0f} s (log: {child.log})")
        time.sleep(0.05)

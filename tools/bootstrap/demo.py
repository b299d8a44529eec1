"""`make demo`: from a fresh clone to a page where drawing finds products."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from .console import Console
from .failure import Failure
from .machine import HOST, disk_space_check, port_check, port_of
from .node import FrontEnd
from .packages import Environment
from .probe import search_trouble
from .services import Services
from .supervisor import Family, Stopped
from .workshop import Workshop

PACKAGES_MB = 1_500
DATA_MB = 300
TOOLS = ("tools",)
TRAINING, TRAINING_MB = ("train",), 2_500
READY_S = 90.0
START_TRIES = 3


def demo(root: Path, environ: Mapping[str, str]) -> int:
    """Install what is missing and serve the site until stopped. Raises Failure and Stopped."""
    port = port_of(environ)
    port_check(port)
    with Console() as console, Family() as family:
        shop = Workshop(root, environ, family, console)
        disk_space_check(shop.data_dir, DATA_MB, "the demo")
        environment = prepare(shop)
        services = Services(family, console)
        logs = shop.data_dir / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        console.line(f"logs: {os.path.relpath(logs, root)}/  Ctrl-C stops everything")
        return serve(
            console,
            services,
            f"http://{HOST}:{port}",
            lambda: servers_start(shop, services, environment, port, logs),
            lambda: trainer_start(shop, services, environment, port, logs),
        )


def serve(
    console: Console,
    services: Services,
    url: str,
    start: Callable[[], None],
    follow: Callable[[], None] = lambda: None,
) -> int:
    """Start the servers, print when a search at `url` works, and keep them running.

    Raises Failure if no search works within READY_S, or if a server ends START_TRIES times before one does. After the
    first search, `follow` runs in a thread, for what a search does not need.
    """
    with console.step("Web and worker") as step:
        start()
        services.tend(START_TRIES)
        deadline = time.monotonic() + READY_S
        while (trouble := search_trouble(url)) is not None:
            step.say(trouble)
            services.tend(START_TRIES)
            if time.monotonic() > deadline:
                raise Failure(f"no search worked within {READY_S:.0f} s: {trouble}")
            time.sleep(0.2)
    console.line(f"ready: {url}")
    threading.Thread(target=follow, daemon=True).start()
    try:
        while True:
            services.tend()
            time.sleep(0.3)
    except Stopped:
        console.line("stopping")
        raise


def prepare(shop: Workshop) -> Environment:
    """Prepare packages, front end, database, demo catalogue and release; existing ones are kept."""
    environment = Environment(shop)
    front_end = FrontEnd(shop, environment)

    def site() -> None:
        environment.ensure(TOOLS, need_mb=PACKAGES_MB)
        variables_check(shop, environment)
        # Rich draws its bars into our pipe as on a terminal; the step shows their latest state.
        bars = {"TTY_COMPATIBLE": "1", "TTY_INTERACTIVE": "1", "COLUMNS": "72"}
        command = [str(environment.python), "manage.py", "demo_prepare"]
        shop.run("Database, demo catalogue, index", command, environ=bars)

    if front_end.needs_node:  # it is installed into the virtual environment, which must exist first
        environment.ensure(TOOLS, need_mb=PACKAGES_MB)
        front_end.node_install()
    shop.run_parallel(site, front_end.build_ensure)
    return environment


def variables_check(shop: Workshop, environment: Environment) -> None:
    """Print environment variables that look meant for the site but have no effect."""

    def on_line(line: str) -> None:
        if line:
            shop.console.line(f"note: {line}")

    command = [str(environment.python), "-m", "webapp.config.hints"]
    shop.family.run("Variables", command, cwd=shop.root, env=shop.environ, on_line=on_line)


def servers_start(
    shop: Workshop, services: Services, environment: Environment, port: int, logs: Path
) -> None:
    """Start the web process, and the worker with its beat."""
    web = [str(environment.python), "-m", "tools.demo.server", str(port)]
    beat = ["--beat", "--schedule", str(shop.data_dir / f"beat-{port}")]
    worker = [*celery(environment, "default,index", f"demo-{port}"), *beat]
    for name, command in (("web", web), ("worker", worker)):
        services.add(name, command, cwd=shop.root, env=shop.environ, log=logs / f"{name}-{port}.log")


def trainer_start(
    shop: Workshop, services: Services, environment: Environment, port: int, logs: Path
) -> None:
    """Install the training packages and start the training worker; everything else works without it."""
    try:
        environment.ensure(TRAINING, need_mb=TRAINING_MB)
        command = celery(environment, "train", f"trainer-{port}")
        log = logs / f"trainer-{port}.log"
        services.add("trainer", command, cwd=shop.root, env=shop.environ, log=log)
    except Failure as failure:
        shop.console.line(f"training is not available: {failure}")
    except Stopped:
        return
    else:
        shop.console.line("training is available")


def celery(environment: Environment, queues: str, name: str) -> list[str]:
    """Return the command of a worker of these queues, one job at a time."""
    command = [str(environment.python), "-m", "celery", "--app", "webapp", "worker"]
    return [
        *command,
        "--concurrency",
        "1",
        "--loglevel",
        "INFO",
        "--queues",
        queues,
        "--hostname",
        f"{name}@%h",
    ]

"""`make demo`: from a fresh clone to a page where drawing finds products."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from .console import Console
from .failure import Failure
from .machine import HOST, port_check, port_of, room_check
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
    """Installs what is missing, serves the site until stopped. Raises Failure and Stopped."""
    port = port_of(environ)
    port_check(port)
    with Console() as console, Family() as family:
        shop = Workshop(root, environ, family, console)
        room_check(shop.data_dir, DATA_MB, "the demo")
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
    """Starts the servers, says when a search at `url` works and keeps them running.

    Raises Failure when no search has worked in READY_S, or when a server cannot start: before a search has worked, one
    has ended START_TRIES times. What is not needed for a search is done by `follow` then, in a thread.
    """
    with console.step("Web and worker") as step:
        start()
        services.tend(START_TRIES)
        deadline = time.monotonic() + READY_S
        while (trouble := search_trouble(url)) is not None:
            step.say(trouble)
            services.tend(START_TRIES)
            if time.monotonic() > deadline:
                raise Failure(f"no search has worked in {READY_S:.0f} s: {trouble}")
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
    """Packages, front end, database, demo catalogue and release; what is there already is left as it is."""
    environment = Environment(shop)
    front_end = FrontEnd(shop, environment)

    def site() -> None:
        environment.ensure(TOOLS, need_mb=PACKAGES_MB)
        variables_check(shop, environment)
        # Rich draws its bars into our pipe as it would on a terminal; the step shows their latest state.
        bars = {"TTY_COMPATIBLE": "1", "TTY_INTERACTIVE": "1", "COLUMNS": "72"}
        command = [str(environment.python), "manage.py", "demo_prepare"]
        shop.run("Database, demo catalogue, index", command, environ=bars)

    if front_end.needs_node:  # it comes into the virtual environment, so that goes first
        environment.ensure(TOOLS, need_mb=PACKAGES_MB)
        front_end.node_install()
    shop.together(site, front_end.build_ensure)
    return environment


def variables_check(shop: Workshop, environment: Environment) -> None:
    """Says which environment variables look meant for the site and have no effect."""

    def on_line(line: str) -> None:
        if line:
            shop.console.line(f"note: {line}")

    command = [str(environment.python), "-m", "webapp.config.hints"]
    shop.family.run("Variables", command, cwd=shop.root, env=shop.environ, on_line=on_line)


def servers_start(
    shop: Workshop, services: Services, environment: Environment, port: int, logs: Path
) -> None:
    """Has the web process and the worker with its beat started."""
    web = [str(environment.python), "-m", "tools.demo.server", str(port)]
    beat = ["--beat", "--schedule", str(shop.data_dir / f"beat-{port}")]
    worker = [*celery(environment, "default,index", f"demo-{port}"), *beat]
    for name, command in (("web", web), ("worker", worker)):
        services.add(name, command, cwd=shop.root, env=shop.environ, log=logs / f"{name}-{port}.log")


def trainer_start(
    shop: Workshop, services: Services, environment: Environment, port: int, logs: Path
) -> None:
    """Installs what trainings need and starts their worker, which is busy for long; without it the rest works."""
    try:
        environment.ensure(TRAINING, need_mb=TRAINING_MB)
        command = celery(environment, "train", f"trainer-{port}")
        log = logs / f"trainer-{port}.log"
        services.add("trainer", command, cwd=shop.root, env=shop.environ, log=log)
    except Failure as failure:
        shop.console.line(f"no trainings here: {failure}")
    except Stopped:
        return
    else:
        shop.console.line("trainings can run")


def celery(environment: Environment, queues: str, name: str) -> list[str]:
    """The command of a worker of these queues, one job at a time."""
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

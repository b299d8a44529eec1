"""`make test`, `make check` and `make lint`: all checks, with what they need."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from .console import Console
from .distribution import CHROMIUM, POSTGRESQL, QEMU, REDIS, programs_ensure
from .node import FrontEnd
from .packages import Environment
from .stores.migrated import migrated_make
from .stores.servers import postgresql_start, redis_start
from .supervisor import Family
from .workshop import Workshop, variables

EXTRAS = ("train", "dev", "docs", "tools")
PACKAGES_MB = 4_000
LINTERS = {
    "ruff check": ["-m", "ruff", "check"],
    "ruff format": ["-m", "ruff", "format", "--check"],
    "mypy": ["-m", "mypy", "annotation", "ml", "tests", "tools", "webapp"],
    "import contracts": [".venv/bin/lint-imports", "--no-logo"],  # run as a module, it checks nothing
}
# Scripts of frontend/package.json.
SCRIPTS = {"TypeScript types": "check", "prettier and stylelint": "lint"}
# By the markers of pyproject.toml. Each test is in one of the first two; those of `both_stores` are in both.
ON_SERVERS = "database"
ON_SQLITE = "both_stores or not database"
QUICK = "not (browser or own_stores or slow)"
SLOWEST = ["--durations=20", "--durations-min=5"]  # seconds
PROCESSES = min(4, os.cpu_count() or 1)


def lint(root: Path, environ: Mapping[str, str]) -> int:
    """Install what is needed and run the linters and type checkers. Return 1 if one found something."""
    with Console() as console, Family() as family:
        return 1 if _static(Workshop(root, environ, family, console), with_tests=False) else 0


def check(root: Path, environ: Mapping[str, str]) -> int:
    """Run the linters and the tests that need no browser, no server and little time. Return 1 if anything failed."""
    with (
        tempfile.TemporaryDirectory(prefix="sketchfind-") as temporary,
        Console() as console,
        Family() as family,
    ):
        shop = Workshop(root, environ, family, console)
        failed = _static(shop, with_tests=True)
        here = _embedded(environ)
        here |= migrated_make(shop, Path(temporary) / "migrated", here)
        failed += _pytest(shop, "quick tests on SQLite", QUICK, Path(temporary) / "here", here)
        return 1 if failed else 0


def test(root: Path, environ: Mapping[str, str]) -> int:
    """Run every check and test; pytest prints the last line. Return 1 if anything failed."""
    # The servers end before their folder is deleted.
    with (
        tempfile.TemporaryDirectory(prefix="sketchfind-") as temporary,
        Console() as console,
        Family() as family,
    ):
        folder = Path(temporary)
        folder.chmod(0o755)  # PostgreSQL runs as another user
        shop = Workshop(root, environ, family, console)
        initdb, redis_server, *_ = programs_ensure(shop, POSTGRESQL, REDIS, CHROMIUM, QEMU)
        failed = _static(shop, with_tests=True)
        with console.step("PostgreSQL and Redis"):
            database = postgresql_start(shop, initdb, folder)
            brokers = [redis_start(shop, redis_server, folder, f"redis-{i}") for i in range(PROCESSES)]
        here = _embedded(environ)
        here |= migrated_make(shop, folder / "migrated", here, initdb=initdb, server_url=database)
        there = {**here, **variables(database_url=database, redis_url=brokers[0])}
        # One Redis per process, because subscribers receive messages from all databases of a server.
        there |= variables(test_redis_urls=" ".join(brokers))
        there["DJANGO_SETTINGS_MODULE"] = "tests.support.process_settings"
        failed += _pytest(shop, "tests on PostgreSQL and Redis", ON_SERVERS, folder / "there", there)
        if failed:
            console.line(f"\nfailed so far: {', '.join(failed)}")
        failed += _pytest(shop, "tests on SQLite", ON_SQLITE, folder / "here", here)
        return 1 if failed else 0


def _embedded(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of tests without servers."""
    known = variables(secret_key="tests" * 10, debug="", media_url="", database_url="", redis_url="")
    # Parallel trainings that each use all cores would wait for one another's threads.
    known["OMP_NUM_THREADS"] = str(max(1, (os.cpu_count() or 1) // PROCESSES))
    if data := environ.get("SKETCHFIND_DATA"):
        known["SKETCHFIND_DATA"] = str(Path(data).resolve())
    return known


def _static(shop: Workshop, *, with_tests: bool) -> list[str]:
    """Run linters, type checks and, `with_tests`, the front end's tests and build. Return the names of what failed."""
    environment = Environment(shop)
    front_end = FrontEnd(shop, environment)
    failed: list[str] = []

    def python() -> None:
        for title, command in LINTERS.items():
            if not shop.check(title, [str(environment.python), *command]):
                failed.append(title)

    def typescript() -> None:
        scripts = {**SCRIPTS, "Vitest": "test"} if with_tests else SCRIPTS
        failed.extend(title for title, script in scripts.items() if not front_end.check(title, script))
        if with_tests:
            front_end.build_ensure()

    if front_end.needs_node:
        environment.ensure(EXTRAS, need_mb=PACKAGES_MB)
        front_end.node_install()
    # TypeScript's types are generated from Django's schema, so both need all packages.
    shop.run_parallel(lambda: environment.ensure(EXTRAS, need_mb=PACKAGES_MB), front_end.packages_ensure)
    shop.run_parallel(python, typescript)
    return failed


def _pytest(
    shop: Workshop, title: str, markers: str, data_dir: Path, environ: Mapping[str, str]
) -> list[str]:
    """Run the tests with these markers, showing their output. Return the names of what failed."""
    data_dir.mkdir()
    shop.console.line(f"\n{title}")
    # An idle process steals tests from the end of another's queue, so that modules stay together.
    spread = ["--numprocesses", str(PROCESSES), "--dist", "worksteal"]
    command = [str(Environment(shop).python), "-m", "pytest", *spread, *SLOWEST, "-m", markers]
    env = {**shop.environ, **environ, **variables(data_dir=str(data_dir))}
    return [title] if shop.family.call(title, command, cwd=shop.root, env=env) != 0 else []

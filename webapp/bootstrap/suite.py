"""`make test` and `make lint`: everything that is checked, with what the checks need."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from .console import Console
from .distribution import CHROMIUM, POSTGRESQL, REDIS, programs_ensure
from .node import FrontEnd
from .packages import Environment
from .servers import postgresql_start, redis_start
from .supervisor import Family
from .workshop import Workshop, variables

EXTRAS = ("train", "dev")
PACKAGES_MB = 4_000
LINTERS = {
    "ruff check": ["-m", "ruff", "check"],
    "ruff format": ["-m", "ruff", "format", "--check"],
    "mypy": ["-m", "mypy", "annotation", "ml", "webapp"],
    "import contracts": [".venv/bin/lint-imports", "--no-logo"],  # as a module it checks nothing
}
# Where the store matters: run on SQLite with everything else, and on PostgreSQL with Redis.
STORE_TESTS = ("tests/webapp", "tests/annotation", "tests/e2e", "tests/faults")
# Of these, what is the same on any store: how a page looks and behaves in a browser, what a training's child and the
# demo's renderer do, the agreement of votes that a file holds.
STORELESS = (
    *("test_looks", "test_languages", "test_keyboard"),
    *("test_canvas", "test_connection", "test_images", "test_pace", "test_results"),
    *("test_processes", "test_disk_full", "render/test_*", "test_real_votes"),
)
SLOWEST = ["--durations=20", "--durations-min=5"]  # seconds
PROCESSES = min(4, os.cpu_count() or 1)


def lint(root: Path, environ: Mapping[str, str]) -> int:
    """Installs what it needs and runs the linters and type checkers; 1 where one found something."""
    with Console() as console, Family() as family:
        return 1 if _static(Workshop(root, environ, family, console), with_tests=False) else 0


def test(root: Path, environ: Mapping[str, str]) -> int:
    """Runs every check and test; pytest speaks last. 1 where anything failed."""
    # The servers end before their folder goes.
    with (
        tempfile.TemporaryDirectory(prefix="sketchfind-") as temporary,
        Console() as console,
        Family() as family,
    ):
        folder = Path(temporary)
        folder.chmod(0o755)  # PostgreSQL has a user of its own
        shop = Workshop(root, environ, family, console)
        _, initdb, redis_server = programs_ensure(shop, CHROMIUM, POSTGRESQL, REDIS)
        failed = _static(shop, with_tests=True)
        with console.step("PostgreSQL and Redis"):
            database = postgresql_start(shop, initdb, folder)
            brokers = [redis_start(shop, redis_server, folder, f"redis-{i}") for i in range(PROCESSES)]
        known = variables(secret_key="tests" * 10, debug="", media_url="")
        if environ.get("SKETCHFIND_DATA"):
            known["SKETCHFIND_DATA"] = str(Path(environ["SKETCHFIND_DATA"]).resolve())
        here = {**known, **variables(database_url="", redis_url="")}
        there = {**known, **variables(database_url=database, redis_url=brokers[0])}
        # One Redis a process: what one publishes, all subscribers of a server hear, whatever its database.
        there |= variables(test_redis_urls=" ".join(brokers))
        there["DJANGO_SETTINGS_MODULE"] = "tests.support.process_settings"
        stores = [name for name in STORE_TESTS if (root / name).is_dir()]
        chosen = [*stores, *(f"--ignore-glob=*/{name}.py" for name in STORELESS)]
        failed += _pytest(shop, "tests on PostgreSQL and Redis", chosen, folder / "there", there)
        if failed:
            console.line(f"\nfailed so far: {', '.join(failed)}")
        failed += _pytest(shop, "tests on SQLite", ["tests"], folder / "here", here)
        return 1 if failed else 0


def _static(shop: Workshop, *, with_tests: bool) -> list[str]:
    """Linters, type checks and, `with_tests`, the front end's tests and build; the names of what failed."""
    environment = Environment(shop)
    front_end = FrontEnd(shop, environment)
    failed: list[str] = []

    def python() -> None:
        environment.ensure(EXTRAS, need_mb=PACKAGES_MB)
        for title, command in LINTERS.items():
            if not shop.check(title, [str(environment.python), *command]):
                failed.append(title)

    def typescript() -> None:
        front_end.packages_ensure()
        scripts = (
            {"TypeScript types": "check", "Vitest": "test"} if with_tests else {"TypeScript types": "check"}
        )
        failed.extend(title for title, script in scripts.items() if not front_end.check(title, script))
        if with_tests:
            front_end.build_ensure()

    if front_end.needs_node:
        environment.ensure(EXTRAS, need_mb=PACKAGES_MB)
        front_end.node_install()
    shop.together(python, typescript)
    return failed


def _pytest(
    shop: Workshop, title: str, chosen: list[str], data_dir: Path, environ: Mapping[str, str]
) -> list[str]:
    """Runs pytest where it can be watched; the names of what failed."""
    data_dir.mkdir()
    shop.console.line(f"\n{title}")
    pytest = [str(Environment(shop).python), "-m", "pytest", "--numprocesses", str(PROCESSES)]
    env = {**shop.environ, **environ, **variables(data_dir=str(data_dir))}
    return (
        [title] if shop.family.call(title, [*pytest, *SLOWEST, *chosen], cwd=shop.root, env=env) != 0 else []
    )

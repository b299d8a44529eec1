"""`make demo-reset`, `make bench` and `make soak`."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from .console import Console
from .distribution import POSTGRESQL, REDIS, programs_ensure
from .packages import Environment
from .stores.servers import postgresql_start, redis_start
from .suite import EXTRAS, PACKAGES_MB
from .supervisor import Family
from .workshop import Workshop, variables

BENCHMARKS = ("query", "hamming", "two-stage", "raster", "augment")
SOAK_POSTGRESQL = ("--workers", "300", "--votes", "45000", "--web", "8", "--kills", "2")
SOAK_SQLITE = ("--workers", "20", "--votes", "6000", "--web", "2", "--kills", "2")


def demo_reset(root: Path, environ: Mapping[str, str]) -> int:
    """Delete the folder var/."""
    shutil.rmtree(root / "var", ignore_errors=True)
    print("deleted var/; make demo creates it again")
    return 0


def bench(root: Path, environ: Mapping[str, str]) -> int:
    """Run every benchmark in turn and show its figures. Return 1 if one failed."""
    return _each(root, environ, [["ml", "bench", name] for name in BENCHMARKS])


def soak(root: Path, environ: Mapping[str, str]) -> int:
    """Run the annotation soak on PostgreSQL, then on SQLite, then the fault tests. Return 1 if one failed."""
    with (
        tempfile.TemporaryDirectory(prefix="sketchfind-") as temporary,
        Console() as console,
        Family() as family,
    ):
        folder = Path(temporary)
        folder.chmod(0o755)  # PostgreSQL runs as another user
        shop = Workshop(root, environ, family, console)
        initdb, redis_server = programs_ensure(shop, POSTGRESQL, REDIS)
        environment = Environment(shop)
        environment.ensure(EXTRAS, need_mb=PACKAGES_MB)
        with console.step("PostgreSQL and Redis"):
            database, broker = (
                postgresql_start(shop, initdb, folder),
                redis_start(shop, redis_server, folder, "redis"),
            )
        known = variables(
            secret_key="soak" * 15,
            debug="",
            media_url="",
            log_level="WARNING",
            api_rate="1000000/min",  # a crowd behind one address
            data_dir=str(folder / "data"),
        )
        servers = {**known, **variables(database_url=database, redis_url=broker)}
        sqlite = f"sqlite:///{folder / 'soak.sqlite3'}"
        embedded = {**known, **variables(database_url=sqlite, redis_url="")}
        failed = 0
        for title, stores, size in (
            ("annotation on PostgreSQL", servers, SOAK_POSTGRESQL),
            ("annotation on SQLite", embedded, SOAK_SQLITE),
        ):
            for command in (("migrate", "--noinput", "--verbosity", "0"), ("annotation_soak", *size)):
                console.line(f"\n{title}: {' '.join(command)}")
                line = [str(environment.python), "manage.py", *command]
                failed += family.call(title, line, cwd=root, env={**environ, **stores}) != 0
        if (root / "tests" / "faults").is_dir():
            console.line("\nfault tests")
            line = [str(environment.python), "-m", "pytest", "tests/faults"]
            # In their long form; they start their own stores.
            own = {**environ, **variables(soak="1", database_url="", redis_url="", data_dir=str(folder))}
            failed += family.call("fault tests", line, cwd=root, env=own) != 0
        return 1 if failed else 0


def _each(root: Path, environ: Mapping[str, str], modules: list[list[str]]) -> int:
    with Console() as console, Family() as family:
        environment = Environment(Workshop(root, environ, family, console))
        environment.ensure(EXTRAS, need_mb=PACKAGES_MB)
        for module in modules:
            console.line(" ".join(module))
            command = [str(environment.python), "-m", *module]
            if family.call(module[0], command, cwd=root, env=environ) != 0:
                return 1
    return 0

"""Migrate an empty database of each store once; the tests copy them (tests/support/migrated.py)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from ..packages import Environment
from ..workshop import Workshop, variables

FILE, DUMP, DATABASE = "migrated.sqlite3", "migrated.sql", "migrated"


def migrated_make(
    shop: Workshop,
    folder: Path,
    environ: Mapping[str, str],
    *,
    initdb: Path | None = None,
    server_url: str = "",
) -> Mapping[str, str]:
    """Write the copies into `folder`: of SQLite and, with a server, PostgreSQL. Return the variable that names it.

    The server keeps a database DATABASE as well, a template for others. initdb: the server's; its other programs are
    beside it.
    """
    folder.mkdir()
    copies = {"SKETCHFIND_TEST_MIGRATED": str(folder)}

    def sqlite() -> None:
        _migrate(shop, "SQLite", folder, {**environ, **variables(database_url=f"sqlite:///{folder / FILE}")})

    def postgresql() -> None:
        assert initdb is not None
        programs = initdb.resolve()
        create = [str(programs.with_name("createdb")), f"--maintenance-db={server_url}", DATABASE]
        shop.run("PostgreSQL database", create)
        url = urlunsplit(urlsplit(server_url)._replace(path=f"/{DATABASE}"))
        _migrate(shop, "PostgreSQL", folder, {**environ, **variables(database_url=url)})
        dump = [str(programs.with_name("pg_dump")), "--no-owner", f"--file={folder / DUMP}", url]
        shop.run("Copy of PostgreSQL's tables", dump)

    shop.run_parallel(sqlite, *([postgresql] if server_url else []))
    return copies


def _migrate(shop: Workshop, store: str, folder: Path, environ: Mapping[str, str]) -> None:
    migrate = [str(Environment(shop).python), "manage.py", "migrate", "--noinput", "--verbosity", "0"]
    env = {**environ, **variables(data_dir=str(folder / f"var-{store}"))}
    shop.run(f"Tables of {store}", migrate, environ=env)

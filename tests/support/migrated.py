"""Empty databases with all tables, copied instead of migrated: the migrations take a processor some fifteen seconds.

`make test` migrates each store once and names the folder of the copies in SKETCHFIND_TEST_MIGRATED.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from tools.bootstrap.distribution import POSTGRESQL
from tools.bootstrap.stores.migrated import DUMP, FILE

SQLITE = "sqlite:///"


def migrated_copy(database_url: str) -> bool:
    """Create all tables in an empty database. Return whether there is a copy of them; else it is to be migrated."""
    folder = Path(os.environ.get("SKETCHFIND_TEST_MIGRATED", ""))
    if not folder.is_absolute():
        return False
    if database_url.startswith(SQLITE):
        shutil.copyfile(folder / FILE, database_url.removeprefix(SQLITE))
        return True
    if not (folder / DUMP).exists():
        return False
    initdb = POSTGRESQL.find(os.environ)
    assert initdb, "no PostgreSQL: apt-get install postgresql"
    psql = str(initdb.resolve().with_name("psql"))
    options = ["--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--single-transaction"]
    subprocess.run(
        [psql, *options, "--file", str(folder / DUMP), database_url], check=True, stdout=subprocess.DEVNULL
    )
    return True

"""Dump and load of a SQLite database: the file itself, by SQLite's online backup, while the site keeps running."""

from __future__ import annotations

import gzip
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from django.db import connection

from webapp.backup.archive import Archive, ArchiveError, ArchiveWriter
from webapp.backup.disk_space import disk_space_check

MEMBER = "database/db.sqlite3.gz"
_WAIT_S = 20.0


def dump(writer: ArchiveWriter, scratch: Path) -> dict[str, Any]:
    """Append the database as of one moment."""
    copy = scratch / "db.sqlite3"
    with closing(sqlite3.connect(_path(), timeout=_WAIT_S)) as live, closing(sqlite3.connect(copy)) as target:
        live.backup(target)  # in one step: in WAL mode this blocks nobody, and no write restarts it
        target.execute("PRAGMA journal_mode=DELETE")
        found = target.execute("PRAGMA quick_check").fetchone()[0]
        if found != "ok":
            raise ArchiveError(f"the database is damaged: {found}")
    packed = scratch / "db.sqlite3.gz"
    n_bytes = copy.stat().st_size
    with copy.open("rb") as plain, gzip.open(packed, "wb", compresslevel=1) as target_file:
        shutil.copyfileobj(plain, target_file, 1 << 20)
    copy.unlink()
    writer.add_path(MEMBER, packed)
    packed.unlink()
    return {"unpacked": {MEMBER: n_bytes}}


def check(archive: Archive, scratch: Path) -> None:
    """Raise ArchiveError if the database is missing, damaged, or not the one in the manifest."""
    if MEMBER not in archive.names:
        raise ArchiveError(f"{MEMBER}: missing")
    plain = scratch / "db.sqlite3"
    disk_space_check(scratch, archive.unpacked_bytes(MEMBER) if "unpacked" in archive.facts else 0)
    with plain.open("wb") as target:
        for block in archive.unpacked(MEMBER):
            target.write(block)
    try:
        with closing(sqlite3.connect(plain)) as copy:
            found = copy.execute("PRAGMA quick_check").fetchone()[0]
            if found != "ok":
                raise ArchiveError(f"{MEMBER}: the database is damaged: {found}")
            applied = sorted(copy.execute("SELECT app, name FROM django_migrations").fetchall())
    except sqlite3.Error as error:
        raise ArchiveError(f"{MEMBER}: not the database of a site: {error}") from error
    if not applied or applied != sorted(map(tuple, archive.facts.get("migrations", []))):
        raise ArchiveError(f"{MEMBER}: its migrations differ from the manifest")


def load(archive: Archive, scratch: Path) -> None:
    """Replace the whole database by the one that `check` unpacked, in one transaction of SQLite.

    Raises OperationalError if it is in use.
    """
    plain = scratch / "db.sqlite3"
    connection.close()
    with closing(sqlite3.connect(plain)) as copy, closing(sqlite3.connect(_path(), timeout=_WAIT_S)) as live:
        copy.backup(live)
    plain.unlink()


def _path() -> str:
    return str(connection.settings_dict["NAME"])

"""Writing and restoring backups."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import structlog
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from webapp.backup import files, postgresql, sqlite
from webapp.backup.archive import Archive, ArchiveError, archive_open, archive_writer

log = structlog.get_logger(__name__)
Say = Callable[[str], None]

_DATABASES = {"sqlite": sqlite, "postgresql": postgresql}
_MADE_BY_MIGRATE = {"contenttypes", "auth"}  # apps whose rows exist on an unused site as well


class Backup(NamedTuple):
    path: Path
    n_files: int
    n_bytes: int


def backup_write(*, to: Path, now: datetime) -> Backup:
    """Write the archive `to`, or one named after `now` in the folder `to`.

    The database is dumped first: files are stored before the rows that name them, so every row's file is in the archive.
    Raises ArchiveError if the database belongs to other code, OSError if there is no room.
    """
    path = to / f"sketchfind-{now:%Y%m%dT%H%M%SZ}.tar" if to.is_dir() else to
    applied = _applied()
    if unknown := _unknown_migrations(applied):
        raise ArchiveError(f"the database was migrated by newer code ({unknown[0]}); back it up with that")
    if unapplied := _unapplied_migrations():
        raise ArchiveError(
            f"the database is of older code ({unapplied[0]} is not applied); back it up with that, or migrate"
        )
    with (
        tempfile.TemporaryDirectory(prefix=".backup-", dir=path.parent) as scratch,
        archive_writer(path) as writer,
    ):
        database_facts = _database().dump(writer, Path(scratch))
        files.dump(writer)
        facts = {
            "made_at": now.isoformat(timespec="seconds"),
            "database": connection.vendor,
            "migrations": applied,
            **database_facts,
        }
        writer.add_manifest(facts, Path(scratch) / "manifest.json")
        n_files = len(writer.files)
    log.info("backup_written", path=str(path), files=n_files)
    return Backup(path, n_files, path.stat().st_size)


def backup_check(*, path: Path) -> dict[str, Any]:
    """Return the facts of an archive. Raises ArchiveError unless it is complete and this code can restore it."""
    with archive_open(path) as archive, _scratch() as scratch:
        _check(archive, scratch)
        return archive.facts


def backup_restore(*, path: Path, force: bool, say: Say = lambda line: None) -> int:
    """Restore the archive's files, then its rows, and migrate them to this code. Return the number of files.

    Nothing is changed before the whole archive is verified. Rows come last and in one transaction: an interrupted
    restore leaves the site as it was, plus some files. Raises ArchiveError, also if there is a site already and `force`
    is not given.
    """
    with archive_open(path) as archive, _scratch() as scratch:
        _check(archive, scratch)
        say(f"verified: {len(archive.names)} files of {archive.facts.get('made_at')}")
        if not force and not site_is_empty():
            raise ArchiveError(
                "the site is not empty; --force replaces its rows and any files with the same names"
            )
        n_files = files.load(archive)
        say(f"files: {n_files}")
        try:
            with connection.wrap_database_errors:
                _database().load(archive, scratch)
        except DatabaseError as error:
            raise ArchiveError(f"the database is unchanged: {error}") from error
    call_command("migrate", interactive=False, verbosity=0)
    say("database: restored and migrated")
    log.info("backup_restored", path=str(path), files=n_files)
    return n_files


def site_is_empty() -> bool:
    """Return whether the storages hold no file and our tables no row."""
    if not files.are_empty():
        return False
    there = set(connection.introspection.table_names())
    for model in apps.get_models(include_auto_created=True):
        meta = model._meta
        if meta.db_table in there and meta.app_label not in _MADE_BY_MIGRATE and model._base_manager.exists():
            return False
    return True


@contextmanager
def _scratch() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="restore-", dir=settings.DATA_DIR) as folder:
        yield Path(folder)


def _check(archive: Archive, scratch: Path) -> None:
    """Raise ArchiveError if this site cannot take the archive. `scratch` may receive the unpacked database."""
    vendor = archive.facts.get("database")
    if vendor != connection.vendor:
        raise ArchiveError(
            f"the archive's database is {vendor}, SKETCHFIND_DATABASE_URL names {connection.vendor}"
        )
    if unknown := _unknown_migrations(archive.facts.get("migrations", [])):
        raise ArchiveError(f"the archive was made by newer code ({unknown[0]}); restore it with that")
    files.check(archive)
    _database().check(archive, scratch)


def _applied() -> list[list[str]]:
    return sorted([app, name] for app, name in MigrationRecorder(connection).applied_migrations())


def _unknown_migrations(applied: list[list[str]]) -> list[str]:
    known = MigrationExecutor(connection).loader.disk_migrations
    assert known is not None
    return [f"{app}.{name}" for app, name in applied if (app, name) not in known]


def _unapplied_migrations() -> list[str]:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def _database() -> Any:
    return _DATABASES[connection.vendor]

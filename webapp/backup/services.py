"""Making a backup and putting one back."""

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
from webapp.backup.archive import Archive, ArchiveError, archive_verified, archive_written

log = structlog.get_logger(__name__)
Say = Callable[[str], None]

_DATABASES = {"sqlite": sqlite, "postgresql": postgresql}
_MADE_BY_MIGRATE = {"contenttypes", "auth"}  # apps whose rows say nothing of a site's use


class Backup(NamedTuple):
    path: Path
    n_files: int
    n_bytes: int


def backup_write(*, to: Path, now: datetime) -> Backup:
    """Writes the archive `to`, or one named after `now` in the folder `to`.

    The database comes first: a file is stored before the row that names it, so every row's file is in the archive.
    Raises ArchiveError where the database is of other code, OSError where there is no room.
    """
    path = to / f"sketchfind-{now:%Y%m%dT%H%M%SZ}.tar" if to.is_dir() else to
    applied = _applied()
    if unknown := _unknown_migrations(applied):
        raise ArchiveError(f"the database was migrated by newer code ({unknown[0]}); back it up with that")
    if waiting := _waiting_migrations():
        raise ArchiveError(
            f"the database is of older code ({waiting[0]} waits); back it up with that, or migrate"
        )
    with (
        tempfile.TemporaryDirectory(prefix=".backup-", dir=path.parent) as scratch,
        archive_written(path) as writer,
    ):
        of_database = _database().dump(writer, Path(scratch))
        files.dump(writer)
        facts = {
            "made_at": now.isoformat(timespec="seconds"),
            "database": connection.vendor,
            "migrations": applied,
            **of_database,
        }
        writer.add_manifest(facts, Path(scratch) / "manifest.json")
        n_files = len(writer.files)
    log.info("backup_written", path=str(path), files=n_files)
    return Backup(path, n_files, path.stat().st_size)


def backup_check(*, path: Path) -> dict[str, Any]:
    """The facts of an archive that is whole and that this code can restore. Raises ArchiveError."""
    with archive_verified(path) as archive, _scratch() as scratch:
        _check(archive, scratch)
        return archive.facts


def backup_restore(*, path: Path, force: bool, say: Say = lambda line: None) -> int:
    """Puts files, then rows of the archive in place, and migrates them to this code; how many files.

    Nothing is touched before all of the archive was verified. The rows come last and at once: a restore that was cut
    short left the site as it was, with some files more. Raises ArchiveError, also where there is a site already
    and `force` is not given.
    """
    with archive_verified(path) as archive, _scratch() as scratch:
        _check(archive, scratch)
        say(f"verified: {len(archive.names)} files of {archive.facts.get('made_at')}")
        if not force and not site_is_empty():
            raise ArchiveError(
                "there is a site already; --force replaces its rows and files of the same names"
            )
        n_files = files.load(archive)
        say(f"files: {n_files}")
        try:
            with connection.wrap_database_errors:
                _database().load(archive, scratch)
        except DatabaseError as error:
            raise ArchiveError(f"the database stays as it was: {error}") from error
    call_command("migrate", interactive=False, verbosity=0)
    say("database: restored and migrated")
    log.info("backup_restored", path=str(path), files=n_files)
    return n_files


def site_is_empty() -> bool:
    """Whether neither the storages hold a file nor our tables a row."""
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
    """Raises ArchiveError where this site cannot take the archive. The database may be unpacked into `scratch`."""
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


def _waiting_migrations() -> list[str]:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def _database() -> Any:
    return _DATABASES[connection.vendor]

"""Behaviour on a full disk: reads continue; writes are refused with an explanation."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Callable

import psycopg
import structlog
from django.db import DatabaseError, transaction

from ml.errors import StorageError

log = structlog.get_logger(__name__)
_SQLITE = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN)


def disk_is_full(error: BaseException | None) -> bool:
    """Return whether an error, or one of its causes, says that a disk is full."""
    while error is not None:
        if isinstance(error, StorageError | psycopg.errors.DiskFull):
            return True
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            return True
        # The primary code is the last byte of SQLite's extended ones; a file that cannot grow is an I/O error.
        if isinstance(error, sqlite3.OperationalError) and error.sqlite_errorcode & 0xFF in _SQLITE:
            return True
        error = error.__cause__
    return False


def write_or_log(write: Callable[[], object], what: str) -> None:
    """Write what an answer can do without, such as a last-used time. Database errors are logged, not raised."""
    try:
        with transaction.atomic():
            write()
    except DatabaseError as error:
        log.warning("write_skipped", what=what, error=str(error))

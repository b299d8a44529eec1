"""Django's SQLite backend, whose log and shared memory files stay while the process lives.

SQLite deletes both with the last connection and makes them anew with the next, which fails on a full disk: then nothing
could even be read.
"""

from __future__ import annotations

import os
import sqlite3
from threading import Lock
from typing import Any

from django.db.backends.sqlite3 import base

_kept: dict[tuple[int, str], sqlite3.Connection] = {}  # by process, since none may be used across a fork
_lock = Lock()


class DatabaseWrapper(base.DatabaseWrapper):
    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        connection = super().get_new_connection(conn_params)
        name = str(conn_params["database"])
        if not self.is_in_memory_db():
            with _lock:
                if (os.getpid(), name) not in _kept:
                    _kept[os.getpid(), name] = _opened(name)
        return connection


def _opened(name: str) -> sqlite3.Connection:
    """A connection that has read once, and so holds the files, but no lock."""
    kept = sqlite3.connect(name, check_same_thread=False)
    kept.execute("SELECT count(*) FROM sqlite_master").fetchall()
    return kept

"""Django's SQLite backend, whose log and shared-memory files stay while the process lives.

SQLite deletes both with the last connection and creates them again with the next, which fails on a full disk, where even
reading would then fail.
"""

from __future__ import annotations

import os
import sqlite3
from threading import Lock
from typing import Any

from django.db.backends.sqlite3 import base

_held: dict[
    tuple[int, str], sqlite3.Connection
] = {}  # by process, since a connection must not be used across a fork
_lock = Lock()


class DatabaseWrapper(base.DatabaseWrapper):
    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        connection = super().get_new_connection(conn_params)
        name = str(conn_params["database"])
        if not self.is_in_memory_db():
            with _lock:
                if (os.getpid(), name) not in _held:
                    _held[os.getpid(), name] = _holding_connection(name)
        return connection


def _holding_connection(name: str) -> sqlite3.Connection:
    """Return a connection that has read once, and so keeps the files, but holds no lock."""
    connection = sqlite3.connect(name, check_same_thread=False)
    connection.execute("SELECT count(*) FROM sqlite_master").fetchall()
    return connection

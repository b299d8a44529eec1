"""Django's PostgreSQL backend, whose pool notices within a moment that the server is gone, and that it is back.

By itself the pool lets every request wait its whole patience for a connection that cannot come, until all threads
of a process wait and nothing is answered any more, not even what needs no database; and after a restart it hands
out connections that the server has closed.
"""

from __future__ import annotations

import select
from time import monotonic
from typing import Any

from django.db.backends.postgresql import base
from psycopg import Connection, OperationalError, pq
from psycopg.conninfo import make_conninfo
from psycopg_pool import PoolTimeout

PATIENCE_S = 10.0  # for a connection of a pool whose connections are all in use
_PAUSE_S = 0.5  # how long a server that was found to be gone is taken to be


class DatabaseWrapper(base.DatabaseWrapper):
    """Asks the server whether it is there before it waits any longer for a connection to it."""

    _gone_until = 0.0

    def get_new_connection(self, conn_params: dict[str, Any]) -> Connection[Any]:
        pool = self.pool
        if pool is None:
            direct: Connection[Any] = super().get_new_connection(conn_params)
            return direct
        ends = monotonic() + PATIENCE_S
        while True:
            if monotonic() < DatabaseWrapper._gone_until:
                raise OperationalError("the server did not answer a moment ago")
            try:
                connection: Connection[Any] = super().get_new_connection(conn_params)
            except PoolTimeout:
                self._check_server(conn_params)
                if monotonic() > ends:
                    raise
                continue
            if not _hung_up(connection):
                return connection
            connection.close()
            pool.putconn(connection)  # which replaces it
            self._check_server(conn_params)

    def _check_server(self, conn_params: dict[str, Any]) -> None:
        known = ("host", "port", "dbname", "user")
        where = {key: conn_params[key] for key in known if conn_params.get(key)}
        if pq.PGconn.ping(make_conninfo(**where, connect_timeout=2).encode()) != pq.Ping.OK:
            DatabaseWrapper._gone_until = monotonic() + _PAUSE_S
            raise OperationalError("the server does not answer")


def _hung_up(connection: Connection[Any]) -> bool:
    """Whether an idle connection has something to read: the server's farewell."""
    if connection.closed:
        return True
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))

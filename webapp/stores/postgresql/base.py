"""Django's PostgreSQL backend, with a pool that quickly notices when the server has gone, and when it is back.

By itself the pool lets every request wait its full timeout for a connection that cannot come, until all threads of a
process wait and nothing is answered any more, not even requests without a query. After a restart it hands out
connections that the server has closed.
"""

from __future__ import annotations

import select
from time import monotonic
from typing import Any

from django.db.backends.postgresql import base
from psycopg import Connection, OperationalError, pq
from psycopg.conninfo import make_conninfo
from psycopg_pool import PoolTimeout

CONNECTION_WAIT_S = 10.0  # for a connection from a pool whose connections are all in use
_RETRY_S = 0.5  # how long a server found to be gone is assumed to stay gone


class DatabaseWrapper(base.DatabaseWrapper):
    """Checks that the server answers before it waits any longer for a connection."""

    _gone_until = 0.0

    def get_new_connection(self, conn_params: dict[str, Any]) -> Connection[Any]:
        pool = self.pool
        if pool is None:
            direct: Connection[Any] = super().get_new_connection(conn_params)
            return direct
        ends = monotonic() + CONNECTION_WAIT_S
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
            DatabaseWrapper._gone_until = monotonic() + _RETRY_S
            raise OperationalError("the server does not answer")


def _hung_up(connection: Connection[Any]) -> bool:
    """Return whether an idle connection has something to read, which is the server's notice of closing it."""
    if connection.closed:
        return True
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))

"""The database's knowledge of its own tables."""

from __future__ import annotations

from django.db import connection, models


def statistics_refresh(*tables: type[models.Model]) -> None:
    """Has PostgreSQL count its rows again after a bulk write: by the old counts it would join them row by row.

    It would find out by itself a minute later; whoever reads at once does not wait that long. SQLite needs none.
    """
    if connection.vendor == "postgresql":
        names = ", ".join(connection.ops.quote_name(table._meta.db_table) for table in tables)
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {names}")

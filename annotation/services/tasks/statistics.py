"""Table statistics of the database's query planner."""

from __future__ import annotations

from django.db import connection, models


def statistics_refresh(*tables: type[models.Model]) -> None:
    """Run ANALYZE on PostgreSQL after a bulk write; with outdated row counts, it plans slow nested loops.

    Autovacuum does the same about a minute later, too late for queries right after the write. SQLite needs none.
    """
    if connection.vendor == "postgresql":
        names = ", ".join(connection.ops.quote_name(table._meta.db_table) for table in tables)
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {names}")

"""After a bulk import, the query planner has current row counts."""

from __future__ import annotations

import pytest
from django.db import connection

from annotation.models import Task
from annotation.services.tasks.statistics import statistics_refresh
from tests.support.crowd import make_campaign

pytestmark = pytest.mark.both_stores


@pytest.mark.django_db
def test_statistics_are_current_after_a_bulk_write() -> None:
    make_campaign(n_tasks=4)
    statistics_refresh(Task)
    if connection.vendor != "postgresql":  # SQLite has none to check
        assert Task.objects.count() == 4
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE relname = %s", [Task._meta.db_table])
        assert cursor.fetchone() == (4.0,)

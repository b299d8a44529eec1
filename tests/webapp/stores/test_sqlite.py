"""The SQLite backend."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection, connections

from webapp.catalog.models import Category


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "sqlite", reason="files of SQLite")
def test_files_stay_when_the_last_connection_closes() -> None:
    """Creating them again would need room on the disk, even to read."""
    Category.objects.create(slug="a", name_en="A")
    log = Path(f"{connection.settings_dict['NAME']}-wal")
    connections.close_all()
    assert log.exists()
    assert Category.objects.count() == 1

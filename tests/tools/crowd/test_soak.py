"""The short form of `make soak`: killed servers, late answers, every kind of mischief, on the tested store."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from tests.e2e.site_process import ROOT, fresh_database
from tests.support.migrated import migrated_copy

pytestmark = pytest.mark.slow


@pytest.mark.database
@pytest.mark.both_stores
def test_servers_killed_twice_lose_and_double_nothing(tmp_path: Path) -> None:
    server = settings.CONFIG.database_url
    url = "" if server.path else os.environ["SKETCHFIND_DATABASE_URL"]
    name = f"sketchfind_soak_{os.environ.get('PYTEST_XDIST_WORKER', 'gw0')}"
    env = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "webapp.settings",
        "SKETCHFIND_DATA_DIR": str(tmp_path),
        "SKETCHFIND_DATABASE_URL": fresh_database(url, name) or f"sqlite:///{tmp_path / 'soak.sqlite3'}",
        "SKETCHFIND_REDIS_URL": "",
        "SKETCHFIND_SECRET_KEY": "soak " * 12,
        "SKETCHFIND_API_RATE": "100000/min",
        "SKETCHFIND_LOG_LEVEL": "WARNING",
    }
    size = [
        "--workers",
        "10",
        "--votes",
        "300",
        "--web",
        "2",
        "--kills",
        "2",
        "--lease-s",
        "1",
        "--trouble",
        "0.05",
    ]
    made = migrated_copy(env["SKETCHFIND_DATABASE_URL"])
    for command in ([] if made else [["migrate", "--noinput"]]) + [["annotation_soak", *size]]:
        done = subprocess.run(
            [sys.executable, "manage.py", *command], cwd=ROOT, env=env, capture_output=True, text=True
        )
        assert done.returncode == 0, f"{done.stdout}{done.stderr}"
    assert "300 votes counted" in done.stdout
    assert "servers killed: 2" in done.stdout
    assert done.stdout.splitlines()[-1] == (
        "0 tasks with too many votes, 0 double votes, 0 lost receipts, 0 tasks left open"
    )

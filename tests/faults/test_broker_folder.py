"""The folder of a site's messages is deleted under a running worker, which creates it again and continues."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.support.topology import Topology, processes
from tests.support.worker import wake

JOB = "celery.accumulate"  # Celery's own; it needs no table


def test_a_worker_outlives_its_broker_folder(tmp_path: Path) -> None:
    if os.environ.get("SKETCHFIND_DATABASE_URL"):
        pytest.skip("has stores of its own; runs with the tests on SQLite")
    stores = {
        "SKETCHFIND_DATABASE_URL": f"sqlite:///{tmp_path / 'site.sqlite3'}",
        "SKETCHFIND_REDIS_URL": "",
        "SKETCHFIND_LOG_LEVEL": "INFO",
    }
    with processes(tmp_path) as (family, _):
        topology = Topology(family, tmp_path, stores)
        broker = Path(topology.environ["SKETCHFIND_DATA_DIR"]) / "broker"
        topology.worker("worker", "default")
        topology.until(lambda: "ready." in topology.log("worker"), "the worker", within_s=90)

        shutil.rmtree(broker)

        topology.until((broker / "messages").is_dir, "a folder made again", within_s=30)
        wake(JOB, "default", topology.environ)
        topology.until(lambda: "task_succeeded" in topology.log("worker"), "the job", within_s=30)
        assert family.first_ended() is None

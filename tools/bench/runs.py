"""Measure the pages of runs with many runs and long curves."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from time import perf_counter

from django.db import connection
from django.test import Client
from django.utils import timezone

from webapp.accounts.models import User
from webapp.registry.models import DatasetSnapshot, RunLogLine, RunMetric, TrainingRun
from webapp.registry.pagination import RegistryPagination

NOTE = "benchmark"
_STAGES = (
    ("pretraining/1-edges", 0.2),
    ("pretraining/2-sketches", 0.2),
    ("1-train", 0.57),
    ("machine", 0.03),
)
_LOG_LINES = 500
_COPIED = {
    RunMetric: ("stage", "step", "at", "values", "validated"),
    RunLogLine: ("number", "at", "level", "text"),
}


@dataclass(frozen=True, slots=True)
class Timing:
    """Milliseconds of a page: the median and the maximum of its requests."""

    path: str
    median_ms: float
    slowest_ms: float
    kilobytes: float


@contextmanager
def filled(n_runs: int, n_rows: int) -> Iterator[list[int]]:
    """Create runs with metric rows, yield their ids, and delete them afterwards."""
    snapshot = DatasetSnapshot.objects.create(name=NOTE, format="qmul-v1", sha256=f"{NOTE:0<64}")
    try:
        runs = TrainingRun.objects.bulk_create(_run(snapshot, number) for number in range(n_runs))
        ids = sorted(run.pk for run in runs)
        first = TrainingRun.objects.get(pk=ids[0])
        RunMetric.objects.bulk_create(_rows(first, n_rows), 2000)
        RunLogLine.objects.bulk_create(
            RunLogLine(run=first, number=number, at=timezone.now(), text=f"line {number} of the log")
            for number in range(_LOG_LINES)
        )
        for model, columns in _COPIED.items():
            _copy(model._meta.db_table, columns, first.pk, snapshot.pk)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        yield ids
    finally:
        for model in _COPIED:
            _delete(model._meta.db_table, snapshot.pk)
        TrainingRun.objects.filter(snapshot=snapshot).delete()
        snapshot.delete()


def measured(ids: list[int], *, requests: int) -> list[Timing]:
    """Time every page of the studio's runs, requested by an operator, over evenly spread runs."""
    operator = User.objects.filter(role=User.Role.OPERATOR).first()
    made = operator is None
    operator = operator or User.objects.create_user("registry-bench", role=User.Role.OPERATOR)
    client = Client(SERVER_NAME="localhost")
    client.force_login(operator, backend="django.contrib.auth.backends.ModelBackend")
    spread = [ids[number * (len(ids) - 1) // max(1, requests - 1)] for number in range(requests)]
    try:
        return [_timed(client, path, spread, len(ids)) for path in _PATHS]
    finally:
        client.logout()
        if made:
            operator.delete()


_PATHS = (
    "/api/v1/runs/",
    "/api/v1/runs/?page={last}",
    "/api/v1/runs/?status=failed&system=dssa",
    "/api/v1/runs/{run}/",
    "/api/v1/runs/{run}/metrics/",
    "/api/v1/runs/{run}/metrics/?after=0",
    "/api/v1/runs/{run}/log/",
    "/api/v1/runs/compare/?ids={run},{next},{other}",
    "/api/v1/runs/options/",
    "/api/v1/models/",
    "/api/v1/releases/",
    "/api/v1/gates/",
    "/api/v1/queue/",
    "/studio/",
    "/studio/runs/",
    "/studio/runs/{run}/",
    "/studio/runs/compare/?ids={run},{next},{other}",
    "/studio/models/",
    "/studio/releases/",
)


def _timed(client: Client, path: str, spread: list[int], n_runs: int) -> Timing:
    """Send one request to warm up, then one per run."""
    taken, size = [], 0
    for run in (spread[0], *spread):
        beside = run + 1 if run < spread[-1] else run - 1
        url = path.format(
            run=run, next=beside, other=spread[0], last=-(-n_runs // RegistryPagination.page_size)
        )
        started = perf_counter()
        answer = client.get(url, secure=True)
        taken.append(1000 * (perf_counter() - started))
        if answer.status_code != 200:
            raise RuntimeError(f"{url}: status {answer.status_code}")
        size = len(answer.content)
    return Timing(path, median(taken[1:]), max(taken[1:]), size / 1000)


def _run(snapshot: DatasetSnapshot, number: int) -> TrainingRun:
    system = ("triplet-san", "dssa", "gdh", "sketchfind")[number % 4]
    return TrainingRun(
        snapshot=snapshot,
        snapshot_sha256=snapshot.sha256,
        system=system,
        note=NOTE,
        status=("done", "failed", "cancelled")[number % 3],
        config={"steps": 1000 + number},
        latest={"loss": 0.1, "annotated": 0.2, "easy": 0.1, "val/score": 0.5, "val/acc@1": 0.4},
        best={"val/score": 0.5, "step": 900, "stage": "1-train"},
        started_at=timezone.now(),
    )


def _rows(run: TrainingRun, n_rows: int) -> Iterator[RunMetric]:
    started = timezone.now()
    for stage, share in _STAGES:
        for step in range(round(share * n_rows)):
            loss = 1 / math.sqrt(step + 1)
            values = {"loss": loss, "annotated": loss / 2, "easy": loss / 3}
            validated = step % 100 == 99 and stage != "machine"
            if validated:
                values |= {"val/score": 1 - loss, "val/acc@1": 0.9 - loss, "val/%corr": 0.8 - loss}
            at = started + timedelta(seconds=step)
            yield RunMetric(run=run, stage=stage, step=step, at=at, values=values, validated=validated)


def _copy(table: str, columns: tuple[str, ...], run_id: int, snapshot_id: int) -> None:
    """Copy the first run's rows to every other run of the benchmark, inside the database."""
    listed = ", ".join(f'"{column}"' for column in columns)
    of_row = ", ".join(f'row."{column}"' for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (run_id, {listed}) SELECT run.id, {of_row} "
            f"FROM registry_trainingrun AS run CROSS JOIN {table} AS row "
            "WHERE run.snapshot_id = %s AND run.id <> %s AND row.run_id = %s ORDER BY run.id, row.id",
            [snapshot_id, run_id, run_id],
        )


def _delete(table: str, snapshot_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM {table} WHERE run_id IN "
            "(SELECT id FROM registry_trainingrun WHERE snapshot_id = %s)",
            [snapshot_id],
        )

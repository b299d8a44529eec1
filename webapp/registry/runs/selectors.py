"""Reads of runs for pages, API and sockets. The database downsamples curves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any, TypedDict

from django.db.models import Count, F, Max, Min, Q, QuerySet

from webapp.catalog.models import CatalogImport
from webapp.registry.models import IndexBuild, RunLogLine, RunMetric, TrainingRun, WorkerBeat
from webapp.registry.runs.settings import full_settings

ROWS_AT_ONCE = 2000
_Columns = tuple[int, datetime, dict[str, float]]  # step, at, values


class Series(TypedDict):
    """Curves of one stage, one column per value; None where a row lacks it."""

    step: list[int]
    at: list[str]
    values: dict[str, list[float | None]]


class MetricRow(TypedDict):
    stage: str
    step: int
    at: str
    values: dict[str, float]


class LogLine(TypedDict):
    number: int
    at: str
    level: str
    text: str


class Worker(TypedDict):
    name: str
    queues: list[str]
    alive_at: str
    doing: Mapping[str, Any] | None
    device: str
    cpu_percent: float | None
    memory_bytes: int | None


class Queue(TypedDict):
    name: str
    waiting: int


class QueueState(TypedDict):
    queues: list[Queue]
    workers: list[Worker]


class Difference(TypedDict):
    """A setting in which runs differ: its value by run id, None if a run has no such setting."""

    key: str
    values: dict[str, Any]


def runs_listed(*, status: str = "", system: str = "") -> QuerySet[TrainingRun]:
    """Return runs, newest first, with what a row of the list shows."""
    runs = TrainingRun.objects.select_related("snapshot", "created_by").order_by("-pk")
    if status:
        runs = runs.filter(status=status)
    return runs.filter(system=system) if system else runs


def runs_detailed() -> QuerySet[TrainingRun]:
    """Return runs with what their page shows."""
    return runs_listed().select_related("base_model").prefetch_related("model_versions")


def stages_of(run: TrainingRun) -> list[str]:
    """Return the stages that have rows, in the order in which they started."""
    found = RunMetric.objects.filter(run=run).order_by().values_list("stage", flat=True).distinct()
    first = {
        stage: RunMetric.objects.filter(run=run, stage=stage).order_by("step").values_list("at").first()
        for stage in found
    }
    return sorted(first, key=lambda stage: first[stage] or ())


def gate_of(run: TrainingRun) -> dict[str, Any] | None:
    """Return the newest gate report on the run's model."""
    report = run.gates.order_by("-pk").first()
    if report is None:
        return None
    summary = {"id": report.pk, "release": report.release_id}
    return {**summary, "status": report.status, "passed": report.passed, "better": report.better}


def series_of(run: TrainingRun, *, points: int) -> tuple[int, dict[str, Series]]:
    """Return the newest row's id, and about `points` rows per stage, always with the first, the last and validations."""
    last_id, rows = _last_id(run), RunMetric.objects.filter(run=run).order_by()
    stages = rows.values("stage").annotate(
        first=Min("step"), last=Max("step"), n_validated=Count("pk", filter=Q(validated=True))
    )
    series = {}
    for each in sorted(stages, key=lambda each: each["stage"]):
        of_stage = rows.filter(stage=each["stage"])
        width = -(-(each["last"] - each["first"] + 1) // points)  # steps per bucket, of which one is returned
        buckets = of_stage.annotate(bucket=F("step") / width).values("bucket")
        kept = Q(pk__in=buckets.annotate(pick=Min("pk")).values("pick")) | Q(step=each["last"])
        if each["n_validated"] <= points:
            kept |= Q(validated=True)
        columns = of_stage.filter(kept).order_by("step").values_list("step", "at", "values")
        series[each["stage"]] = _as_series(columns)
    return last_id, series


def series_after(run: TrainingRun, *, after: int) -> tuple[int, dict[str, Series]]:
    """Return the id of the newest returned row, and at most ROWS_AT_ONCE rows after id `after`, without downsampling."""
    rows = list(_rows_after(run.pk, after))
    by_stage: dict[str, list[_Columns]] = {}
    for row in rows:
        by_stage.setdefault(row.stage, []).append((row.step, row.at, row.values))
    series = {stage: _as_series(sorted(columns, key=itemgetter(0))) for stage, columns in by_stage.items()}
    return (rows[-1].pk if rows else after), series


def metric_rows_after(run_id: int, after: int) -> tuple[int, list[MetricRow]]:
    """Return the newest row's id and at most ROWS_AT_ONCE rows after id `after`."""
    rows = list(_rows_after(run_id, after))
    found: list[MetricRow] = [
        {"stage": row.stage, "step": row.step, "at": row.at.isoformat(), "values": row.values} for row in rows
    ]
    return (rows[-1].pk if rows else after), found


def log_after(run_id: int, after: int) -> list[LogLine]:
    """Return at most ROWS_AT_ONCE lines with a number above `after`; -1 starts at the first."""
    lines = RunLogLine.objects.filter(run=run_id, number__gt=after).order_by("number")[:ROWS_AT_ONCE]
    return [
        {"number": line.number, "at": line.at.isoformat(), "level": line.level, "text": line.text}
        for line in lines
    ]


def differences(runs: Sequence[TrainingRun]) -> list[Difference]:
    """Return what distinguishes runs: dataset, system, profile and every setting that is not the same in all."""
    settings_by_run = {
        str(run.pk): {
            "snapshot": run.snapshot.name,
            "system": run.system,
            "profile": run.profile,
            "base_model": str(run.base_model) if run.base_model else None,
            "processes": run.processes,
            **{f"config.{key}": value for key, value in full_settings(run).items()},
        }
        for run in runs
    }
    keys = dict.fromkeys(key for settings in settings_by_run.values() for key in settings)
    found: list[Difference] = []
    for key in keys:
        values = {run_id: settings.get(key) for run_id, settings in settings_by_run.items()}
        if len({repr(value) for value in values.values()}) > 1:
            found.append({"key": key, "values": values})
    return found


def queue_state() -> QueueState:
    """Return the length of each queue, by rows, and the workers with a heartbeat."""
    waiting = {
        "train": TrainingRun.objects.filter(status=TrainingRun.Status.QUEUED).count(),
        "index": IndexBuild.objects.filter(status=IndexBuild.Status.QUEUED).count(),
        "default": CatalogImport.objects.filter(status=CatalogImport.Status.QUEUED).count(),
    }
    return {
        "queues": [{"name": name, "waiting": n} for name, n in waiting.items()],
        "workers": [
            {
                "name": worker.name,
                "queues": worker.queues,
                "alive_at": worker.alive_at.isoformat(),
                "doing": worker.doing,
                "device": worker.device,
                "cpu_percent": worker.cpu_percent,
                "memory_bytes": worker.memory_bytes,
            }
            for worker in WorkerBeat.objects.all()
        ],
    }


def _rows_after(run_id: int, after: int) -> QuerySet[RunMetric]:
    return RunMetric.objects.filter(run=run_id, pk__gt=after).order_by("pk")[:ROWS_AT_ONCE]


def _last_id(run: TrainingRun) -> int:
    newest = RunMetric.objects.filter(run=run).order_by("-pk").values_list("pk", flat=True).first()
    return newest or 0


def _as_series(rows: Iterable[_Columns]) -> Series:
    """Return rows as columns, in order of their steps."""
    series: Series = {"step": [], "at": [], "values": {}}
    for number, (step, at, values) in enumerate(rows):
        series["step"].append(step)
        series["at"].append(at.isoformat())
        for name in values.keys() - series["values"].keys():
            series["values"][name] = [None] * number
        for name, column in series["values"].items():
            column.append(values.get(name))
    return series

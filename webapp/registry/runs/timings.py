"""How long a run takes here: measured on the newest complete run of each system, profile and format."""

from __future__ import annotations

from typing import TypedDict

from django.db.models import Count, Max, Min

from webapp.registry.models import RunMetric, TrainingRun, WorkerBeat
from webapp.registry.models.runs import MACHINE
from webapp.registry.runs.process.devices import local_devices
from webapp.registry.runs.settings import full_settings

_LOOKED_AT = 100  # runs


class Timing(TypedDict):
    """Times of one complete run, in seconds; `steps` and `batch_size` are its settings, if it has them."""

    run: int
    system: str
    profile: str
    format: str
    device: str
    prepare_s: float
    step_s: float
    n_steps: int
    n_stages: int
    finish_s: float
    steps: int | None
    batch_size: int | None


def timings() -> list[Timing]:
    """Return the timing of the newest run of each system, profile and format that ended in one attempt.

    Only runs on devices that are there now count: another machine says nothing about this one.
    """
    found: dict[tuple[str, str, str], Timing] = {}
    devices = _devices()
    runs = TrainingRun.objects.filter(status=TrainingRun.Status.DONE, attempts=1, processes=1)
    for run in runs.select_related("snapshot").order_by("-pk")[:_LOOKED_AT]:
        key = (run.system, run.profile, run.snapshot.format)
        if key not in found and run.device in devices and (timing := timing_of(run)):
            found[key] = timing
    return list(found.values())


def timing_of(run: TrainingRun) -> Timing | None:
    """Return the timing of a run; None if it has fewer than two steps in every stage."""
    rows = RunMetric.objects.filter(run=run).exclude(stage=MACHINE).order_by()
    stages = list(rows.values("stage").annotate(n=Count("pk"), first=Min("at"), last=Max("at")))
    started, finished = run.attempt_at or run.started_at, run.finished_at
    n_gaps = sum(stage["n"] - 1 for stage in stages)
    if not n_gaps or started is None or finished is None:
        return None
    spent = sum((stage["last"] - stage["first"]).total_seconds() for stage in stages)
    first, last = min(stage["first"] for stage in stages), max(stage["last"] for stage in stages)
    settings = full_settings(run)
    return {
        "run": run.pk,
        "system": run.system,
        "profile": run.profile,
        "format": run.snapshot.format,
        "device": run.device,
        "prepare_s": round(max(0.0, (first - started).total_seconds()), 1),
        "step_s": round(spent / n_gaps, 4),
        "n_steps": sum(stage["n"] for stage in stages),
        "n_stages": len(stages),
        "finish_s": round(max(0.0, (finished - last).total_seconds()), 1),
        "steps": _whole(settings.get("steps")),
        "batch_size": _whole(settings.get("batch_size")),
    }


def _devices() -> set[str]:
    labels = {device.label for device in local_devices()}
    for beat in WorkerBeat.objects.all():
        labels |= set(beat.device.split(", "))
    return labels


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None

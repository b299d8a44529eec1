"""Runs, workers and a second release for the browser tests: `manage.py shell` calls `make` and prints ids by name."""

from __future__ import annotations

import json
import math
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.utils import timezone

from annotation.models import Campaign
from webapp.catalog.models import Product
from webapp.registry.models import (
    DatasetSnapshot,
    GateReport,
    IndexBuild,
    ModelVersion,
    Release,
    RunLogLine,
    RunMetric,
    TrainingRun,
    WorkerBeat,
)

EXAMPLES = Path(__file__).resolve().parents[3] / "webapp" / "search" / "examples.json"
N_STEPS = 400
VALIDATE_EVERY = 50


def make() -> None:
    """Print one JSON object of ids."""
    now = timezone.now()
    Campaign.objects.create(title="Chairs: retrained by a rule", slug="chairs-by-rule")
    snapshot = DatasetSnapshot.objects.create(
        name="Chairs, 1,204 triplets", format="snapshot", sha256="5" * 64
    )
    done = _run(
        snapshot, now, status="done", best={"score": 0.61, "acc@1": 0.61, "acc@10": 0.94, "step": 400}
    )
    for stage, floor in (("1-projection", 1.1), ("2-ranking", 0.4)):
        _curve(done, stage, floor, now - timedelta(hours=2))
    _machine(done, now - timedelta(hours=2))
    _log(
        done,
        now,
        ["reading 1,204 triplets", "warning: 3 photos are missing", "stage 1 of 2", "stage 2 of 2", "done"],
    )
    other = _run(
        snapshot, now, status="done", config={"learning_rate": 0.01, "steps": 300}, best={"acc@1": 0.57}
    )
    _curve(other, "1-projection", 1.3, now - timedelta(hours=4))
    error = (
        "out of memory: the system killed the training (SIGKILL); it used 7.6 GiB\n"
        "while training stage 2-ranking, step 31"
    )
    failed = _run(snapshot, now, status="failed", error=error, attempts=2)
    _curve(failed, "1-projection", 1.2, now - timedelta(hours=1))
    _log(failed, now, ["stage 1 of 2", "error: killed by signal 9"])
    running = _run(
        snapshot,
        now,
        status="running",
        finished_at=None,
        heartbeat_at=now + timedelta(days=1),  # so that no worker claims it
        stage="2-ranking",
        step=180,
        n_steps=N_STEPS,
        step_s=0.5,
        note="Do chairs gain from the last 300 triplets?",
    )
    _curve(running, "1-projection", 1.0, now - timedelta(minutes=9))
    _curve(running, "2-ranking", 0.5, now - timedelta(minutes=4), n=180)
    _machine(running, now - timedelta(minutes=9))
    _log(running, now, [f"line {n}" for n in range(60)])
    queued = _run(snapshot, now, status="queued", started_at=None, finished_at=None, attempts=0)
    WorkerBeat.objects.create(
        name="train@desk",
        queues=["train"],
        alive_at=now + timedelta(days=1),
        doing={"kind": "run", "id": running.pk},
        device="2 processor cores",
        cpu_percent=173.0,
        memory_bytes=1_340_000_000,
    )
    WorkerBeat.objects.create(
        name="index@desk", queues=["index", "default"], alive_at=now - timedelta(minutes=7)
    )
    live, candidate = Release.objects.get(), _second_release()
    _gate(candidate, live)
    ids = {
        "snapshot": snapshot.pk,
        "done": done.pk,
        "other": other.pk,
        "failed": failed.pk,
        "running": running.pk,
        "queued": queued.pk,
        "live": live.pk,
        "candidate": candidate.pk,
        "model": live.model.pk,
        "unindexed": _unindexed(other, live.model).pk,
    }
    print(json.dumps(ids))


def tell(run_id: int, steps: list[int]) -> None:
    """Add rows and a log line, as a worker does."""
    run = TrainingRun.objects.get(pk=run_id)
    for step in steps:
        _row(run, "2-ranking", step, {"loss": 0.5, "lr": 0.001}, timezone.now())
    TrainingRun.objects.filter(pk=run_id).update(step=steps[-1])
    number = RunLogLine.objects.filter(run=run).count()
    RunLogLine.objects.create(run=run, number=number, at=timezone.now(), text=f"reported of step {steps[-1]}")


def _run(snapshot: DatasetSnapshot, now: datetime, **fields: Any) -> TrainingRun:
    usual = {
        "snapshot_sha256": snapshot.sha256,
        "system": "sketchfind",
        "profile": "fine-tune",
        "device": "2 processor cores",
        "worker": "train@desk",
        "attempts": 1,
        "trained_s": 154.0,
        "started_at": now - timedelta(minutes=9),
        "finished_at": now - timedelta(minutes=5),
        "stage": "2-ranking",
    }
    return TrainingRun.objects.create(snapshot=snapshot, **{**usual, **fields})


def _curve(run: TrainingRun, stage: str, floor: float, since: datetime, n: int = N_STEPS) -> None:
    rows = []
    for step in range(n):
        wobble = 0.15 * math.sin(step * 2.7) * math.exp(-step / 300)
        values = {"loss": floor + 2 * math.exp(-step / 90) + wobble, "lr": 1e-3 * (1 - step / N_STEPS)}
        if (step + 1) % VALIDATE_EVERY == 0:
            values["val/acc@1"] = 0.6 - 0.3 * math.exp(-step / 120)
        at = since + timedelta(seconds=step / 2)
        validated = "val/acc@1" in values
        rows.append(RunMetric(run=run, stage=stage, step=step, at=at, values=values, validated=validated))
    RunMetric.objects.bulk_create(rows)


def _machine(run: TrainingRun, since: datetime) -> None:
    for second in range(0, 300, 5):
        values = {"cpu_percent": 150 + 40 * math.sin(second / 30), "memory_bytes": 1.1e9 + second * 1e6}
        _row(run, "machine", second, values, since + timedelta(seconds=second))


def _row(run: TrainingRun, stage: str, step: int, values: dict[str, float], at: datetime) -> None:
    RunMetric.objects.create(run=run, stage=stage, step=step, at=at, values=values)


def _log(run: TrainingRun, now: datetime, lines: list[str]) -> None:
    for number, text in enumerate(lines):
        level = text.split(":")[0] if text.startswith(("warning:", "error:")) else "info"
        RunLogLine.objects.create(run=run, number=number, at=now, level=level, text=text)


def _second_release() -> Release:
    """Create a copy of the live release's model and files that can be promoted."""
    first = IndexBuild.objects.filter(status="ready").latest("pk")
    again = IndexBuild.objects.get(pk=first.pk)
    again.pk, again._state.adding = None, True
    again.catalogue_sha256 = "e" * 64
    again.save()
    return Release.objects.create(
        index_build=again,
        model_sha256=again.model_sha256,
        index_sha256=again.sha256,
        note="from the last run",
    )


def _unindexed(run: TrainingRun, like: ModelVersion) -> ModelVersion:
    """Create a run's model whose index failed."""
    model = ModelVersion.objects.get(pk=like.pk)
    model.pk, model._state.adding = None, True
    model.sha256, model.version, model.training_run = "7" * 64, f"{like.version}-unindexed", run
    model.save()
    IndexBuild.objects.create(
        model=model,
        model_sha256=model.sha256,
        catalogue_sha256="f" * 64,
        status="failed",
        error="OSError: [Errno 28] No space left on device",
        finished_at=timezone.now(),
    )
    return model


def _gate(candidate: Release, live: Release) -> None:
    """Create a report with everything that a page shows."""
    chairs = list(Product.objects.filter(category__slug="chair").order_by("pk").values_list("pk", flat=True))
    before, after = chairs[:10], [chairs[1], chairs[0], *chairs[3:9], *chairs[10:12]]
    sketch = json.loads(EXAMPLES.read_text())["examples"][0]["sketch"]
    report = {
        "against": live.pk,
        "split": {"name": "test", "snapshot": "5" * 64, "n_sketches": 120, "n_triplets": 640, "n_random": 96},
        "metrics": {
            "acc@1": _metric(0.412, 0.388, 120, 0.05),
            "acc@10": _metric(0.891, 0.842, 120, 0.02),
            "%corr": _metric(0.771, 0.702, 640, 0.015),
            "%corr_random": _metric(0.744, 0.761, 96, 0.06),
        },
        "latency_ms": {"candidate": _times(5.2, 8.9), "live": _times(5.1, 8.4)},
        "index": {"candidate": _index(91), "live": _index(91)},
        "canary": {
            "n": 100,
            "overlap_at_10": {"value": 0.74, "ci95": [0.69, 0.79]},
            "score_shift": {"value": 0.021, "ci95": [0.015, 0.027]},
            "examples": [
                {"sketch": sketch, "overlap": 0.8, "live": _hits(before), "candidate": _hits(after)},
                {"sketch": sketch, "overlap": 1.0, "live": _hits(before), "candidate": _hits(before)},
            ],
        },
    }
    reasons = [
        {"code": "index", "ok": True, "text": "91 photos, 0 unreadable"},
        {"code": "better", "ok": True, "text": "acc@10 rose by 4.9 points (+0.9 to +8.9, n = 120)"},
        {"code": "latency", "ok": True, "text": "p95 8.9 ms, the live release 8.4 ms"},
    ]
    GateReport.objects.create(
        release=candidate,
        against=live,
        status="done",
        report=report,
        passed=True,
        better=True,
        reasons=reasons,
        finished_at=timezone.now(),
    )


def _metric(candidate: float, live: float, n: int, half: float) -> dict[str, Any]:
    def around(value: float, half: float) -> dict[str, Any]:
        return {"value": round(value, 4), "ci95": [round(value - half, 4), round(value + half, 4)]}

    difference = around(candidate - live, 2 * half)
    return {
        "n": n,
        "candidate": around(candidate, half),
        "live": around(live, half),
        "difference": difference,
    }


def _times(p50: float, p95: float) -> dict[str, float]:
    return {"p50": p50, "p95": p95, "n": 118}


def _index(n_photos: int) -> dict[str, Any]:
    return {"n_photos": n_photos, "n_skipped": 0, "catalogue_sha256": "e" * 64, "seconds": 12.0}


def _hits(products: list[int]) -> list[dict[str, Any]]:
    return [{"product": pk, "score": round(0.8 - place / 50, 3)} for place, pk in enumerate(products)]

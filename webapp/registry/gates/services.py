"""The gate: requested when a release is made, run by a worker of queue `index`, decided by `verdict`."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from time import monotonic
from typing import Any

import numpy as np
import structlog
from django.db import IntegrityError, transaction
from django.utils import timezone

from webapp.accounts.models import User
from webapp.jobs.leases import LeaseLostError, row_claim, row_update, unattended
from webapp.registry.datasets import snapshot_folder
from webapp.registry.gates.canary import canary
from webapp.registry.gates.compared import ComparedRelease
from webapp.registry.gates.held_out import SPLIT, HeldOut, held_out
from webapp.registry.gates.measuring import compare
from webapp.registry.gates.verdict import verdict
from webapp.registry.models import (
    DatasetSnapshot,
    GateReport,
    LivePointer,
    Release,
    ReleaseEvent,
    TrainingRun,
)
from webapp.registry.models.releases import LEASE
from webapp.registry.releases.selectors import live_release
from webapp.registry.releases.services import ReleaseConflictError, release_promote
from webapp.registry.wake import gate_wake

log = structlog.get_logger(__name__)
Status = GateReport.Status
_BEAT_S = 5.0


def gate_request(*, release: Release, run: TrainingRun | None = None, by: User | None = None) -> GateReport:
    """Return the report that compares `release` with the live one: the unfinished one, the run's own, or a new one.

    run: the run of the training chain, whose rule may promote a better release. Measured on the run's snapshot, else on
    the newest one.
    """
    unfinished = GateReport.objects.filter(release=release, status__in=[Status.QUEUED, Status.RUNNING])
    if report := unfinished.first():
        return report
    if run is not None and (report := GateReport.objects.filter(release=release, run=run).first()):
        return report
    by_chain, run = run is not None, run or release.model.training_run
    live = live_release()
    try:
        with transaction.atomic():
            report = GateReport.objects.create(
                release=release,
                against=None if live == release else live,
                run=run,
                snapshot=run.snapshot if run else _newest(),
                by_chain=by_chain,
                created_by=by,
            )
    except IntegrityError:  # another request was first
        return unfinished.get()
    gate_wake(report)
    return report


def _newest() -> DatasetSnapshot | None:
    return DatasetSnapshot.objects.filter(format="snapshot").order_by("-pk").first()


def gate_run(*, report: GateReport) -> bool:
    """Run a waiting report to its end. Return False if another worker has it.

    It compares with the release that is live when it starts. If the run's rule says so, a better release is promoted
    together with the verdict, in one transaction. An error is saved in the row and raised again.
    """
    if not row_claim(report, expires_after=LEASE):
        return False
    try:
        live = live_release()
        row_update(report, against=None if live == report.release else live)
        content = _content(report)
        passed, better, reasons = verdict(content)
        with transaction.atomic():
            row_update(
                report,
                status=Status.DONE,
                report=content,
                passed=passed,
                better=better,
                reasons=reasons,
                finished_at=timezone.now(),
                error="",
            )
            _promote_by_rule(report)
    except LeaseLostError:
        log.warning("gate_taken_over", gate=report.pk, attempt=report.attempts)
        return False
    except Exception as error:
        with suppress(LeaseLostError):
            reason = f"{type(error).__name__}: {error}"
            row_update(report, status=Status.FAILED, error=reason, finished_at=timezone.now())
        raise
    log.info("gate_done", gate=report.pk, release=report.release_id, passed=passed, better=better)
    return True


def gates_unattended() -> list[int]:
    """Return reports whose worker is gone or whose message was lost."""
    return unattended(GateReport.objects.all(), now=timezone.now(), after=LEASE)


def _content(report: GateReport) -> dict[str, Any]:
    beat = _Beat(report)
    candidate = ComparedRelease(report.release)
    live = ComparedRelease(report.against) if report.against else None
    snapshot = report.snapshot
    data = held_out(snapshot_folder(snapshot)) if snapshot and snapshot.format == "snapshot" else HeldOut()
    beat()
    metrics, times = compare(data, candidate, live, beat)
    return {
        "against": report.against_id,
        "split": {
            "name": SPLIT,
            "snapshot": snapshot.sha256 if snapshot else None,
            "n_sketches": len(data.sketches),
            "n_triplets": len(data.judged),
            "n_clicks": len(data.clicked),
            "n_random": sum(one.random for one in data.judged),
        },
        "metrics": metrics,
        "latency_ms": {name: _times(times.get(name, ())) for name in ("candidate", "live")},
        "index": {
            "candidate": _index(report.release),
            **({"live": _index(report.against)} if report.against else {}),
        },
        "canary": canary(candidate, live, beat) if live else {"n": 0, "examples": []},
    }


def _times(ms: Sequence[float]) -> dict[str, Any] | None:
    """Return quantiles of query times, without the first ones, which warm up the release."""
    warm = ms[2:] or ms
    if not warm:
        return None
    p50, p95 = np.quantile(warm, [0.5, 0.95]).tolist()
    return {"p50": round(p50, 3), "p95": round(p95, 3), "n": len(warm)}


def _index(release: Release) -> dict[str, Any]:
    build = release.index_build
    started, ended = build.created_at, build.finished_at
    return {
        "n_photos": build.n_photos,
        "n_skipped": build.n_skipped,
        "catalogue_sha256": build.catalogue_sha256,
        "seconds": round((ended - started).total_seconds(), 1) if ended else None,
    }


class _Beat:
    """Renews the lease, at most every few seconds. Raises LeaseLostError."""

    def __init__(self, report: GateReport) -> None:
        self._report = report
        self._last = monotonic()

    def __call__(self) -> None:
        if monotonic() - self._last >= _BEAT_S:
            self._last = monotonic()
            row_update(self._report)


def _promote_by_rule(report: GateReport) -> None:
    """Promote a better release if its run's rule says so.

    Not if its model has been live before, since somebody rolled it back; and not if another model has gone live than it
    was compared with. A refreshed index of the same model does not count as another.
    """
    rule = report.run.rule if report.run and report.by_chain else None
    if rule is None or not rule.auto_promote or not rule.enabled:
        return
    LivePointer.objects.select_for_update().filter(pk=1).first()  # locks it until the transaction ends
    live = live_release()
    is_better = report.passed and (report.better or live is None)
    was_live = ReleaseEvent.objects.filter(release__index_build__model=report.release.model).exists()
    is_same = (live and live.model) == (report.against and report.against.model)
    if not is_better or was_live or not is_same:
        log.info("gate_not_promoted", gate=report.pk, better=is_better, was_live=was_live, same=is_same)
        return
    try:
        release_promote(release=report.release, reason=f"rule {rule.pk}: gate {report.pk}, better")
    except ReleaseConflictError as error:
        log.warning("gate_not_promoted", gate=report.pk, error=str(error))

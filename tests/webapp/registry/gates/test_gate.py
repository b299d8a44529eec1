"""A candidate is measured against the live release on the same held-out data, and judged by rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from django.utils import timezone

from annotation.models import Campaign
from tests.support.live_release import live_now
from webapp.registry.gates import services
from webapp.registry.gates.measuring import Values, paired
from webapp.registry.gates.services import gate_request, gate_run, gates_unattended
from webapp.registry.gates.verdict import Verdict, verdict
from webapp.registry.models import (
    DatasetSnapshot,
    GateReport,
    IndexBuild,
    LivePointer,
    ModelVersion,
    RecordedQuery,
    Release,
    RetrainRule,
    TrainingRun,
)
from webapp.registry.models.releases import LEASE
from webapp.registry.releases.selectors import live_release
from webapp.registry.releases.services import release_create, release_refresh, release_rollback

Frozen = Callable[..., DatasetSnapshot]


def gated(release: Release) -> GateReport:
    gate = gate_request(release=release)
    assert gate_run(report=gate)
    gate.refresh_from_db()
    return gate


def test_both_releases_are_measured_on_the_held_out_split(
    candidate: Release, release: Release, frozen: Frozen
) -> None:
    snapshot = frozen(test=0.5)
    gate = gated(candidate)
    assert (gate.status, gate.against, gate.snapshot) == ("done", release, snapshot)
    split, metrics = gate.report["split"], gate.report["metrics"]
    assert split["snapshot"] == snapshot.sha256
    assert 0 < split["n_sketches"] < 12
    assert (split["n_triplets"], split["n_random"]) == (3 * split["n_sketches"], split["n_sketches"])
    assert {name: metrics[name]["n"] for name in metrics} == {
        "acc@1": split["n_sketches"],
        "acc@10": split["n_sketches"],
        "%corr": split["n_triplets"],
        "%corr_random": split["n_random"],
    }
    for metric in metrics.values():
        apart = metric["candidate"]["value"] - metric["live"]["value"]
        assert metric["difference"]["value"] == pytest.approx(apart)
        assert metric["difference"]["ci95"][0] <= apart <= metric["difference"]["ci95"][1]
    assert set(gate.report["latency_ms"]["live"]) == {"p50", "p95", "n"}
    assert gate.report["latency_ms"]["live"]["n"] >= 20  # there are fewer sketches, which were repeated
    assert gate.report["index"]["candidate"]["n_photos"] == 12
    assert gate.passed is all(reason["ok"] for reason in gate.reasons)


def again(release: Release) -> Release:
    """Create another release of the same model and index, as a refresh of the catalogue does."""
    build = IndexBuild.objects.get(pk=release.index_build_id)
    build.pk, build._state.adding = None, True
    build.save()
    return release_create(index_build=build)


def test_equal_releases_do_not_differ(release: Release, frozen: Frozen) -> None:
    frozen(test=1.0)
    gate = gated(again(release))
    assert {metric["difference"]["value"] for metric in gate.report["metrics"].values()} == {0.0}
    assert (gate.passed, gate.better) == (False, False)
    assert [reason["code"] for reason in gate.reasons if not reason["ok"]] == ["no_better"]


def test_a_product_no_longer_sold_is_judged_by_the_snapshots_photo(
    candidate: Release, products: list[Any], frozen: Frozen
) -> None:
    frozen(test=1.0)
    for product in products[:3]:
        product.active = False
        product.save()
    metrics = gated(candidate).report["metrics"]
    assert (metrics["acc@1"]["n"], metrics["%corr"]["n"]) == (9, 36)


def test_without_held_out_data_nothing_passes(candidate: Release) -> None:
    gate = gated(candidate)
    assert gate.passed is False
    assert [reason["code"] for reason in gate.reasons if not reason["ok"]] == ["evidence"]


def test_the_first_release_only_needs_a_complete_index(candidate: Release) -> None:
    LivePointer.objects.update(release=None)
    gate = gated(candidate)
    assert (gate.passed, gate.better) == (True, None)
    assert [reason["code"] for reason in gate.reasons] == ["index"]


def test_the_canary_replays_recorded_queries(candidate: Release, release: Release) -> None:
    strokes = {"width": 100, "height": 100, "strokes": [[[10, 10], [90, 90]]]}
    for sketch in (strokes, {"no": "sketch"}):
        RecordedQuery.objects.create(sketch=sketch, release=release, product_ids=[1], scores=[0.5])
    canary = gated(candidate).report["canary"]
    assert canary["n"] == 1
    assert 0 <= canary["overlap_at_10"]["value"] <= 1
    (example,) = canary["examples"]
    assert example["sketch"] == strokes
    assert len(example["live"]) == len(example["candidate"]) == 10


def test_two_requests_give_one_gate(candidate: Release, release: Release, frozen: Frozen) -> None:
    run = TrainingRun.objects.create(snapshot=frozen(), system="sketchfind", status="done")
    gate = gate_request(release=candidate, run=run)
    assert gate_request(release=candidate) == gate
    gate_run(report=gate)
    assert gate_request(release=candidate, run=run) == gate
    assert not gate_run(report=gate)  # it is done
    again = gate_request(release=candidate)
    assert again != gate


def test_a_gate_of_a_dead_worker_is_claimed_by_another(
    candidate: Release, frozen: Frozen, monkeypatch: pytest.MonkeyPatch
) -> None:
    frozen()
    gate = gate_request(release=candidate)
    now = timezone.now()
    GateReport.objects.filter(pk=gate.pk).update(status="running", heartbeat_at=now, attempts=1)
    assert not gate_run(report=gate)
    assert gates_unattended() == []
    GateReport.objects.filter(pk=gate.pk).update(heartbeat_at=now - 2 * LEASE)
    assert gates_unattended() == [gate.pk]

    def overtaken(content: Any) -> Any:  # while we measured, somebody else took it from us
        GateReport.objects.filter(pk=gate.pk).update(attempts=9)
        return verdict(content)

    monkeypatch.setattr(services, "verdict", overtaken)
    assert not gate_run(report=gate)
    gate.refresh_from_db()
    assert (gate.status, gate.attempts, gate.passed) == ("running", 9, None)


def test_a_gate_that_fails_gives_the_reason(candidate: Release, frozen: Frozen, tmp_path: Any) -> None:
    snapshot = frozen()
    DatasetSnapshot.objects.filter(pk=snapshot.pk).update(folder="snapshots/gone")
    gate = gate_request(release=candidate)
    with pytest.raises(Exception, match="gone"):
        gate_run(report=gate)
    gate.refresh_from_db()
    assert gate.status == "failed"
    assert "gone" in gate.error


@pytest.fixture
def run(campaign: Campaign, frozen: Frozen, candidate: Release) -> TrainingRun:
    """The run that trained the candidate, by a rule that promotes better releases."""
    rule = RetrainRule.objects.create(campaign=campaign, system="sketchfind", auto_promote=True)
    run = TrainingRun.objects.create(snapshot=frozen(), system="sketchfind", status="done", rule=rule)
    ModelVersion.objects.filter(pk=candidate.model.pk).update(training_run=run)
    return run


@pytest.fixture
def judges(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """judges(better, meanwhile): set the outcome of gates, and what happens while one measures."""

    def judges(better: bool = True, meanwhile: Callable[[], object] = lambda: None) -> None:
        def found(content: Any) -> Verdict:
            meanwhile()
            return Verdict(True, better, [{"code": "better", "ok": True, "text": "it is"}])

        monkeypatch.setattr(services, "verdict", found)

    return judges


@pytest.mark.parametrize(
    ("auto", "better", "promoted"), [(True, True, True), (True, False, False), (False, True, False)]
)
def test_a_rule_promotes_a_better_release(
    candidate: Release,
    run: TrainingRun,
    judges: Callable[..., None],
    auto: bool,
    better: bool,
    promoted: bool,
) -> None:
    RetrainRule.objects.update(auto_promote=auto)
    judges(better)
    gate_run(report=gate_request(release=candidate, run=run))
    assert (live_release() == candidate) is promoted


def test_a_rule_only_replaces_the_model_that_it_was_compared_with(
    candidate: Release, run: TrainingRun, judges: Callable[..., None], make_release: Callable[..., Release]
) -> None:
    """A model that went live before the gate started is the one compared with; one that went live during it is not."""
    gate = gate_request(release=candidate, run=run)
    before = make_release(seed=3)
    judges(meanwhile=lambda: make_release(seed=4))
    gate_run(report=gate)
    gate.refresh_from_db()
    assert (gate.against, gate.report["against"]) == (before, before.pk)
    assert (gate.status, gate.passed) == ("done", True)
    assert str(live_now().model) == "tiny 1.4"


def test_a_refreshed_index_of_the_same_model_does_not_cancel_a_promotion(
    candidate: Release, release: Release, run: TrainingRun, judges: Callable[..., None]
) -> None:
    judges(meanwhile=lambda: release_refresh(release=again(release)))
    gate_run(report=gate_request(release=candidate, run=run))
    assert live_release() == candidate


def test_a_rolled_back_model_stays_rolled_back(
    candidate: Release, release: Release, run: TrainingRun, judges: Callable[..., None]
) -> None:
    """Neither a gate requested by an operator nor a new index of the same model promotes it again."""
    judges()
    gate_run(report=gate_request(release=candidate, run=run))
    release_rollback()
    gate_run(report=gate_request(release=Release.objects.get(pk=candidate.pk)))
    assert live_release() == release
    gate_run(report=gate_request(release=again(candidate), run=run))
    assert live_release() == release


def test_an_operators_gate_promotes_nothing(
    candidate: Release, release: Release, run: TrainingRun, judges: Callable[..., None]
) -> None:
    judges()
    gate = gate_request(release=Release.objects.get(pk=candidate.pk))
    assert (gate.run, gate.by_chain) == (run, False)
    gate_run(report=gate)
    assert live_release() == release


def test_a_gate_can_run_again_after_its_worker_died_at_the_promotion(
    candidate: Release, run: TrainingRun, judges: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    class KilledError(BaseException):
        pass

    def killed(**_: object) -> None:
        raise KilledError

    judges()
    gate = gate_request(release=candidate, run=run)
    with monkeypatch.context() as patch:
        patch.setattr(services, "release_promote", killed)
        with pytest.raises(KilledError):
            gate_run(report=gate)
    gate.refresh_from_db()
    assert gate.status == "running"
    GateReport.objects.update(heartbeat_at=timezone.now() - 2 * LEASE)
    assert gate_run(report=gate)
    assert live_release() == candidate


def metric(value: float, low: float, high: float, n: int = 50) -> dict[str, Any]:
    return {"n": n, "difference": {"value": value, "ci95": [low, high]}}


def content(**changes: Any) -> dict[str, Any]:
    index = {"n_photos": 10, "n_skipped": 0, "catalogue_sha256": "a"}
    return {
        "against": 1,
        "metrics": {"acc@1": metric(0.1, 0.02, 0.2)},
        "latency_ms": {"candidate": {"p50": 2.0, "p95": 4.0}, "live": {"p50": 2.0, "p95": 4.0}},
        "index": {"candidate": index, "live": index},
        "canary": {"n": 5, "overlap_at_10": {"value": 0.6}},
    } | changes


SLOW = {"candidate": {"p50": 16.0, "p95": 20.0}, "live": {"p50": 9.0, "p95": 20.0}}
BUSY = {"candidate": {"p50": 9.0, "p95": 90.0}, "live": {"p50": 9.0, "p95": 20.0}}
SMALL = {"n_photos": 9, "n_skipped": 1, "catalogue_sha256": "a"}


@pytest.mark.parametrize(
    ("changes", "broken"),
    [
        ({}, []),
        ({"metrics": {"acc@1": metric(0.1, 0.0, 0.2), "%corr": metric(-0.1, -0.2, -0.01)}}, ["worse"]),
        ({"metrics": {"acc@1": metric(0.0, -0.1, 0.1), "%corr": metric(-0.1, -0.2, 0.01)}}, ["no_better"]),
        ({"metrics": {"acc@1": metric(0.5, 0.4, 0.6, n=9)}}, ["evidence"]),
        ({"latency_ms": SLOW}, ["latency"]),
        ({"latency_ms": BUSY}, []),
        ({"index": {"candidate": SMALL, "live": content()["index"]["live"]}}, ["index"]),
        ({"index": {"candidate": SMALL, "live": {**SMALL, "n_photos": 90, "catalogue_sha256": "b"}}}, []),
        ({"canary": {"n": 5, "overlap_at_10": {"value": 0.05}}}, ["canary"]),
        ({"canary": {"n": 0}}, []),
    ],
)
def test_the_rules(changes: dict[str, Any], broken: list[str]) -> None:
    passed, _, reasons = verdict(content(**changes))
    assert [reason["code"] for reason in reasons if not reason["ok"]] == broken
    assert passed is not bool(broken)
    assert all(reason["text"] for reason in reasons)


@pytest.mark.parametrize(
    ("metrics", "better"),
    [
        ({"acc@1": metric(0.1, 0.01, 0.2)}, True),
        ({"acc@1": metric(0.1, 0.0, 0.2)}, False),
        ({"acc@1": metric(0.1, -0.1, 0.3), "acc@10": metric(0.1, 0.02, 0.2)}, True),
        (
            {"acc@1": metric(0.1, -0.1, 0.3), "%corr": metric(0.1, 0.05, 0.2)},
            False,
        ),  # models influenced those triplets
        ({"%corr": metric(0.1, 0.05, 0.2), "%corr_random": metric(0.1, 0.02, 0.2)}, True),
        ({"acc@1": metric(0.2, 0.1, 0.3, n=9), "acc@10": metric(0.1, -0.1, 0.3)}, False),
        ({"acc@1": metric(0.1, 0.02, 0.2), "acc@10": metric(-0.1, -0.2, -0.02)}, False),  # refused
    ],
)
def test_better_means_beyond_chance_on_unbiased_metrics(metrics: dict[str, Any], better: bool) -> None:
    found = verdict(content(metrics=metrics))
    assert found.better is better
    assert verdict(content(against=None)).better is None


def judged(rng: np.random.Generator, live: float, gain: float, n: int = 60) -> Verdict:
    """Return the verdict on n sketches: the live model is right on the share `live`, the candidate on `gain` more."""
    first = (rng.random(n) < live).astype(float)
    second = (rng.random(n) < live + gain).astype(float)
    sides = {
        side: {name: Values(values.tolist(), list(range(n))) for name in ("acc@1", "%corr_random")}
        for side, values in (("candidate", second), ("live", first))
    }
    return verdict(content(metrics=paired(sides)))


def test_a_clearly_better_candidate_is_found_and_equal_ones_rarely_differ() -> None:
    rng = np.random.default_rng(0)
    assert all(judged(rng, 0.3, 0.4).better for _ in range(10))
    assert sum(judged(rng, 0.5, 0.0).better is True for _ in range(60)) <= 6

"""A candidate is measured against the live release on the same held-out data, and decided by rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from annotation.models import Campaign
from webapp.registry.gates import services
from webapp.registry.gates.services import gate_request, gate_run, gates_unattended
from webapp.registry.gates.verdict import verdict
from webapp.registry.models import (
    LEASE,
    DatasetSnapshot,
    GateReport,
    RecordedQuery,
    Release,
    RetrainRule,
    TrainingRun,
)
from webapp.registry.selectors import live_release

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
    assert gate.report["latency_ms"]["live"]["n"] >= 20  # of fewer sketches: they were asked again
    assert gate.report["index"]["candidate"]["n_photos"] == 12
    assert gate.passed is all(reason["ok"] for reason in gate.reasons)


def test_a_release_against_an_equal_one_differs_in_nothing(release: Release, frozen: Frozen) -> None:
    frozen(test=1.0)
    gate = gate_request(release=release)
    GateReport.objects.filter(pk=gate.pk).update(against=release)
    gate_run(report=gate)
    gate.refresh_from_db()
    assert {metric["difference"]["value"] for metric in gate.report["metrics"].values()} == {0.0}
    assert not gate.passed
    assert [reason["code"] for reason in gate.reasons if not reason["ok"]] == ["better"]


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


def test_the_first_release_needs_a_whole_index_alone(candidate: Release) -> None:
    gate = gate_request(release=candidate)
    GateReport.objects.filter(pk=gate.pk).update(against=None)
    gate_run(report=gate)
    gate.refresh_from_db()
    assert (gate.passed, [reason["code"] for reason in gate.reasons]) == (True, ["index"])


def test_the_canary_asks_recorded_queries_again(candidate: Release, release: Release) -> None:
    strokes = {"width": 100, "height": 100, "strokes": [[[10, 10], [90, 90]]]}
    for sketch in (strokes, {"no": "sketch"}):
        RecordedQuery.objects.create(sketch=sketch, release=release, product_ids=[1], scores=[0.5])
    canary = gated(candidate).report["canary"]
    assert canary["n"] == 1
    assert 0 <= canary["overlap_at_10"]["value"] <= 1
    (example,) = canary["examples"]
    assert example["sketch"] == strokes
    assert len(example["live"]) == len(example["candidate"]) == 10


def test_asking_twice_gives_one_gate(candidate: Release, release: Release, frozen: Frozen) -> None:
    run = TrainingRun.objects.create(snapshot=frozen(), system="sketchfind", status="done")
    gate = gate_request(release=candidate, run=run)
    assert gate_request(release=candidate) == gate
    gate_run(report=gate)
    assert gate_request(release=candidate, run=run) == gate
    assert not gate_run(report=gate)  # it is done
    again = gate_request(release=candidate)
    assert again != gate


def test_a_gate_of_a_dead_worker_is_taken_over(
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


def test_a_gate_that_fails_says_why(candidate: Release, frozen: Frozen, tmp_path: Any) -> None:
    snapshot = frozen()
    DatasetSnapshot.objects.filter(pk=snapshot.pk).update(folder="snapshots/gone")
    gate = gate_request(release=candidate)
    with pytest.raises(Exception, match="gone"):
        gate_run(report=gate)
    gate.refresh_from_db()
    assert gate.status == "failed"
    assert "gone" in gate.error


def passing(content: Any) -> Any:
    return True, [{"code": "better", "ok": True, "text": "it is"}]


@pytest.mark.parametrize(
    ("auto", "moved", "promoted"), [(True, False, True), (False, False, False), (True, True, False)]
)
def test_a_rule_promotes_what_passed(
    candidate: Release,
    release: Release,
    make_release: Callable[..., Release],
    campaign: Campaign,
    frozen: Frozen,
    monkeypatch: pytest.MonkeyPatch,
    auto: bool,
    moved: bool,
    promoted: bool,
) -> None:
    rule = RetrainRule.objects.create(campaign=campaign, system="sketchfind", auto_promote=auto)
    run = TrainingRun.objects.create(snapshot=frozen(), system="sketchfind", status="done", rule=rule)

    def decided(content: Any) -> Any:
        if moved:  # an operator, while the gate ran
            make_release(seed=3)
        return passing(content)

    monkeypatch.setattr(services, "verdict", decided)
    gate_run(report=gate_request(release=candidate, run=run))
    assert (live_release() == candidate) is promoted


def metric(value: float, low: float, high: float, n: int = 50) -> dict[str, Any]:
    return {"n": n, "difference": {"value": value, "ci95": [low, high]}}


def content(**changes: Any) -> dict[str, Any]:
    index = {"n_photos": 10, "n_skipped": 0, "catalogue_sha256": "a"}
    return {
        "against": 1,
        "metrics": {"acc@1": metric(0.1, -0.02, 0.2)},
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
        ({"metrics": {"acc@1": metric(0.0, -0.1, 0.1), "%corr": metric(-0.1, -0.2, 0.01)}}, ["better"]),
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
    passed, reasons = verdict(content(**changes))
    assert [reason["code"] for reason in reasons if not reason["ok"]] == broken
    assert passed is not bool(broken)
    assert all(reason["text"] for reason in reasons)

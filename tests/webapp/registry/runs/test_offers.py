"""What the form for runs offers here, and how long earlier runs took."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from tests.support.training import CPU, QUICK, run_of
from webapp.registry.models import DatasetSnapshot, TrainingRun, WorkerBeat
from webapp.registry.runs import offers
from webapp.registry.runs.process.devices import Device
from webapp.registry.runs.supervise import run_next
from webapp.registry.runs.timings import timings

pytestmark = pytest.mark.django_db
OPTIONS = "/api/v1/runs/options/"


@pytest.fixture(autouse=True)
def _a_machine_without_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("offers", "timings"):
        monkeypatch.setattr(f"webapp.registry.runs.{module}.local_devices", lambda: CPU)


def trainer(device: str, *, ago: timedelta = timedelta(), queues: tuple[str, ...] = ("train",)) -> None:
    name = f"{device} {ago} {queues}"
    WorkerBeat.objects.create(name=name, queues=list(queues), device=device, alive_at=timezone.now() - ago)


def request(api: APIClient, snapshot: DatasetSnapshot, **changes: object) -> object:
    body = {"snapshot": snapshot.pk, "system": "triplet-san", "config": QUICK, **changes}
    return api.post("/api/v1/runs/", body)


def test_gpu_profiles_are_refused_by_name_where_no_trainer_has_one(
    operator_api: APIClient, snapshot: DatasetSnapshot
) -> None:
    trainer("cpu of here")
    trainer("cuda:0 old", ago=timedelta(minutes=10))
    trainer("cuda:0 for indexes", queues=("index",))
    assert operator_api.get(OPTIONS).json()["unavailable_profiles"] == ["gpu"]
    refused = request(operator_api, snapshot, profile="gpu")
    assert (refused.status_code, refused.json()["field"]) == (400, "profile")  # type: ignore[attr-defined]
    assert not TrainingRun.objects.exists()


def test_gpu_profiles_are_offered_where_a_trainer_has_one(
    operator_api: APIClient, snapshot: DatasetSnapshot
) -> None:
    trainer("cpu of here")
    trainer("cuda:0 NVIDIA H200")
    assert operator_api.get(OPTIONS).json()["unavailable_profiles"] == []
    assert request(operator_api, snapshot, profile="gpu").status_code == 201  # type: ignore[attr-defined]


def test_without_trainers_this_machine_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not offers.has_gpu()
    monkeypatch.setattr(offers, "local_devices", lambda: [Device("GPU-1", "cuda:0 NVIDIA", "GPU-1")])
    assert offers.has_gpu()


def test_empty_snapshots_are_neither_offered_nor_accepted(
    operator_api: APIClient, snapshot: DatasetSnapshot
) -> None:
    counts = {"products": 3, "sketches": 0, "triplets": 0, "votes": 0}
    empty = DatasetSnapshot.objects.create(
        name="none yet", format="snapshot", sha256="0" * 64, facts={"counts": counts}
    )
    offered = operator_api.get(OPTIONS).json()["snapshots"]
    assert [one["id"] for one in offered] == [snapshot.pk]
    refused = request(operator_api, empty, system="sketchfind", profile="fine-tune", config={})
    assert (refused.status_code, refused.json()["field"]) == (400, "snapshot")  # type: ignore[attr-defined]


def test_the_newest_complete_run_on_this_machine_is_the_measure(
    snapshot: DatasetSnapshot, trains: Callable[[str], None], operator_api: APIClient
) -> None:
    trains("""
        for step in range(5):
            row(step, loss=1.0)
            time.sleep(0.05)
    """)
    run = run_of(snapshot)
    assert timings() == []
    run_next(worker="here", devices=CPU)
    (timing,) = timings()
    assert (timing["run"], timing["system"], timing["profile"]) == (run.pk, "triplet-san", "cpu")
    assert (timing["n_steps"], timing["n_stages"], timing["steps"]) == (5, 1, QUICK["steps"])
    assert 0.03 < timing["step_s"] < 2
    waiting = run_of(snapshot)
    expected = operator_api.get(f"/api/v1/runs/{waiting.pk}/").json()["expected"]
    assert expected == {"prepare_s": timing["prepare_s"], "finish_s": timing["finish_s"]}
    TrainingRun.objects.filter(pk=run.pk).update(device="cpu of elsewhere")
    assert timings() == []


def test_a_run_has_a_phase_before_its_first_step(
    snapshot: DatasetSnapshot, trains: Callable[[str], None]
) -> None:
    trains("""
        time.sleep(0.3)
        row(0, loss=1.0)
    """)
    run = run_of(snapshot)
    stages: list[str] = []
    keep = TrainingRun.objects

    from webapp.registry.runs.claims import RunLease

    original = RunLease.keep

    def spied(self: RunLease, **values: object) -> None:
        if "stage" in values:
            stages.append(str(values["stage"]))
        original(self, **values)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RunLease, "keep", spied)
        run_next(worker="here", devices=CPU)
    assert keep.get(pk=run.pk).status == TrainingRun.Status.DONE
    assert stages[:3] == ["dataset", "prepare", "run"]
    assert stages[-1] in ("publish", "evaluate")

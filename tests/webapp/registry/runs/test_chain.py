"""The chain from a trained encoder to a gated release, even if workers die on the way."""

from __future__ import annotations

from pathlib import Path

import pytest
from celery import Signature
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks
from rest_framework.test import APIClient

from tests.support.tiny_model import tiny_model
from tests.support.training import run_of
from webapp.accounts.models import User
from webapp.catalog.models import Product
from webapp.registry.indexes.builds import index_build
from webapp.registry.models import DatasetSnapshot, IndexBuild, Release, TrainingRun
from webapp.registry.releases.services import model_register
from webapp.registry.runs import chain
from webapp.registry.runs.chain import run_publish, runs_follow

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(snapshot: DatasetSnapshot, products: list[Product], operator: User) -> TrainingRun:
    return run_of(snapshot, note="new votes", by=operator)


def test_a_trained_model_becomes_a_release_once_its_index_is_ready(
    run: TrainingRun, release: Release, tmp_path: Path, operator: User
) -> None:
    model = run_publish(run=run, folder=tiny_model(tmp_path / "trained", seed=5))
    assert (model.training_run, model.created_by) == (run, operator)
    assert runs_follow() == []
    build = IndexBuild.objects.get(model=model)
    index_build(build=build)
    (made,) = runs_follow()
    assert (made.index_build, made.note, made.created_by) == (build, f"run {run.pk}: new votes", operator)
    gate = run.gates.get()
    assert (gate.release, gate.against) == (made, release)
    assert runs_follow() == []


def test_doing_it_again_makes_nothing_twice(run: TrainingRun, tmp_path: Path) -> None:
    """A worker that died after registering the model is followed by one whose export differs."""
    first = run_publish(run=run, folder=tiny_model(tmp_path / "one", seed=5))
    assert run_publish(run=run, folder=tiny_model(tmp_path / "two", seed=6)) == first
    assert IndexBuild.objects.filter(model=first).count() == 1


def test_without_its_gate_there_is_no_release(
    run: TrainingRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = run_publish(run=run, folder=tiny_model(tmp_path / "trained", seed=5))
    index_build(build=IndexBuild.objects.get(model=model))

    def broken(**_: object) -> None:
        raise RuntimeError("odd")

    with monkeypatch.context() as patch:
        patch.setattr(chain, "gate_request", broken)
        with pytest.raises(RuntimeError):
            runs_follow()
    assert not Release.objects.filter(index_build__model=model).exists()
    assert len(runs_follow()) == 1


def test_a_failed_index_can_be_rebuilt_and_the_chain_continues(
    run: TrainingRun, release: Release, tmp_path: Path, operator_api: APIClient, stranger_api: APIClient
) -> None:
    model = run_publish(run=run, folder=tiny_model(tmp_path / "trained", seed=5))
    IndexBuild.objects.filter(model=model).update(status="failed", finished_at=timezone.now())
    assert runs_follow() == []
    path = f"/api/v1/models/{model.pk}/index"
    assert stranger_api.post(path).status_code == 403
    answer = operator_api.post(path)
    assert (answer.status_code, answer.json()["status"]) == (202, "queued")
    assert operator_api.post(path).json()["id"] == answer.json()["id"]  # once
    index_build(build=IndexBuild.objects.get(pk=answer.json()["id"]))
    (made,) = runs_follow()
    gate = run.gates.get()
    assert (gate.release, gate.by_chain) == (made, True)
    refused = operator_api.post(f"/api/v1/models/{release.model.pk}/index")
    assert (refused.status_code, "not trained here" in refused.json()["detail"]) == (409, True)


def test_an_index_that_is_ready_wakes_what_makes_its_release(
    run: TrainingRun,
    tmp_path: Path,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent: list[tuple[str, list[str]]] = []

    def apply_async(self: Signature, *_: object, **__: object) -> None:
        sent.append((self.task, [one["task"] for one in self.options.get("link", [])]))

    monkeypatch.setattr(Signature, "apply_async", apply_async)
    with django_capture_on_commit_callbacks(execute=True):
        run_publish(run=run, folder=tiny_model(tmp_path / "trained", seed=5))
    jobs = "webapp.registry"
    assert sent == [(f"{jobs}.indexes.jobs.index_build_job", [f"{jobs}.runs.jobs.runs_follow_job"])]


def test_models_that_no_run_trained_are_left_alone(products: list[Product], tmp_path: Path) -> None:
    from webapp.registry.indexes.builds import index_build_request

    model = model_register(folder=tiny_model(tmp_path / "other", seed=7))
    index_build(build=index_build_request(model=model))
    assert runs_follow() == []

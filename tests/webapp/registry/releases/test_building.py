"""From a model folder and the catalogue to a live release."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.utils import timezone
from rest_framework.test import APIClient

from ml.retrieval.builder import IndexBuilder
from ml.retrieval.index import GalleryIndex
from ml.serving.encoder import Encoder
from tests.factories import ProductFactory
from tests.support.live_release import live_now
from webapp.catalog.models import Photo, Product
from webapp.jobs.heartbeat import Heartbeat
from webapp.registry.indexes import builds, encoding
from webapp.registry.indexes.builds import (
    index_build,
    index_build_request,
    index_builds_unattended,
    index_retry_at,
)
from webapp.registry.indexes.catalogue import GalleryPhoto, catalogue_sha256, gallery_photos
from webapp.registry.indexes.check import index_check
from webapp.registry.indexes.jobs import index_build_job, index_builds_reap_job
from webapp.registry.indexes.parts import work_folder
from webapp.registry.indexes.photos import photos_encode
from webapp.registry.models import IndexBuild, LivePointer, Release
from webapp.registry.releases import building
from webapp.registry.releases.building import release_build, release_follow_catalogue
from webapp.registry.releases.jobs import release_follow_catalogue_job
from webapp.registry.releases.services import ReleaseConflictError, model_register, release_create
from webapp.stores import artifacts

pytestmark = pytest.mark.django_db


def followed() -> Release:
    """Return the release with the catalogue's changes."""
    release = release_follow_catalogue()
    assert release
    return release


def test_the_release_carries_its_parents_hashes(release: Release) -> None:
    build, model = release.index_build, release.model
    assert release.model_sha256 == model.sha256 == build.model_sha256
    assert release.index_sha256 == build.sha256
    manifest = json.loads((artifacts.local_folder(build.folder, []) / "manifest.json").read_text())
    assert manifest["encoder_sha256"] == model.encoder_sha256
    assert live_now().id == release.pk


def test_the_index_contains_every_photo_on_sale(release: Release, products: list[Product]) -> None:
    assert live_now().index.ids.tolist() == [product.photos.get().pk for product in products]
    encoder = live_now().encoder
    assert np.allclose(np.linalg.norm(live_now().index.embeddings.astype(np.float32), axis=1), 1, atol=1e-2)
    assert live_now().index.manifest.encoder_sha256 == encoder.sha256


def test_nothing_is_done_if_nothing_has_changed(
    release: Release, folder: Path, encoded: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Encoder, "load", lambda *_, **__: pytest.fail("a second start loads nothing"))
    again, changed = release_build(folder=folder)
    assert (again, changed, encoded) == (release, False, [])
    assert LivePointer.objects.get().number == 1


def test_only_a_new_product_is_encoded(
    release: Release, products: list[Product], folder: Path, encoded: list[int]
) -> None:
    new = ProductFactory(category=products[0].category, photo__seed=77)
    again, changed = release_build(folder=folder)
    assert changed
    assert sum(encoded) == 1
    assert live_now().id == again.pk
    assert live_now().row_of(new.photos.get().pk) == 12
    fresh = Encoder.load(folder)
    for product in products[:2]:
        photo = product.photos.get()
        again_encoded = photos_encode(fresh, [GalleryPhoto(photo.pk, str(photo.file.name), product.pk)])
        row = live_now().row_of(photo.pk)
        assert np.allclose(live_now().index.embeddings[row], again_encoded.embeddings[0], atol=2e-3)


def test_another_model_encodes_everything_again(
    release: Release, encoded: list[int], make_release: Callable[..., Release]
) -> None:
    make_release(seed=1)
    assert sum(encoded) == 12


def test_an_unreadable_photo_is_left_out(
    products: list[Product], make_release: Callable[..., Release]
) -> None:
    broken = Photo.objects.order_by("pk")[0]
    for name in (broken.file.name, broken.thumb.name):
        with default_storage.open(str(name), "wb") as file:
            file.write(b"no picture")
    release = make_release()
    assert release.index_build.n_skipped == 1
    assert release.index_build.n_photos == 11
    assert live_now().row_of(broken.pk) is None


def test_an_empty_catalogue_makes_an_empty_release(
    db: None, make_release: Callable[..., Release], api: APIClient
) -> None:
    make_release()
    sketch = {"width": 9, "height": 9, "strokes": [[[1, 1], [2, 2]]]}
    body = api.post("/api/v1/search", {"sketch": sketch}, format="json").json()
    assert body["results"] == []
    assert body["nothing_close"] is True


def test_a_killed_build_is_claimed_by_another_worker_and_resumed(
    products: list[Product], folder: Path, encoded: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoding, "_BATCH", 4)
    build = index_build_request(model=model_register(folder=folder))
    real = IndexBuilder.add

    class KilledError(BaseException):
        pass

    def killed_after_two(self: IndexBuilder, *args: Any, **kwargs: Any) -> None:
        if len(self._shards) == 2:
            raise KilledError
        real(self, *args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(IndexBuilder, "add", killed_after_two)
        with pytest.raises(KilledError):
            index_build(build=build)
    build.refresh_from_db()
    assert (build.status, build.n_done) == ("running", 8)
    assert not index_build(build=build), "its worker may be alive"

    IndexBuild.objects.update(heartbeat_at=timezone.now() - timedelta(minutes=3))
    encoded.clear()
    assert index_build(build=build)
    build.refresh_from_db()
    assert (build.status, build.n_done, build.attempts) == ("ready", 12, 2)
    assert sum(encoded) == 4
    encoder = Encoder.load(folder)
    index = GalleryIndex.open(
        artifacts.local_folder(build.folder, []),
        expect_encoder_sha256=encoder.sha256,
        expect_code_length=encoder.code_length,
    )
    assert sorted(index.ids.tolist()) == sorted(Photo.objects.values_list("pk", flat=True))


def test_progress_reaches_the_total(products: list[Product], folder: Path) -> None:
    shown: list[tuple[int, int]] = []
    release_build(folder=folder, progress=lambda done, total: shown.append((done, total)))
    assert shown[0] == (0, 12)
    assert shown[-1] == (12, 12)
    assert shown == sorted(shown)


def test_a_failed_build_gives_the_reason_and_can_be_requested_again(
    products: list[Product], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build = index_build_request(model=model_register(folder=folder))
    with monkeypatch.context() as patch:
        patch.setattr(Encoder, "encode_views", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            index_build_job(build.pk)
    build.refresh_from_db()
    assert build.status == "failed"
    assert "ZeroDivisionError" in build.error
    with pytest.raises(ReleaseConflictError):
        release_create(index_build=build)
    assert not work_folder(build).exists()
    again = index_build_request(model=build.model)
    assert again != build
    index_build_job(again.pk)
    again.refresh_from_db()
    assert again.status == "ready"


def test_one_unfinished_build_per_model_and_catalogue(products: list[Product], folder: Path) -> None:
    model = model_register(folder=folder)
    build = index_build_request(model=model)
    assert index_build_request(model=model) == build
    with pytest.raises(IntegrityError), transaction.atomic():
        IndexBuild.objects.create(model=model, catalogue_sha256=build.catalogue_sha256)


def test_the_live_release_follows_the_catalogue(
    release: Release, products: list[Product], encoded: list[int]
) -> None:
    assert release_follow_catalogue() is None
    Product.objects.filter(pk=products[0].pk).update(active=False)
    release_follow_catalogue_job()
    assert live_now().id != release.pk
    assert live_now().n_photos == 11
    assert encoded == []


def test_following_does_not_wait_for_another_worker(
    release: Release, products: list[Product], monkeypatch: pytest.MonkeyPatch
) -> None:
    Product.objects.filter(pk=products[0].pk).update(active=False)
    build = index_build_request(model=release.model)
    IndexBuild.objects.filter(pk=build.pk).update(status="running", heartbeat_at=timezone.now(), attempts=1)
    requested: list[IndexBuild] = []

    def once(*, build: IndexBuild, **kwargs: Any) -> bool:
        requested.append(build)
        return (
            pytest.fail("it asks again and again")
            if len(requested) > 1
            else index_build(build=build, **kwargs)
        )

    with monkeypatch.context() as patch:
        patch.setattr(building, "index_build", once)
        assert release_follow_catalogue() is None
    assert live_now().id == release.pk
    IndexBuild.objects.filter(pk=build.pk).update(heartbeat_at=timezone.now() - timedelta(minutes=3))
    assert followed().index_build == build


def test_a_failed_build_is_retried_with_growing_delays(
    release: Release, products: list[Product], monkeypatch: pytest.MonkeyPatch
) -> None:
    Product.objects.filter(pk=products[0].pk).update(active=False)
    monkeypatch.setattr(builds, "index_check", lambda *_, **__: 1 / 0)

    def pause() -> timedelta:
        retry_at = index_retry_at(model=release.model, photos=list(gallery_photos()))
        failed_at = IndexBuild.objects.filter(status="failed").latest("finished_at").finished_at
        assert retry_at
        assert failed_at
        return retry_at - failed_at

    pauses = []
    for _ in range(7):
        with pytest.raises(ZeroDivisionError):
            release_follow_catalogue()
        assert release_follow_catalogue() is None, "not at once"
        pauses.append(pause() / timedelta(minutes=1))
        IndexBuild.objects.filter(status="failed").update(finished_at=timezone.now() - timedelta(hours=1))
    assert pauses == [1, 2, 4, 8, 16, 30, 30]
    assert not list((work_folder(release.index_build).parent).iterdir())
    monkeypatch.undo()
    assert release_follow_catalogue() == LivePointer.objects.get().release


def test_a_failed_build_does_not_delay_another_catalogue(
    release: Release, products: list[Product], monkeypatch: pytest.MonkeyPatch
) -> None:
    Product.objects.filter(pk=products[0].pk).update(active=False)
    with monkeypatch.context() as patch:
        patch.setattr(builds, "index_check", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            release_follow_catalogue()
    Product.objects.filter(pk=products[1].pk).update(active=False)
    assert followed().index_build.n_photos == 10


def test_a_build_sends_heartbeats_during_long_steps(
    products: list[Product], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build = index_build_request(model=model_register(folder=folder))
    beaten = threading.Event()
    real = index_check

    def long(*args: Any, **kwargs: Any) -> Any:
        assert beaten.wait(20)
        return real(*args, **kwargs)

    monkeypatch.setattr(builds, "index_check", long)
    monkeypatch.setattr(builds, "Heartbeat", lambda beat: Heartbeat(beaten.set, every_s=0.01))
    assert index_build(build=build)


def test_a_refreshed_index_equals_one_built_from_scratch(
    release: Release, products: list[Product], make_release: Callable[..., Release]
) -> None:
    ProductFactory(category=products[0].category, photo__seed=40)
    Product.objects.filter(pk=products[5].pk).update(active=False)
    follower = followed().index_build
    IndexBuild.objects.update(status="failed")  # nothing to copy from
    anew = make_release().index_build
    assert anew != follower
    for name in ("ids.npy", "keys.npy"):
        one, other = (np.load(artifacts.local_folder(build.folder, []) / name) for build in (follower, anew))
        assert np.array_equal(one, other)
    one, other = (
        np.load(artifacts.local_folder(build.folder, []) / "embeddings.npy") for build in (follower, anew)
    )
    assert np.allclose(one.astype(np.float32), other.astype(np.float32), atol=2e-3)


def test_the_encoder_is_kept_if_only_the_index_is_new(release: Release, products: list[Product]) -> None:
    before = live_now()
    Product.objects.filter(pk=products[0].pk).update(active=False)
    release_follow_catalogue()
    assert live_now().encoder is before.encoder


def test_a_build_indexes_the_catalogue_as_it_was_at_the_start(products: list[Product], folder: Path) -> None:
    build = index_build_request(model=model_register(folder=folder))
    ProductFactory(category=products[0].category)
    assert index_build(build=build)
    build.refresh_from_db()
    assert (build.n_photos, build.catalogue_sha256) == (13, catalogue_sha256())


def test_photos_withdrawn_while_a_build_was_dead_are_left_out(
    products: list[Product], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoding, "_BATCH", 4)
    build = index_build_request(model=model_register(folder=folder))
    with monkeypatch.context() as patch:
        patch.setattr(builds, "index_check", lambda *_, **__: pytest.fail("killed"))
        patch.setattr(IndexBuilder, "finish", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            index_build(build=build)
    IndexBuild.objects.update(status="running", heartbeat_at=timezone.now() - timedelta(minutes=3))
    Product.objects.filter(pk=products[1].pk).update(active=False)
    assert index_build(build=build)
    build.refresh_from_db()
    assert (build.status, build.n_photos) == ("ready", 11)


def test_a_worker_that_lost_its_build_stops_writing(
    products: list[Product], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoding, "_BATCH", 4)
    build = index_build_request(model=model_register(folder=folder))
    real = IndexBuilder.add

    def add_then_lose(self: IndexBuilder, *args: Any, **kwargs: Any) -> None:
        real(self, *args, **kwargs)
        IndexBuild.objects.update(attempts=7)  # another worker's claim

    monkeypatch.setattr(IndexBuilder, "add", add_then_lose)
    assert not index_build(build=build)
    build.refresh_from_db()
    assert (build.status, build.attempts, build.folder) == ("running", 7, "")
    assert len(list((work_folder(build) / "shards").glob("shard-*"))) == 1


def test_builds_without_a_worker_are_found(products: list[Product], folder: Path) -> None:
    build = index_build_request(model=model_register(folder=folder))
    assert index_builds_unattended() == []
    IndexBuild.objects.update(created_at=timezone.now() - timedelta(minutes=1))
    assert index_builds_unattended() == [build.pk]
    IndexBuild.objects.update(status="running", heartbeat_at=timezone.now())
    assert index_builds_unattended() == []
    IndexBuild.objects.update(heartbeat_at=timezone.now() - timedelta(minutes=3))
    index_builds_reap_job()
    assert index_builds_unattended() == [build.pk]


def test_the_commands_report_what_they_did(
    products: list[Product], folder: Path, make_release: Callable[..., Release]
) -> None:
    def first() -> Release:
        return Release.objects.earliest("pk")

    def run(*command: str) -> str:
        out = StringIO()
        call_command(*command, stdout=out)
        return out.getvalue()

    said = run("release_build", "--model", str(folder))
    assert f"release {first().pk} (tiny 1.0, 12 photos) is live" in said
    assert "was already live" in run("release_build", "--model", str(folder))
    second = make_release(seed=1)
    assert f"* {second.pk:>5}" in run("release_list")
    assert f"{second.pk}" not in run("release_rollback", "--reason", "worse")
    assert live_now().id == first().pk
    assert "is live" in run("release_promote", str(second.pk))
    assert live_now().id == second.pk
    with pytest.raises(CommandError, match="already live"):
        run("release_promote", str(second.pk))
    with pytest.raises(CommandError, match="release 99 does not exist"):
        run("release_promote", "99")
    with pytest.raises(CommandError, match=r"model\.json"):
        run("release_build", "--model", "/nowhere")

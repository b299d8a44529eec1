"""Models and indexes as files: lost, altered, foreign, pruned; registered ones never change."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from ml.errors import IndexMismatchError, ModelError
from tests.support.live_release import live_now
from tests.support.tiny_model import tiny_model
from webapp.catalog.models import Product
from webapp.registry.indexes.opening import AlteredError
from webapp.registry.indexes.prune import indexes_prune
from webapp.registry.models import IndexBuild, LivePointer, ModelVersion, Release
from webapp.registry.releases import live
from webapp.registry.releases.building import release_build, release_follow_catalogue
from webapp.registry.releases.services import (
    ReleaseConflictError,
    model_register,
    release_promote,
    release_rollback,
)
from webapp.stores import artifacts

pytestmark = pytest.mark.django_db


def test_one_rollback_undoes_a_promotion_however_often_the_catalogue_changed(
    release: Release, products: list[Product], make_release: Callable[..., Release]
) -> None:
    make_release(seed=1)
    for product in products[:3]:
        Product.objects.filter(pk=product.pk).update(active=False)
        release_follow_catalogue()
    assert live_now().model == "tiny 1.1"
    release_rollback()
    assert live_now().id == release.pk
    release_follow_catalogue()
    assert (live_now().model, live_now().n_photos) == ("tiny 1.0", 9)


def test_indexes_between_two_refreshes_do_not_pile_up(
    release: Release, products: list[Product], make_release: Callable[..., Release]
) -> None:
    """The live one, the previous model's and another model's stay; those in between are deleted after an hour."""
    other = make_release(seed=1)
    for product in products[:3]:
        Product.objects.filter(pk=product.pk).update(active=False)
        release_follow_catalogue()
    kept = set(IndexBuild.objects.values_list("pk", flat=True))
    assert indexes_prune(now=timezone.now()) == []
    pruned = set(indexes_prune(now=timezone.now() + timedelta(hours=2)))
    assert pruned == kept - {release.index_build_id, live_build().pk}
    assert other.index_build_id in pruned
    live.reset()
    assert live_now().n_photos == 9
    release_rollback()
    assert live_now().id == release.pk


def live_build() -> IndexBuild:
    release = LivePointer.objects.get().release
    assert release
    return release.index_build


def test_a_release_whose_index_is_gone_cannot_be_promoted(
    release: Release, make_release: Callable[..., Release]
) -> None:
    make_release(seed=1)
    shutil.rmtree(artifacts.local_folder(release.index_build.folder, []))
    moves: list[Callable[[], object]] = [release_rollback, lambda: release_promote(release=release)]
    for move in moves:
        with pytest.raises(ReleaseConflictError, match="has been deleted"):
            move()
    assert live_now().model == "tiny 1.1"


def test_lost_files_are_created_again(release: Release, folder: Any, settings: Settings) -> None:
    shutil.rmtree(artifacts.storage().path(""))
    again, changed = release_build(folder=folder)
    assert changed
    assert live_now().id == again.pk
    assert ModelVersion.objects.count() == 1


def test_an_altered_index_is_never_loaded(release: Release, make_release: Callable[..., Release]) -> None:
    live.reset()
    path = artifacts.local_folder(release.index_build.folder, []) / "codes.npy"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(IndexMismatchError, match="altered"):
        live.current()


def test_an_altered_model_is_never_loaded(release: Release) -> None:
    live.reset()
    folder = artifacts.local_folder(release.model.folder, [])
    manifest = json.loads((folder / "model.json").read_text())
    (folder / "model.json").write_text(json.dumps({**manifest, "nothing_close_below": -1}))
    with pytest.raises(AlteredError, match="altered"):
        live.current()


def test_an_index_of_another_encoder_is_never_loaded(release: Release, tmp_path: Path) -> None:
    """Even if all hashes of the rows match, the index itself refuses another encoder."""
    other = model_register(folder=tiny_model(tmp_path / "other", seed=5))
    IndexBuild.objects.update(model=other, model_sha256=other.sha256)
    Release.objects.update(model_sha256=other.sha256)
    live.reset()
    with pytest.raises(IndexMismatchError, match="encoder"):
        live.current()


def test_a_broken_model_is_not_registered(db: None, folder: Any) -> None:
    (folder / "encoder.fp32.onnx").write_bytes(b"altered")
    with pytest.raises(ModelError, match="altered"):
        model_register(folder=folder)
    assert not ModelVersion.objects.exists()


def test_registered_rows_do_not_change(release: Release) -> None:
    for row in (release, release.model, release.events.get()):
        with pytest.raises(TypeError, match="immutable"):
            row.save()

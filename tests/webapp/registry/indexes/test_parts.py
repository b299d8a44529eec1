"""Large builds, which several workers encode."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from django.utils import timezone
from pytest_django import Settings

from tests.support.live_release import N_PRODUCTS, live_now
from webapp.catalog.models import Photo, Product
from webapp.registry.indexes import builds, encoding, parts
from webapp.registry.indexes.builds import index_build, index_build_request
from webapp.registry.indexes.encoding import index_help
from webapp.registry.indexes.opening import open_encoder, open_index
from webapp.registry.indexes.parts import PartFailedError
from webapp.registry.models import IndexBuild, IndexPart, Release
from webapp.registry.releases.services import model_register
from webapp.stores import artifacts

pytestmark = pytest.mark.django_db


@pytest.fixture
def build(products: list[Product], folder: Path, monkeypatch: pytest.MonkeyPatch) -> IndexBuild:
    """A waiting build that is large enough for three parts of four photos."""
    monkeypatch.setattr(parts, "PART", 4)
    monkeypatch.setattr(builds, "PART", 4)
    monkeypatch.setattr(encoding, "_BATCH", 2)
    return index_build_request(model=model_register(folder=folder))


@pytest.fixture
def helped(build: IndexBuild, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """What other workers have encoded; they are as fast as can be."""
    encoded: list[int] = []

    def help_at_once(build: IndexBuild, n: int) -> None:
        build.refresh_from_db()
        encoded.append(index_help(build=build))

    monkeypatch.setattr(builds, "index_help_wake", help_at_once)
    return encoded


def _stored_parts() -> list[str]:
    folder = Path(artifacts.storage().path("index-parts"))
    return [str(path) for path in folder.rglob("*") if path.is_file()] if folder.exists() else []


def test_an_index_is_the_same_whoever_encoded_its_photos(
    release: Release, build: IndexBuild, helped: list[int], encoded: list[int]
) -> None:
    whole = live_now().index
    IndexBuild.objects.filter(pk=release.index_build_id).update(status="failed")  # nothing to copy from
    build = index_build_request(model=release.model)
    assert index_build(build=build)
    assert helped == [3]
    build.refresh_from_db()
    index = open_index(build, open_encoder(build.model))
    assert np.array_equal(index.ids, whole.ids)
    assert np.array_equal(index.codes, whole.codes)
    assert np.allclose(index.embeddings, whole.embeddings, atol=1e-3)
    assert (build.n_done, build.n_skipped) == (N_PRODUCTS, 0)
    assert not IndexPart.objects.exists()
    assert not _stored_parts()


def test_without_help_the_builds_own_worker_encodes_all(build: IndexBuild, encoded: list[int]) -> None:
    assert index_build(build=build)
    build.refresh_from_db()
    assert build.status == "ready"
    assert sum(encoded) == N_PRODUCTS


def test_a_worker_on_another_host_takes_over_what_is_done(
    build: IndexBuild,
    helped: list[int],
    encoded: list[int],
    monkeypatch: pytest.MonkeyPatch,
    settings: Settings,
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(builds, "index_check", lambda *_, **__: pytest.fail("killed"))
        with pytest.raises(pytest.fail.Exception):
            index_build(build=build)
    assert sum(encoded) == N_PRODUCTS
    settings.DATA_DIR = settings.DATA_DIR / "another-host"
    IndexBuild.objects.update(heartbeat_at=timezone.now() - timedelta(minutes=3))
    assert index_build(build=build)
    assert sum(encoded) == N_PRODUCTS  # nothing was encoded again
    build.refresh_from_db()
    assert build.n_photos == N_PRODUCTS


def test_a_part_whose_worker_is_gone_is_encoded_by_another(build: IndexBuild, encoded: list[int]) -> None:
    ids = list(Photo.objects.order_by("pk").values_list("pk", flat=True))
    lost = timezone.now() - timedelta(minutes=5)
    IndexPart.objects.create(
        build=build, number=0, photo_ids=ids[:4], status="running", attempts=1, heartbeat_at=lost
    )
    assert index_build(build=build)
    assert sum(encoded) == N_PRODUCTS


def test_a_part_that_kills_every_worker_fails_the_build(build: IndexBuild) -> None:
    ids = list(Photo.objects.order_by("pk").values_list("pk", flat=True))
    lost = timezone.now() - timedelta(minutes=5)
    IndexPart.objects.create(
        build=build, number=0, photo_ids=ids[:4], status="running", attempts=5, heartbeat_at=lost
    )
    with pytest.raises(PartFailedError, match=f"photos {ids[0]} to {ids[3]}"):
        index_build(build=build)
    build.refresh_from_db()
    assert build.status == "failed"
    assert not IndexPart.objects.exists()


def test_a_helper_that_comes_too_late_does_nothing(build: IndexBuild, encoded: list[int]) -> None:
    assert index_build(build=build)
    n = sum(encoded)
    build.refresh_from_db()
    assert index_help(build=build) == 0
    assert sum(encoded) == n

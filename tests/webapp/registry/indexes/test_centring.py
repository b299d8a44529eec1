"""Builds of encoders that take a catalogue's centres."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.files.storage import default_storage
from django.utils import timezone
from numpy.typing import NDArray
from pytest_django import Settings

from ml.retrieval.builder import IndexBuilder
from ml.retrieval.centres import CENTRES, Centres, SketchSum
from ml.serving.encoder import Encoder
from ml.sketch.strokes import parse_sketch
from tests.factories import ProductFactory
from tests.support.live_release import live_now
from tests.support.tiny_model import tiny_model
from webapp.catalog.models import Photo, Product
from webapp.registry.indexes import builds, centring, encoding
from webapp.registry.indexes.builds import index_build, index_build_request
from webapp.registry.indexes.catalogue import gallery_photos
from webapp.registry.indexes.centring import KEPT_SHARE, centres_of, same_gallery
from webapp.registry.indexes.opening import open_encoder, open_index, open_release
from webapp.registry.indexes.photos import photos_encode
from webapp.registry.indexes.prune import KEPT_FOR, indexes_prune
from webapp.registry.indexes.sketch_sums import sketch_sum_add
from webapp.registry.models import IndexBuild, Release, ReleaseEvent
from webapp.registry.releases import live
from webapp.registry.releases.annotation_features import release_features
from webapp.registry.releases.building import release_follow_catalogue
from webapp.registry.releases.services import model_register
from webapp.stores import artifacts

pytestmark = pytest.mark.django_db

SKETCH = parse_sketch(
    {"width": 100, "height": 100, "strokes": [[[10, 10], [90, 10], [90, 90]], [[5, 50], [60, 70]]]}
)


@pytest.fixture
def centred(products: list[Product], make_release: Callable[..., Release], settings: Settings) -> Release:
    """A live release of the twelve products, whose encoder takes centres."""
    settings.LEARN_FROM_SKETCHES = True
    return make_release(centres=True)


def centres_now() -> Centres:
    found = live_now().index.centres
    assert found is not None
    return found


def drawn(n: int, seed: int = 0) -> NDArray[np.float64]:
    """Let n visitors draw; return the sum of their projections."""
    encoder = live_now().encoder
    total = np.random.default_rng(seed).normal(400, 100, size=(n, encoder.embedding_dim)).sum(axis=0)
    sketch_sum_add(encoder.sha256, SketchSum(n, total))
    return np.asarray(total)


def row_of(photo: Photo) -> NDArray[np.float32]:
    row = live_now().row_of(photo.pk)
    assert row is not None
    return np.asarray(live_now().index.embeddings[row], np.float32)


def test_photos_and_sketches_are_centred_on_the_catalogue(centred: Release) -> None:
    centres, plain = centres_now(), open_encoder(centred.model)
    assert (centres.n_photos, centres.n_sketches) == (12, 0)
    photos = list(gallery_photos())
    expected = photos_encode(plain.centred(centres), photos).embeddings
    assert live_now().index.embeddings.astype(np.float32) == pytest.approx(expected, abs=2e-3)
    assert np.vecdot(expected, photos_encode(plain, photos).embeddings).min() < 0.98, "centres matter"
    query = live_now().encoder.encode_sketch(SKETCH)
    assert query.embedding == pytest.approx(plain.centred(centres).encode_sketch(SKETCH).embedding, abs=1e-6)
    assert query.projection == pytest.approx(plain.encode_sketch(SKETCH).projection)
    assert centred.index_build.numbers is not None
    assert (centred.index_build.numbers["n_photos"], centred.index_build.numbers["n_sketches"]) == (12, 0)


@pytest.mark.usefixtures("products")
def test_an_encoder_without_centres_builds_as_before(make_release: Callable[..., Release]) -> None:
    release = make_release()
    assert live_now().index.centres is None
    assert CENTRES not in live_now().index.manifest.files
    assert release.index_build.numbers is not None
    assert "n_sketches" not in release.index_build.numbers
    assert release_follow_catalogue() is None


def test_new_sketches_move_only_the_centre_of_sketches_and_encode_no_photo(
    centred: Release, encoded: list[int]
) -> None:
    before, rows = centres_now(), np.array(live_now().index.embeddings)
    drawn(19)
    assert release_follow_catalogue() is None, "too few to be worth a build"
    drawn(1, seed=1)
    again = release_follow_catalogue()
    assert again is not None
    assert encoded == []
    after = centres_now()
    assert (after.n_photos, after.n_sketches) == (12, 20)
    for name in ("photo", "edge", "drawn"):
        assert np.array_equal(getattr(after, name), getattr(before, name))
    assert not np.allclose(after.sketch, before.sketch)
    assert np.array_equal(live_now().index.embeddings, rows)
    assert release_follow_catalogue() is None, "once"
    assert index_build_request(model=again.model) == again.index_build


def test_a_build_counts_all_sketches_so_far(centred: Release) -> None:
    before = centres_now()
    first, second = drawn(20), drawn(20, seed=1)
    assert release_follow_catalogue() is not None
    expected = before.with_sketches(SketchSum(40, first + second))
    assert centres_now().sketch == pytest.approx(expected.sketch, rel=1e-5)


def test_a_site_that_stops_learning_builds_without_sketches(centred: Release, settings: Settings) -> None:
    drawn(50)
    settings.LEARN_FROM_SKETCHES = False
    assert release_follow_catalogue() is None
    ProductFactory(photo__seed=50)
    assert release_follow_catalogue() is not None
    assert centres_now().n_sketches == 0
    assert np.array_equal(centres_now().sketch, centres_now().drawn)


def test_a_new_photo_keeps_the_centres_and_the_other_rows(
    centred: Release, encoded: list[int], products: list[Product]
) -> None:
    before = centres_now()
    ProductFactory(category=products[0].category, photo__seed=77)
    assert release_follow_catalogue() is not None
    assert sum(encoded) == 1
    assert same_gallery(centres_now(), open_index(centred.index_build, live_now().encoder))
    assert centres_now().n_photos == before.n_photos


def test_a_changed_catalogue_is_centred_and_encoded_anew(
    centred: Release, encoded: list[int], products: list[Product]
) -> None:
    before = centres_now()
    n_new = int(12 / KEPT_SHARE) - 12 + 1
    for n in range(n_new):
        ProductFactory(category=products[0].category, photo__seed=100 + n)
    assert release_follow_catalogue() is not None
    assert sum(encoded) == 12 + n_new
    assert centres_now().n_photos == 12 + n_new
    assert not np.array_equal(centres_now().photo, before.photo)


class KilledError(BaseException):
    """A worker is killed."""


def test_a_resumed_build_keeps_its_centres(
    products: list[Product], settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Shards that a killed worker left are centred as the rest must be, whatever was drawn since."""
    settings.LEARN_FROM_SKETCHES = True
    monkeypatch.setattr(encoding, "_BATCH", 4)
    build = index_build_request(model=model_register(folder=tiny_model(tmp_path / "model", centres=True)))
    real = IndexBuilder.add

    def killed_after_two(self: IndexBuilder, *args: Any, **kwargs: Any) -> None:
        if len(self._shards) == 2:
            raise KilledError
        real(self, *args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(IndexBuilder, "add", killed_after_two)
        with pytest.raises(KilledError):
            index_build(build=build)
    encoder = open_encoder(build.model)
    sketch_sum_add(encoder.sha256, SketchSum(30, np.full(encoder.embedding_dim, 9_000.0)))
    IndexBuild.objects.update(heartbeat_at=timezone.now() - timedelta(minutes=3))
    build.refresh_from_db()
    monkeypatch.setattr(centring, "estimate_centres", lambda *_: pytest.fail("they are kept"))
    assert index_build(build=build)
    build.refresh_from_db()
    index = open_index(build, encoder)
    assert index.centres is not None
    assert (index.centres.n_photos, index.centres.n_sketches) == (12, 0)
    expected = photos_encode(encoder.centred(index.centres), list(gallery_photos())).embeddings
    assert index.embeddings.astype(np.float32) == pytest.approx(expected, abs=2e-3)


def test_replicas_have_the_same_centres(centred: Release) -> None:
    drawn(25)
    release = release_follow_catalogue()
    assert release is not None
    one = open_release(release)
    drawn(40, seed=2)  # counts in the next build only
    other = open_release(Release.objects.get(pk=release.pk))
    assert one.encoder is not other.encoder
    query = one.encoder.encode_sketch(SKETCH)
    assert query.embedding.tolist() == other.encoder.encode_sketch(SKETCH).embedding.tolist()


def test_a_replica_that_keeps_its_encoder_takes_the_new_centres(centred: Release) -> None:
    before = live_now().encoder.encode_sketch(SKETCH).embedding
    drawn(25)
    assert release_follow_catalogue() is not None
    after = live_now().encoder.encode_sketch(SKETCH).embedding
    live.reset()  # a process that has just started
    assert after.tolist() == live_now().encoder.encode_sketch(SKETCH).embedding.tolist()
    assert after @ before < 0.999


def test_a_catalogue_without_readable_photos_has_the_encoders_centres(
    products: list[Product], make_release: Callable[..., Release]
) -> None:
    for photo in Photo.objects.all():
        for name in (photo.file.name, photo.thumb.name):
            with default_storage.open(str(name), "wb") as file:
                file.write(b"no picture")
    make_release(centres=True)
    assert not centres_now().by_domain().any()
    assert centres_now().n_photos == 0


@pytest.mark.usefixtures("db")
def test_an_empty_catalogue_can_be_built(make_release: Callable[..., Release]) -> None:
    make_release(centres=True)
    assert not centres_now().by_domain().any()


def test_an_index_of_an_earlier_version_answers_until_the_next_build(
    products: list[Product],
    make_release: Callable[..., Release],
    encoded: list[int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(builds, "centres_of", lambda *_: None)
        release = make_release(centres=True)
    assert live_now().index.centres is None
    plain = open_encoder(release.model).encode_sketch(SKETCH).embedding
    assert live_now().encoder.encode_sketch(SKETCH).embedding.tolist() == plain.tolist()
    encoded.clear()
    ProductFactory(category=products[0].category, photo__seed=90)
    assert release_follow_catalogue() is not None
    assert sum(encoded) == 13, "rows that were not centred are not copied"
    assert centres_now().n_photos == 13


def test_other_models_are_not_mixed_up(centred: Release, tmp_path: Path) -> None:
    drawn(30)
    other = model_register(folder=tiny_model(tmp_path / "other", seed=3, centres=True))
    build = index_build_request(model=other)
    assert index_build(build=build)
    build.refresh_from_db()
    index = open_index(build, open_encoder(other))
    assert index.centres is not None
    assert index.centres.n_sketches == 0


def test_features_for_annotation_are_centred_like_the_index(
    centred: Release, products: list[Product]
) -> None:
    twin = ProductFactory(category=products[0].category, photo__seed=4)  # newer than the index
    found = release_features([], [products[4], twin])
    assert found.products[1] == pytest.approx(found.products[0], abs=2e-3)
    assert found.products[0] == pytest.approx(row_of(products[4].photos.get()), abs=1e-6)


def test_the_encoder_of_a_build_is_asked_for_centres_only_if_it_takes_them(tmp_path: Path) -> None:
    encoder = Encoder.load(tiny_model(tmp_path / "model"))
    assert centres_of(encoder, [], None, tmp_path / "centres.npz") is None
    assert not (tmp_path / "centres.npz").exists()


def test_a_pruned_index_leaves_no_file(centred: Release) -> None:
    folder = artifacts.local_folder(centred.index_build.folder, [])
    assert (folder / CENTRES).is_file()
    ProductFactory(photo__seed=91)
    assert release_follow_catalogue() is not None
    ReleaseEvent.objects.update(at=timezone.now() - 2 * KEPT_FOR)
    assert indexes_prune(now=timezone.now() + timedelta(seconds=1)) == [centred.index_build_id]
    assert not folder.exists()

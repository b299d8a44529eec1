"""Features for annotation: those of the release, whether or not its index contains a photo."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from annotation.models import Campaign, CandidateSet, Sketch
from annotation.services.tasks.candidates import Plan, candidate_sets_create, triplets_create
from ml.sketch.strokes import parse_sketch
from tests.factories import ProductFactory
from webapp.catalog.models import Product
from webapp.registry.models import Release
from webapp.registry.releases import live
from webapp.registry.releases.annotation_features import release_features

STROKES = {"width": 100, "height": 100, "strokes": [[[10, 10], [90, 90]], [[90, 10], [10, 90]]]}


@pytest.fixture
def sketch(db: None) -> Sketch:
    return Sketch.objects.create(source="import", strokes=STROKES)


def test_embeddings_are_the_live_releases(release: Release, products: list[Product], sketch: Sketch) -> None:
    found = release_features([sketch], products[3:5])
    current = live.current()
    assert current is not None
    assert found.release_id == str(release.pk)
    assert found.sketches[0] == pytest.approx(current.encoder.encode_sketch(parse_sketch(STROKES)).embedding)
    photo = products[3].main_photo
    assert photo is not None
    row = current.row_of(photo.pk)
    assert row is not None
    assert found.products[0] == pytest.approx(current.index.embeddings[row].astype(np.float32))


def test_a_product_newer_than_the_index_is_encoded(
    release: Release, products: list[Product], sketch: Sketch
) -> None:
    twin = ProductFactory(category=products[0].category, photo__seed=4)  # the picture of products[4]
    found = release_features([sketch], [products[4], twin])
    assert found.products[1] == pytest.approx(found.products[0], abs=2e-3)  # the index stores half precision
    assert np.linalg.norm(found.products[1]) == pytest.approx(1, abs=1e-3)


@pytest.mark.usefixtures("release")
def test_incomparable_rows_are_named(products: list[Product], sketch: Sketch) -> None:
    bare = ProductFactory(sku="bare", photo=None)
    with pytest.raises(ValueError, match="product bare: has no photo"):
        release_features([sketch], [bare])
    picture = Sketch.objects.create(source="import", raster="sketches/only-a-picture.png", name="s7")
    with pytest.raises(ValueError, match="sketch s7: has no strokes"):
        release_features([picture], products)


def test_without_a_release_there_are_no_features(products: list[Product], sketch: Sketch) -> None:
    found = release_features([sketch], products)
    assert found.sketches.shape == (1, 0)
    assert found.products.shape == (12, 0)


def test_disagreement_of_two_releases_chooses_triplets(
    products: list[Product], make_release: Callable[..., Release], sketch: Sketch
) -> None:
    candidate, now_live = make_release(seed=1), make_release(seed=0)
    campaign = Campaign.objects.create(title="C", slug="c")
    candidate_sets_create(
        campaign=campaign, sketches=[sketch], products=products, provider=release_features, by=None
    )
    assert CandidateSet.objects.get().release_id == str(now_live.pk)
    plan = Plan(strategy="disagreement", n_triplets=20)
    made = triplets_create(
        campaign=campaign, plan=plan, by=None, provider=release_features, candidate_release=str(candidate.pk)
    )
    assert made.made == 20

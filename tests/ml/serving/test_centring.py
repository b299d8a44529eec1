"""An encoder with a catalogue's centres, and their estimation from photos."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from ml.errors import ModelError
from ml.images.decode import decode_image
from ml.images.views import gallery_images
from ml.retrieval.centres import PHOTOS_WEIGHT, Centres
from ml.serving.centring import VIEWS, estimate_centres, sketch_of_edges
from ml.serving.encoder import BATCH, Encoder
from ml.sketch.raster import RasterSpec, rasterise
from ml.sketch.strokes import parse_sketch
from tests.factories import picture
from tests.support.tiny_model import DIM, tiny_model

SKETCH = parse_sketch(
    {"width": 100, "height": 100, "strokes": [[[10, 10], [90, 10], [90, 90]], [[5, 50], [60, 70]]]}
)


@pytest.fixture
def encoder(tmp_path: Path) -> Encoder:
    return Encoder.load(tiny_model(tmp_path / "model", centres=True, gallery_inputs=["photo", "edge"]))


@pytest.fixture
def plain(tmp_path: Path) -> Encoder:
    """An encoder of an earlier version, which takes no centres."""
    return Encoder.load(tiny_model(tmp_path / "plain"))


@pytest.fixture
def centres() -> Centres:
    return Centres.estimated(np.random.default_rng(0).normal(0, 400, (3, DIM)), 200)


def photos(n: int = 4) -> list[NDArray[np.uint8]]:
    return [decode_image(picture(seed)) for seed in range(n)]


def unit(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(rows / np.linalg.norm(rows, axis=-1, keepdims=True), np.float32)


def framed(encoder: Encoder, some: list[NDArray[np.uint8]]) -> list[list[NDArray[np.uint8]]]:
    return [gallery_images(photo, VIEWS, encoder.raster) for photo in some]


def test_an_embedding_is_the_projection_centred_and_normalised(encoder: Encoder, centres: Centres) -> None:
    own, catalogue = encoder.encode_sketch(SKETCH), encoder.centred(centres).encode_sketch(SKETCH)
    assert own.projection is not None
    assert catalogue.projection is not None
    assert own.projection.tolist() == catalogue.projection.tolist(), "it is not centred"
    assert own.embedding == pytest.approx(unit(own.projection), abs=1e-5)
    assert catalogue.embedding == pytest.approx(unit(own.projection - centres.sketch), abs=1e-5)
    assert own.hash_code.tolist() != catalogue.hash_code.tolist()


def test_each_view_of_a_photo_has_the_centre_of_its_domain(encoder: Encoder, centres: Centres) -> None:
    views = framed(encoder, photos())
    parts = [
        unit(encoder.projections([view[place] for view in views], domain) - centre)
        for place, (domain, centre) in enumerate((("photo", centres.photo), ("edge", centres.edge)))
    ]
    found = encoder.centred(centres).encode_photos(photos()).embeddings
    assert found == pytest.approx(unit(np.mean(parts, axis=0)), abs=1e-4)


def test_centring_leaves_the_encoder_alone_and_can_be_undone(encoder: Encoder, centres: Centres) -> None:
    before = encoder.encode_sketch(SKETCH).embedding.tolist()
    centred = encoder.centred(centres)
    assert centred.encode_sketch(SKETCH).embedding.tolist() != before
    assert encoder.encode_sketch(SKETCH).embedding.tolist() == before
    assert centred.centred(None).encode_sketch(SKETCH).embedding.tolist() == before
    assert (centred.sha256, centred.agreement, centred.numbers) == (
        encoder.sha256,
        encoder.agreement,
        encoder.numbers,
    )


def test_a_sketch_has_the_same_projection_alone_and_in_a_batch(encoder: Encoder) -> None:
    other = encoder.rasterised(parse_sketch({"width": 9, "height": 9, "strokes": [[[1, 1], [8, 8]]]}))
    together = encoder.encode_rasters([other, encoder.rasterised(SKETCH)])
    alone = encoder.encode_sketch(SKETCH).projection
    assert alone is not None
    assert together[1].projection == pytest.approx(alone, rel=1e-5)
    images = [rasterise(SKETCH, encoder.raster)] * (BATCH + 1)
    assert encoder.projections(images, "sketch") == pytest.approx(np.tile(alone, (BATCH + 1, 1)), rel=1e-5)
    assert encoder.projections([], "sketch").shape == (0, DIM)


def test_an_encoder_without_centres_has_no_projections(plain: Encoder) -> None:
    assert not plain.takes_centres
    assert plain.encode_sketch(SKETCH).projection is None
    assert (
        plain.centred(None).encode_sketch(SKETCH).embedding.tolist()
        == plain.encode_sketch(SKETCH).embedding.tolist()
    )
    with pytest.raises(ModelError, match="no centres"):
        plain.projections([rasterise(SKETCH, plain.raster)], "sketch")
    assert estimate_centres(plain, framed(plain, photos())) is None


def test_centres_are_the_mean_projections_of_the_photos_views(encoder: Encoder) -> None:
    centres = estimate_centres(encoder, framed(encoder, photos()))
    assert centres is not None
    views = framed(encoder, photos())
    share = 4 / (4 + PHOTOS_WEIGHT)
    for place, domain in enumerate(("photo", "edge")):
        mean = encoder.projections([view[place] for view in views], domain).mean(axis=0)
        assert getattr(centres, domain) == pytest.approx(share * mean, rel=1e-4, abs=1e-3)
    assert centres.sketch.tolist() == centres.drawn.tolist()
    assert (centres.n_photos, centres.n_sketches) == (4, 0)
    assert centres.sketch @ centres.edge < 0.999 * np.linalg.norm(centres.sketch) * np.linalg.norm(
        centres.edge
    )


def test_centres_depend_only_on_the_photos(encoder: Encoder) -> None:
    one, two = (
        estimate_centres(encoder.centred(centres), framed(encoder, photos()))
        for centres in (None, Centres.estimated(np.ones((3, DIM)), 9))
    )
    assert one is not None
    assert two is not None
    assert one.content() == two.content(), "not on the encoder's present centres"


def test_the_more_photos_the_more_centring_removes_of_what_all_products_share(encoder: Encoder) -> None:
    many = photos(40)

    def alike(some: Encoder) -> float:
        embeddings = some.encode_photos(many).embeddings
        return float((embeddings @ embeddings.T).mean())

    few, all_of_them = (estimate_centres(encoder, framed(encoder, many[:n])) for n in (5, 40))
    assert alike(encoder.centred(all_of_them)) < alike(encoder.centred(few)) - 0.1 < alike(encoder) - 0.1


def test_no_photos_have_no_centres(encoder: Encoder) -> None:
    assert estimate_centres(encoder, []) is None


def test_a_photo_without_lines_counts_with_its_empty_edge_map(encoder: Encoder) -> None:
    blank = np.full((80, 80, 3), 255, np.uint8)
    assert sketch_of_edges(np.full((64, 64), 255, np.uint8), np.random.default_rng(0)) is None
    centres = estimate_centres(encoder, framed(encoder, [blank]))
    assert centres is not None
    assert np.isfinite(centres.by_domain()).all()


@pytest.mark.parametrize("seed", range(4))
def test_a_synthetic_sketch_depends_on_its_seed_only(seed: int) -> None:
    edges = gallery_images(photos(1)[0], ("edge",), RasterSpec(size=64))[0]
    first, again, other = (
        sketch_of_edges(edges, np.random.default_rng(each)) for each in (seed, seed, seed + 1)
    )
    assert first is not None
    assert again is not None
    assert other is not None
    assert first.to_payload() == again.to_payload()
    assert first.to_payload() != other.to_payload()

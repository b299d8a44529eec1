"""A gallery in memory is searched as a live release is, and a catalogue or an unseen shop is measured through it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from ml.datasets.catalogue import Catalogue, read_photo
from ml.datasets.pairs import PairDataset
from ml.errors import DatasetError
from ml.images.views import gallery_images
from ml.protocols.catalogue import NAME_WEIGHTS, best_name_weight, evaluate_catalogue
from ml.protocols.gallery import SearchedGallery, fits_of, words_of
from ml.protocols.unseen import evaluate_unseen
from ml.retrieval.centres import SketchSum
from ml.retrieval.name_prior import CURVE
from ml.serving.centring import VIEWS, estimate_centres
from ml.serving.encoder import Encoder
from ml.serving.recogniser import Recogniser
from ml.sketch.strokes import Sketch
from ml.vocabulary.fit import ProductWords
from tests.support.example_recogniser import example_recogniser
from tests.support.tiny_catalogue import WORDS, write_catalogue
from tests.support.tiny_model import tiny_model

NAMES = {"c3": "tent", "c4": "table", "c5": "mug"}


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    return Catalogue(write_catalogue(tmp_path / "catalogue"))


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return tiny_model(tmp_path / "model", centres=True, gallery_inputs=["photo", "edge"], name_weight=0.3)


@pytest.fixture
def recogniser_folder(tmp_path: Path, catalogue: Catalogue) -> Path:
    """Knows the drawing of the first product of each category."""
    examples: dict[str, Sketch] = {}
    for product in catalogue.products:
        drawing = product.views[0].drawing
        if drawing is not None:
            examples.setdefault(NAMES[product.category], drawing)
    return example_recogniser(tmp_path / "recogniser", examples)


@pytest.fixture
def gallery(catalogue: Catalogue, model: Path, recogniser_folder: Path) -> SearchedGallery:
    return SearchedGallery.of(Encoder.load(model), catalogue, Recogniser.load(recogniser_folder))


def test_the_encoder_is_centred_on_the_photos(
    catalogue: Catalogue, gallery: SearchedGallery, model: Path
) -> None:
    photos = [read_photo(product.views[0].photo) for product in catalogue.products]
    plain = Encoder.load(model)
    centres = estimate_centres(plain, [gallery_images(photo, VIEWS, plain.raster) for photo in photos])
    assert centres is not None
    assert gallery.centres is not None
    assert gallery.centres.content() == centres.content()
    assert gallery.vectors == pytest.approx(plain.centred(centres).encode_photos(photos).embeddings, abs=1e-5)
    assert len(gallery) == 30


def test_the_served_order_is_that_of_a_search_with_recognised_names(
    catalogue: Catalogue, gallery: SearchedGallery
) -> None:
    drawing = catalogue.products[0].views[0].drawing
    assert drawing is not None
    queries = gallery.encoded([drawing])
    assert queries.probabilities is not None
    (served,), (by_shape,) = gallery.served(queries), gallery.served(queries, name_weight=0.0)
    prior = gallery.fits.prior(queries.probabilities[0], 0.3)
    hits = gallery.search.search(queries.embeddings[0], queries.hash_codes[0], 30, prior=prior)
    assert np.argsort(served, kind="stable").tolist() == hits.rows.tolist()
    cosines = -gallery.cosine_distances(queries)[0]
    assert -by_shape == pytest.approx(cosines + CURVE * np.maximum(cosines, 0) ** 3, abs=8e-3)
    best = [catalogue.products[row].category for row in np.argsort(served)[:10].tolist()]
    assert best == [catalogue.products[0].category] * 10


def test_without_a_recogniser_the_order_is_by_shape(catalogue: Catalogue, model: Path) -> None:
    gallery = SearchedGallery.of(Encoder.load(model), catalogue, None)
    drawings = [product.views[0].drawing for product in catalogue.products[:3]]
    queries = gallery.encoded([drawing for drawing in drawings if drawing is not None])
    assert queries.probabilities is None
    assert gallery.served(queries) == pytest.approx(gallery.cosine_distances(queries), abs=2e-3)


def test_hamming_distances_are_differing_bits(gallery: SearchedGallery, catalogue: Catalogue) -> None:
    drawing = catalogue.products[4].views[0].drawing
    assert drawing is not None
    queries = gallery.encoded([drawing])
    differing = np.unpackbits(queries.hash_codes[:, None] ^ gallery.hash_codes[None], axis=2).sum(axis=2)
    assert gallery.hamming_distances(queries).tolist() == differing.tolist()


def test_visitors_sketches_move_queries_and_no_photo(gallery: SearchedGallery, catalogue: Catalogue) -> None:
    drawing = catalogue.products[0].views[0].drawing
    assert drawing is not None
    assert gallery.centres is not None
    total = 100.0 * np.ones(gallery.encoder.embedding_dim)
    warm = gallery.with_sketches(gallery.centres.with_sketches(SketchSum(1, total)))
    assert warm.vectors is gallery.vectors
    before, after = gallery.encoded([drawing]), warm.encoded([drawing])
    assert not np.allclose(before.embeddings, after.embeddings)
    assert gallery.encoded([drawing]).embeddings.tolist() == before.embeddings.tolist()


def test_products_with_equal_words_share_a_group_and_unknown_words_fit_nothing(catalogue: Catalogue) -> None:
    fits = fits_of(words_of(catalogue))
    for product, group in zip(catalogue.products, fits.groups.tolist(), strict=True):
        assert fits.fits[group, fits.names.index(NAMES[product.category])] > 0.5, WORDS[product.category]
    assert len(set(fits.groups.tolist())) == 3
    nothing = fits_of([ProductWords("Kivik", {}), ProductWords("Mug", {}), ProductWords("Zyx", {})])
    assert nothing.groups.tolist() == [0, 1, 0]
    assert not nothing.fits[0].any()
    assert nothing.n_products(nothing.names.index("mug")) == 1


def test_a_catalogue_is_measured_in_every_order(
    catalogue: Catalogue, model: Path, recogniser_folder: Path
) -> None:
    found = evaluate_catalogue(
        model=model, root=catalogue.root, quickdraw=catalogue.root / "doodles", recogniser=recogniser_folder
    )
    assert found["n_gallery"] == 30
    for suffix in ("", "_shape", "_cosine", "_hash"):
        assert 0 <= found[f"acc@1{suffix}"]["value"] <= found[f"acc@10{suffix}"]["value"] <= 1
        assert found[f"precision@10{suffix}"]["ci95"][0] <= found[f"precision@10{suffix}"]["ci95"][1]
    assert "precision@10_half" in found
    by_shape = evaluate_catalogue(model=model, root=catalogue.root, recogniser=None)
    assert "acc@1_shape" not in by_shape, "it is the served order"
    assert by_shape["acc@1"] == found["acc@1_shape"]


def test_names_with_few_products_are_measured_by_any_of_them(
    catalogue: Catalogue, model: Path, recogniser_folder: Path
) -> None:
    (catalogue.root / "quickdraw-map.json").write_text('{"triangle": ["p0", "p3"], "square": ["c4"]}')
    found = evaluate_catalogue(
        model=model,
        root=catalogue.root,
        split="train",
        quickdraw=catalogue.root / "doodles",
        recogniser=recogniser_folder,
    )
    triangle, square = found["categories"]["triangle"], found["categories"]["square"]
    assert (triangle["n_products"], square["n_products"]) == (2, 10)
    assert found["any@10"]["value"] == pytest.approx(triangle["any@10"])
    assert found["precision@10"]["value"] == pytest.approx(square["precision@10"])
    assert triangle["precision@10"] <= 0.2


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("right", [["c3", "c4"], ["p0", "p1"], ["c3", "p1"]])
def test_the_weight_of_names_is_chosen_on_validation(
    catalogue: Catalogue, model: Path, recogniser_folder: Path, right: list[str]
) -> None:
    """Also if all names have many right products, or all have few."""
    table = dict(zip(("triangle", "square"), ([each] for each in right), strict=True))
    (catalogue.root / "quickdraw-map.json").write_text(json.dumps(table))
    doodles = catalogue.root / "doodles"
    weight = best_name_weight(
        model=model, root=catalogue.root, precision="fp32", quickdraw=doodles, recogniser=recogniser_folder
    )
    assert weight in NAME_WEIGHTS


def test_a_dataset_is_measured_as_an_unseen_shop(
    things: PairDataset, model: Path, recogniser_folder: Path
) -> None:
    found = evaluate_unseen(
        encoder=Encoder.load(model),
        recogniser=Recogniser.load(recogniser_folder),
        dataset=things,
        split="test",
        gallery=None,
        n_visitors=8,
    )
    n_test = len(things.sketch_rows("test"))
    assert found["n_queries"] + found["n_untraceable"] == n_test
    assert found["n_gallery"] == 30
    assert 0 < found["n_visitors"] <= 8
    for metrics in (found["cold"], found["warm"]):
        assert metrics.keys() == {
            f"{name}{suffix}" for name in ("acc@1", "acc@10", "precision@10") for suffix in ("", "_shape")
        }
    assert found["cold"] != found["warm"]


def test_no_sketch_is_both_query_and_visitor(hats: PairDataset, model: Path) -> None:
    found = evaluate_unseen(
        encoder=Encoder.load(model), recogniser=None, dataset=hats, split="train", gallery=None, n_visitors=50
    )
    n_others = len(hats.sketch_rows("train", "val")) - found["n_queries"] - found["n_untraceable"]
    assert found.get("n_visitors", 0) <= n_others
    assert "precision@10" not in found["cold"], "one category"


def test_an_encoder_without_centres_has_no_visitors(hats: PairDataset, tmp_path: Path) -> None:
    found = evaluate_unseen(
        encoder=Encoder.load(tiny_model(tmp_path / "plain")),
        recogniser=None,
        dataset=hats,
        split="test",
        gallery="test",
        n_visitors=5,
        n_sketches=2,
    )
    assert found["n_queries"] == 2
    assert "warm" not in found


def test_sketches_without_their_photo_cannot_be_measured(hats: PairDataset, model: Path) -> None:
    with pytest.raises(DatasetError, match="--root"):
        evaluate_unseen(
            encoder=Encoder.load(model),
            recogniser=None,
            dataset=hats,
            split="test",
            gallery="train",
            n_visitors=0,
        )

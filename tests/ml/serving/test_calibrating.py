"""A gallery of pictures, calibrated with a tiny encoder that sees where ink is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from ml.protocols.gallery import SearchedGallery
from ml.retrieval.calibration import Calibration
from ml.retrieval.evidence import FOLLOWING
from ml.serving.calibrating import SAMPLE, sample_rows
from ml.serving.encoder import Encoder
from ml.serving.recogniser import Recogniser
from ml.sketch.nonsense import nonsense
from ml.vocabulary.fit import ProductWords
from tests.support.tiny_model import tiny_model
from tests.support.tiny_recogniser import tiny_recogniser

N = 40


def picture(number: int) -> NDArray[np.uint8]:
    """White, with three dark boxes at random places."""
    rng = np.random.default_rng(number)
    image = np.full((96, 96, 3), 255, np.uint8)
    for x, y in rng.integers(4, 60, (3, 2)):
        width, height = rng.integers(8, 30, 2)
        image[y : y + height, x : x + width] = rng.integers(0, 120, 3)
    return image


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Encoder:
    return Encoder.load(tiny_model(tmp_path_factory.mktemp("model"), centres=True))


@pytest.fixture(scope="module")
def recogniser(tmp_path_factory: pytest.TempPathFactory) -> Recogniser:
    return Recogniser.load(tiny_recogniser(tmp_path_factory.mktemp("recogniser")))


def gallery(encoder: Encoder, recogniser: Recogniser | None) -> SearchedGallery:
    words = [ProductWords("Chair" if number % 2 else "Table lamp") for number in range(N)]

    def reader(number: int):  # type: ignore[no-untyped-def]
        return lambda: picture(number)

    return SearchedGallery(encoder, [reader(number) for number in range(N)], words, recogniser)


def test_a_calibration_is_the_same_whenever_it_is_made(encoder: Encoder, recogniser: Recogniser) -> None:
    once, again = (gallery(encoder, recogniser).calibration for _ in range(2))
    assert once.content() == again.content()
    assert once.named is not None
    assert once.recogniser_sha256 == recogniser.sha256


def test_without_a_recogniser_shape_alone_is_calibrated(encoder: Encoder, recogniser: Recogniser) -> None:
    by_shape, both = gallery(encoder, None).calibration, gallery(encoder, recogniser).calibration
    assert by_shape.named is None
    assert by_shape.recogniser_sha256 == ""
    assert by_shape.shape.model.weights == pytest.approx(both.shape.model.weights)


def test_what_looks_like_a_product_is_likelier_right_than_dots(encoder: Encoder) -> None:
    found = gallery(encoder, None)
    calibration = found.calibration

    def best(embedding: NDArray[np.float32], code: NDArray[np.uint8]) -> float:
        hits = found.search.search(embedding, code, FOLLOWING)
        return float(calibration.judged(hits, None).probabilities[0])

    photos = [best(found.vectors[row], found.hash_codes[row]) for row in range(N)]
    dots = found.encoded(nonsense("dots", 20, seed=9))
    of_dots = [best(*pair) for pair in zip(dots.embeddings, dots.hash_codes, strict=True)]
    assert min(photos) > max(of_dots)
    told = [
        calibration.judged(found.search.search(*pair, FOLLOWING), None).nothing_close
        for pair in zip(dots.embeddings, dots.hash_codes, strict=True)
    ]
    assert np.mean(told) > 0.5


def test_photos_are_sampled_evenly_and_at_most_so_many() -> None:
    assert sample_rows(3) == [0, 1, 2]
    rows = sample_rows(10 * SAMPLE)
    assert len(rows) == len(set(rows)) == SAMPLE
    assert (rows[0], rows[-1]) == (0, 10 * SAMPLE - 1)


def test_a_calibration_survives_its_file(encoder: Encoder, recogniser: Recogniser, tmp_path: Path) -> None:
    made = gallery(encoder, recogniser).calibration
    path = tmp_path / "calibration.json"
    path.write_bytes(made.content())
    assert Calibration.read(path).content() == made.content()

"""A catalogue's centres: how photos and visitors' sketches are weighed, and their file."""

from __future__ import annotations

import io
from functools import reduce
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from ml.errors import IndexMismatchError
from ml.retrieval.centres import (
    CENTRES,
    DRAWN_WEIGHT,
    PHOTOS_WEIGHT,
    SKETCHES_WEIGHT,
    Centres,
    SketchSum,
)

DIM = 6


def means(seed: int = 0) -> NDArray[np.float64]:
    return np.random.default_rng(seed).normal(size=(3, DIM))


def sums(seed: int, n: int) -> tuple[SketchSum, NDArray[np.float64]]:
    drawn = np.random.default_rng(seed).normal(size=(n, DIM))
    return SketchSum(n, drawn.sum(axis=0)), drawn


@pytest.mark.parametrize("n_parts", [1, 7, 500])
def test_sums_add_up_until_they_weigh_enough(n_parts: int) -> None:
    """Afterwards, newer sketches replace older ones little by little, however they are added."""
    drawn = np.random.default_rng(0).normal(size=(SKETCHES_WEIGHT, DIM))
    parts = [SketchSum.of(part) for part in np.array_split(drawn, n_parts)]
    total = reduce(SketchSum.plus, parts)
    assert (total.n, total.weight) == (SKETCHES_WEIGHT, SKETCHES_WEIGHT)
    assert total.total == pytest.approx(drawn.sum(axis=0))
    for part in parts:
        total = total.plus(SketchSum(part.n, 5.0 * part.n * np.ones(DIM)))
    assert (total.n, total.weight) == (2 * SKETCHES_WEIGHT, SKETCHES_WEIGHT)
    new_share = (total.total / total.weight)[0] / 5
    assert 0.49 < new_share < 0.66  # 1/2 if added at once, 1 - 1/e one by one


def test_a_large_sum_counts_all_its_sketches_the_same() -> None:
    drawn = np.random.default_rng(0).normal(1, 1, size=(3 * SKETCHES_WEIGHT, DIM))
    total = SketchSum.of(drawn)
    assert total.n == 3 * SKETCHES_WEIGHT
    assert total.total / total.weight == pytest.approx(drawn.mean(axis=0))
    centres = Centres.estimated(means(), 200).with_sketches(total)
    expected = (SKETCHES_WEIGHT * drawn.mean(axis=0) + DRAWN_WEIGHT * centres.drawn) / (
        SKETCHES_WEIGHT + DRAWN_WEIGHT
    )
    assert centres.sketch == pytest.approx(expected, abs=1e-5)
    assert centres.n_sketches == 3 * SKETCHES_WEIGHT


def arrays_of(centres: Centres) -> dict[str, Any]:
    return dict(np.load(io.BytesIO(centres.content())))


@pytest.mark.parametrize("n_photos", [0, 1, PHOTOS_WEIGHT, 10_000])
def test_few_photos_move_the_encoders_centres_little(n_photos: int) -> None:
    share = n_photos / (n_photos + PHOTOS_WEIGHT)
    centres = Centres.estimated(means(), n_photos)
    assert centres.by_domain() == pytest.approx(share * means(), abs=1e-6)
    assert centres.by_domain().dtype == np.float32
    assert centres.by_domain().shape == (3, DIM)
    assert (centres.n_photos, centres.n_sketches) == (n_photos, 0)


@settings(deadline=None)
@given(n=st.integers(0, 500), seed=st.integers(0, 2**32 - 1))
def test_the_centre_of_sketches_is_the_mean_of_visitors_and_of_drawings(n: int, seed: int) -> None:
    centres = Centres.estimated(means(), 200)
    total, drawn = sums(seed, n)
    counted = centres.with_sketches(total)
    together = np.concatenate([drawn, np.repeat(centres.drawn[None], DRAWN_WEIGHT, axis=0)])
    assert counted.sketch == pytest.approx(together.mean(axis=0), abs=1e-5)
    assert counted.n_sketches == n
    for name in ("edge", "photo", "drawn"):
        assert getattr(counted, name) is getattr(centres, name), "only the centre of sketches moves"


def test_sketches_are_counted_anew_each_time() -> None:
    """A build counts the whole sum, starting from the centres of an earlier one, which had counted a part."""
    centres = Centres.estimated(means(), 200)
    (early, _), (all_of_them, _) = sums(1, 20), sums(2, 90)
    again = centres.with_sketches(early).with_sketches(all_of_them)
    assert again.content() == centres.with_sketches(all_of_them).content()
    assert centres.with_sketches(early).with_sketches(None).sketch == pytest.approx(centres.sketch, abs=1e-6)


def test_a_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    centres = Centres.estimated(means(), 77).with_sketches(sums(3, 41)[0])
    (tmp_path / CENTRES).write_bytes(centres.content())
    read = Centres.read(tmp_path / CENTRES, DIM)
    assert read.content() == centres.content()
    assert (read.n_photos, read.n_sketches) == (77, 41)
    assert read.by_domain().tolist() == centres.by_domain().tolist()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"photo": None}, "not a file of centres"),
        ({"counts": None}, "not a file of centres"),
        ({"counts": np.array([1])}, "not a file of centres"),
        ({"edge": np.array(["a"] * DIM)}, "not a file of centres"),
        ({"edge": np.array([{}], object)}, "not a file of centres"),  # would need unpickling
        ({"edge": np.zeros(DIM - 1)}, "other lengths"),
        ({"sketch": np.zeros((DIM, 1))}, "other lengths"),
    ],
)
def test_a_file_of_other_arrays_is_refused(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    arrays = {**arrays_of(Centres.estimated(means(), 9)), **change}
    np.savez(tmp_path / CENTRES, **{name: array for name, array in arrays.items() if array is not None})
    with pytest.raises(IndexMismatchError, match=message):
        Centres.read(tmp_path / CENTRES, DIM)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"pickle?"])
def test_what_is_not_an_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / CENTRES).write_bytes(content)
    with pytest.raises(IndexMismatchError, match="not a file of centres"):
        Centres.read(tmp_path / CENTRES, DIM)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(IndexMismatchError, match="not a file of centres"):
        Centres.read(tmp_path / CENTRES, DIM)

"""Products with several photos, against a naive search: sorted lists over products and their photos."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from ml.retrieval.index import PRODUCTS, GalleryIndex
from ml.retrieval.name_prior import NameFits
from ml.retrieval.two_stage import TwoStageSearch
from ml.serving.calibrating import sample_rows
from ml.serving.centring import spread

MakeIndex = Callable[..., GalleryIndex]


def _gallery(rng: np.random.Generator, n: int) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    embeddings = rng.integers(-3, 4, (n, 16)).astype(np.float32) / 8
    return np.arange(n) * 7 + 3, embeddings, rng.integers(0, 256, (n, 1), dtype=np.uint8)


def _naive(
    index: GalleryIndex,
    products: NDArray[np.int64],
    embedding: NDArray[np.float32],
    code: NDArray[np.uint8],
    k: int,
    shortlist: int,
    allowed: NDArray[np.bool_],
) -> list[tuple[int, int]]:
    """Return (product, row of its best photo), best first."""
    rows = [row for row in range(len(index)) if allowed[row]]
    rows.sort(key=lambda row: (int(index.codes[row, 0] ^ code[0]).bit_count(), row))
    listed: list[int] = []
    named: list[int] = []  # products, in the order of their nearest code
    for row in rows:
        if products[row] not in named:
            if len(named) == max(shortlist, k):
                break
            named.append(int(products[row]))
        listed.append(row)
    # No photo behind the nearest one of the last product counts.
    last = next(place for place, row in enumerate(listed) if products[row] == named[-1]) if named else -1
    kept = listed[: last + 1] if len(named) == max(shortlist, k) else listed
    cosine = {row: float(index.embeddings[row].astype(np.float32) @ embedding) for row in kept}
    best: dict[int, int] = {}
    for row in sorted(kept, key=lambda row: (-cosine[row], row)):
        best.setdefault(int(products[row]), row)
    return list(best.items())[:k]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("k", "shortlist"), [(1, 1), (5, 20), (20, 20), (50, 10), (400, 400)])
@pytest.mark.parametrize("share", [None, 0.0, 0.3])
def test_each_product_is_found_once_by_its_best_photo(
    make_index: MakeIndex, seed: int, k: int, shortlist: int, share: float | None
) -> None:
    rng = np.random.default_rng(seed)
    products = rng.integers(0, 60, 300)
    products[:120] = 7  # one with very many
    index = make_index(*_gallery(rng, 300), products)
    embedding, code = (
        (rng.integers(-3, 4, 16) / 8).astype(np.float32),
        rng.integers(0, 256, 1, dtype=np.uint8),
    )
    allowed = None if share is None else rng.random(300) < share

    hits = TwoStageSearch(index).search(embedding, code, k, shortlist=shortlist, allowed=allowed)

    everything = np.ones(300, bool) if allowed is None else allowed
    expected = _naive(index, products, embedding, code, k, shortlist, everything)
    assert hits.products is not None
    assert list(zip(hits.products.tolist(), hits.rows.tolist(), strict=True)) == expected


def test_products_that_are_likely_meant_join_the_shortlist_as_products(make_index: MakeIndex) -> None:
    rng = np.random.default_rng(4)
    products = np.repeat(np.arange(1_000), 3)
    index = make_index(*_gallery(rng, 3_000), products)
    groups = (products >= 900).astype(np.int32)  # the last hundred fit the only name
    fits = NameFits(("chair",), groups, np.array([[0.0], [1.0]], np.float32), np.array([900, 100]))
    prior = fits.prior(np.array([1.0], np.float32), 100.0)
    search = TwoStageSearch(index, fits=fits)
    hits = search.search(np.ones(16, np.float32), np.zeros(1, np.uint8), 100, shortlist=1, prior=prior)
    assert hits.products is not None
    assert len(set(hits.products.tolist())) == len(hits.products) == 100
    assert (hits.products >= 900).all()  # whatever their codes


def test_an_index_with_one_photo_each_names_no_products(make_index: MakeIndex) -> None:
    index = make_index(*_gallery(np.random.default_rng(0), 10), np.arange(10))
    assert PRODUCTS not in index.manifest.files
    assert index.products is None
    assert TwoStageSearch(index).search(np.ones(16, np.float32), np.zeros(1, np.uint8), 3).products is None


def test_samples_take_each_product_once() -> None:
    products = np.repeat([5, 6, 7], [1_000, 1, 3])
    assert len(rows := sample_rows(len(products), products)) == 3
    assert sorted(products[rows].tolist()) == [5, 6, 7]
    assert spread(np.arange(1_000), 3) == [0, 499, 999]
    assert len(spread(np.repeat(np.arange(1_000), 2), 200)) == 200
    assert spread(np.arange(0), 3) == []

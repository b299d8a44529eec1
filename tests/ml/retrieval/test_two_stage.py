"""Two-stage search against a naive implementation: sorted lists of (distance, row) and (-cosine, row)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from ml.retrieval.index import GalleryIndex
from ml.retrieval.name_prior import NameFits, NamePrior
from ml.retrieval.two_stage import LIKELY_SHORTLIST, TwoStageSearch

MakeIndex = Callable[..., GalleryIndex]


def naive(
    index: GalleryIndex,
    embedding: NDArray[Any],
    code: NDArray[np.uint8],
    k: int,
    shortlist: int,
    allowed: NDArray[np.bool] | None = None,
) -> tuple[list[int], list[float], list[int], int]:
    rows = [row for row in range(len(index)) if allowed is None or allowed[row]]
    distance = {
        row: sum(int(a ^ b).bit_count() for a, b in zip(index.codes[row], code, strict=True)) for row in rows
    }
    nearest = sorted(rows, key=lambda row: (distance[row], row))[: max(shortlist, k)]
    cosine = {
        row: sum(float(a) * float(b) for a, b in zip(index.embeddings[row], embedding, strict=True))
        for row in nearest
    }
    best = sorted(nearest, key=lambda row: (-cosine[row], row))[:k]
    return best, [cosine[row] for row in best], [distance[row] for row in best], len(nearest)


def coarse_gallery(
    rng: np.random.Generator, n: int, *, dim: int = 16, n_bytes: int = 1, levels: int = 3
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Few codes and few embedding values: many ties in both stages, and sums that are exact in any order."""
    embeddings = rng.integers(-levels, levels + 1, (n, dim)).astype(np.float32) / 8
    return np.arange(n) * 7 + 3, embeddings, rng.integers(0, 256, (n, n_bytes), dtype=np.uint8)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("k", "shortlist"), [(1, 1), (5, 20), (20, 20), (50, 10), (500, 400)])
@pytest.mark.parametrize("share", [None, 0.0, 0.02, 0.5, 1.0])
def test_agrees_with_the_naive_search_including_ties(
    make_index: MakeIndex, seed: int, k: int, shortlist: int, share: float | None
) -> None:
    rng = np.random.default_rng(seed)
    index = make_index(*coarse_gallery(rng, 300))
    embedding = (rng.integers(-3, 4, 16) / 8).astype(np.float32)
    code = rng.integers(0, 256, 1, dtype=np.uint8)
    allowed = None if share is None else rng.random(300) < share

    hits = TwoStageSearch(index).search(embedding, code, k, shortlist=shortlist, allowed=allowed)

    rows, cosines, distances, n_shortlist = naive(index, embedding, code, k, shortlist, allowed)
    assert hits.rows.tolist() == rows
    assert hits.ids.tolist() == [row * 7 + 3 for row in rows]
    assert hits.scores.tolist() == cosines
    assert hits.hamming.tolist() == distances
    assert hits.n_shortlist == n_shortlist
    assert hits.n_gallery == (300 if allowed is None else allowed.sum())


def test_agrees_with_the_naive_search_on_64_bit_codes_of_a_larger_gallery(
    make_index: MakeIndex,
) -> None:
    rng = np.random.default_rng(0)
    embeddings = rng.normal(size=(5_000, 32)).astype(np.float32)
    embeddings /= np.linalg.norm(embeddings, axis=1, keepdims=True)
    index = make_index(np.arange(5_000), embeddings, rng.integers(0, 256, (5_000, 8), dtype=np.uint8))
    search = TwoStageSearch(index)
    for row in range(20):
        query, code = embeddings[row], rng.integers(0, 256, 8, dtype=np.uint8)
        hits = search.search(query, code, 20)
        rows, cosines, distances, _ = naive(index, query, code, 20, 400)
        assert hits.rows.tolist() == rows
        assert hits.hamming.tolist() == distances
        assert hits.scores == pytest.approx(cosines, abs=1e-6)


def test_equal_embeddings_tie_exactly_at_any_place_of_the_shortlist(
    make_index: MakeIndex,
) -> None:
    rng = np.random.default_rng(1)
    embeddings = rng.normal(size=(401, 256)).astype(np.float32)
    embeddings[[7, 100, 333, 400]] = embeddings[7]
    index = make_index(np.arange(401), embeddings, np.zeros((401, 8), np.uint8))
    hits = TwoStageSearch(index).search(embeddings[7], np.zeros(8, np.uint8), 4, shortlist=401)
    assert hits.rows.tolist() == [7, 100, 333, 400]
    assert len(set(hits.scores.tolist())) == 1


def test_an_empty_gallery_and_an_empty_filter_find_nothing(make_index: MakeIndex) -> None:
    index = make_index(np.arange(0), np.empty((0, 16), np.float32), np.empty((0, 8), np.uint8))
    query = np.ones(16, np.float32), np.zeros(8, np.uint8)
    assert TwoStageSearch(index).search(*query, 10).rows.tolist() == []
    assert TwoStageSearch(index).search(*query, 10, allowed=np.zeros(0, bool)).rows.tolist() == []


def test_threads_get_the_results_of_a_single_thread(make_index: MakeIndex) -> None:
    rng = np.random.default_rng(2)
    index = make_index(*coarse_gallery(rng, 2_000))
    search = TwoStageSearch(index)
    queries = [
        (rng.normal(size=16).astype(np.float32), rng.integers(0, 256, 1, dtype=np.uint8)) for _ in range(100)
    ]
    alone = [search.search(embedding, code, 10).rows.tolist() for embedding, code in queries]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda query: search.search(query[0], query[1], 10).rows.tolist(), queries))
    assert together == alone


def coarse_prior(rng: np.random.Generator, n: int, weight: float = 0.25) -> NamePrior:
    """Fits of six groups with chances below and above `LIKELY`; group 0 fits nothing."""
    table = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.5, 0.5], [0.02, 0.0], [0.0, 0.02]], np.float32)
    groups = rng.choice(6, n, p=[0.5, 0.05, 0.05, 0.05, 0.25, 0.1]).astype(np.int32)
    fits = NameFits(("mug", "bed"), groups, table, np.bincount(groups, minlength=6))
    return fits.prior(rng.dirichlet([1, 1]).astype(np.float32), weight)


def naive_with_prior(
    index: GalleryIndex,
    embedding: NDArray[Any],
    code: NDArray[np.uint8],
    k: int,
    shortlist: int,
    allowed: NDArray[np.bool],
    prior: NamePrior,
) -> tuple[list[int], list[float], list[float], list[int], int]:
    """Sort all allowed rows by code; keep the nearest, and the nearest of those that are likely meant."""
    rows = np.flatnonzero(allowed).tolist()
    distance = {
        row: sum(int(a ^ b).bit_count() for a, b in zip(index.codes[row], code, strict=True)) for row in rows
    }
    by_code = sorted(rows, key=lambda row: (distance[row], row))
    likely_rows = set(prior.likely_rows().tolist())
    likely = [row for row in by_code if row in likely_rows]
    candidates = sorted({*by_code[: max(shortlist, k)], *likely[:LIKELY_SHORTLIST]})
    cosines = (index.embeddings[candidates].astype(np.float32) * embedding).sum(axis=1, dtype=np.float32)
    scores = prior.scores(np.array(candidates, np.int64), cosines).tolist()
    best = sorted(range(len(candidates)), key=lambda place: (-scores[place], candidates[place]))[:k]
    return (
        [candidates[place] for place in best],
        [scores[place] for place in best],
        [float(cosines[place]) for place in best],
        [distance[candidates[place]] for place in best],
        len(candidates),
    )


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("k", "shortlist"), [(1, 1), (5, 20), (40, 40), (3_000, 400)])
@pytest.mark.parametrize("share", [0.0, 0.02, 0.5, 1.0])
def test_agrees_with_the_naive_search_by_names_including_ties(
    make_index: MakeIndex, seed: int, k: int, shortlist: int, share: float
) -> None:
    rng = np.random.default_rng(seed)
    n = 2_500  # likely products beyond those that join the shortlist
    index = make_index(*coarse_gallery(rng, n))
    embedding = (rng.integers(-3, 4, 16) / 8).astype(np.float32)
    code = rng.integers(0, 256, 1, dtype=np.uint8)
    allowed, prior = rng.random(n) < share, coarse_prior(rng, n)

    filters = [allowed] if share < 1 else [allowed, None]
    for each in filters:
        hits = TwoStageSearch(index).search(
            embedding, code, k, shortlist=shortlist, allowed=each, prior=prior
        )
        rows, scores, cosines, distances, n_shortlist = naive_with_prior(
            index, embedding, code, k, shortlist, allowed, prior
        )
        assert hits.rows.tolist() == rows
        assert hits.scores.tolist() == scores
        assert hits.cosines.tolist() == cosines
        assert hits.hamming.tolist() == distances
        assert hits.n_shortlist == n_shortlist
        assert hits.n_gallery == allowed.sum()


def test_a_product_that_is_meant_is_found_wherever_its_code_lies(make_index: MakeIndex) -> None:
    rng = np.random.default_rng(4)
    n = 1_000
    embeddings = rng.normal(size=(n + 1, 64)).astype(np.float32)
    embeddings /= np.linalg.norm(embeddings, axis=1, keepdims=True)
    embeddings, unlike = embeddings[:n], embeddings[n]
    codes = np.zeros((n, 8), np.uint8)
    codes[700] = 255  # the farthest code
    index = make_index(np.arange(n), embeddings, codes)
    groups = np.zeros(n, np.int32)
    groups[700] = 1
    fits = NameFits(("mug",), groups, np.array([[0.0], [1.0]], np.float32), np.array([n - 1, 1]))
    query = unlike, np.zeros(8, np.uint8)
    search = TwoStageSearch(index)
    assert 700 not in search.search(*query, 400).rows
    meant = fits.prior(np.array([1.0], np.float32), 1.0)
    assert search.search(*query, 400, prior=meant).rows[0] == 700
    of_a_picture = search.search(embeddings[3], query[1], 400, prior=meant).rows.tolist()
    assert of_a_picture[0] == 3, "what looks just like the query stays first"
    assert 700 in of_a_picture
    others = np.ones(n, bool)
    others[700] = False
    assert 700 not in search.search(*query, 400, prior=meant, allowed=others).rows


def test_equal_scores_tie_by_row_with_a_prior(make_index: MakeIndex) -> None:
    rng = np.random.default_rng(1)
    embeddings = rng.normal(size=(900, 64)).astype(np.float32)
    embeddings[[7, 100, 333, 899]] = embeddings[7]
    codes = np.zeros((900, 8), np.uint8)
    codes[[100, 899]] = 255  # join the shortlist because they are meant
    index = make_index(np.arange(900), embeddings, codes)
    groups = np.zeros(900, np.int32)
    groups[[7, 100, 333, 899]] = 1
    fits = NameFits(("mug",), groups, np.array([[0.0], [1.0]], np.float32), np.array([896, 4]))
    prior = fits.prior(np.array([1.0], np.float32), 5.0)
    hits = TwoStageSearch(index).search(embeddings[7], np.zeros(8, np.uint8), 4, prior=prior)
    assert hits.rows.tolist() == [7, 100, 333, 899]
    assert len(set(hits.scores.tolist())) == 1

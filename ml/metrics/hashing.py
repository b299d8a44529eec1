"""Retrieval metrics of hash codes from counts of distances, using only NumPy.

Hamming distances take K + 1 values, so a query's ranking is determined, up to the order of ties, by how many gallery
codes are at each distance and how many of them are relevant. All metrics are exact expectations over the orders of ties,
equal to those of `ml.metrics.ranking`, and need K + 1 numbers per query whatever the size of the gallery.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml.retrieval.packing import Codes, unpack

Floats = NDArray[np.float64]
Labels = NDArray[np.integer]
_CELLS = 1 << 23  # entries of the distance matrix in memory at once
_GALLERY = 1 << 17  # codes of the gallery in memory unpacked


@dataclass(frozen=True)
class DistanceCounts:
    """Numbers of gallery codes by Hamming distance to each query, all and relevant, both int64 (Q, K + 1)."""

    all: NDArray[np.int64]
    relevant: NDArray[np.int64]


def distance_counts(
    queries: Codes,
    gallery: Codes,
    query_labels: Labels,
    gallery_labels: Labels,
    own: NDArray[np.integer] | None = None,
) -> DistanceCounts:
    """Count distances between packed codes, uint8 (Q, K / 8) and (G, K / 8); codes with equal labels are relevant.

    query_labels: (Q,). gallery_labels: (G,). own: (Q,) the gallery row of the query itself, which is not counted, -1 if
    there is none.
    """
    n_bits = 8 * gallery.shape[1]
    counts = np.zeros((2, len(queries), n_bits + 1), dtype=np.int64)
    for first in range(0, len(gallery), _GALLERY):
        block = slice(first, first + _GALLERY)
        signs = np.where(unpack(gallery[block]), np.float32(1), np.float32(-1)).T
        chunk = max(1, _CELLS // signs.shape[1])
        for start in range(0, len(queries), chunk):
            part = slice(start, start + chunk)
            rows = np.where(unpack(queries[part]), np.float32(1), np.float32(-1))
            cells = ((n_bits - rows @ signs) / 2).astype(np.int64)
            same = query_labels[part, None] == gallery_labels[block]
            cells += np.arange(len(rows))[:, None] * (n_bits + 1)
            for kind, chosen in enumerate((cells.ravel(), cells[same])):
                found = np.bincount(chosen, minlength=len(rows) * (n_bits + 1))
                counts[kind, part] += found.reshape(len(rows), n_bits + 1)
    if own is not None:
        counts[:, own >= 0, 0] -= 1  # a query is at distance 0 from itself, and relevant
    return DistanceCounts(counts[0], counts[1])


def counted_average_precision(counts: DistanceCounts, k: int | None = None) -> Floats:
    """Return the expected average precision of each query over the first k places, (Q,); its mean is mAP, or mAP@k.

    The denominator is min(R, k), with R the relevant codes in the gallery; a query without any gets nan. For a group of n
    tied codes, r of them relevant, behind N others, R' of them relevant, the sum runs over the places i of the group:
    r / n * (R' + 1 + (i - 1) (r - 1) / (n - 1)) / (N + i), in harmonic numbers.
    """
    n, r = counts.all, counts.relevant
    before, relevant_before = _before(n), _before(r)
    total = r.sum(axis=1)
    k = int(n.sum(axis=1).max(initial=0)) if k is None else k
    places = np.clip(k - before, 0, n)  # of each group within the first k
    harmonic = np.concatenate([[0.0], np.cumsum(1 / np.arange(1, n.sum(axis=1).max(initial=0) + 1))])
    inverse = harmonic[before + places] - harmonic[before]  # sum of 1 / (N + i)
    growth = (r - 1) / np.maximum(n - 1, 1)
    # sum of (i - 1) / (N + i) = places - (N + 1) * sum of 1 / (N + i)
    summed = (relevant_before + 1) * inverse + growth * (places - (before + 1) * inverse)
    with np.errstate(invalid="ignore"):
        share = np.where(n > 0, r / np.maximum(n, 1), 0.0)
        return np.asarray((share * summed).sum(axis=1) / np.minimum(total, k), dtype=np.float64)


def counted_precision(counts: DistanceCounts, k: int) -> Floats:
    """Return the expected share of relevant codes among each query's first k, (Q,).

    The denominator is k, or the size of a gallery with fewer codes.
    """
    n, r = counts.all, counts.relevant
    places = np.clip(k - _before(n), 0, n)
    found = (places * r / np.maximum(n, 1)).sum(axis=1)
    return np.asarray(found / np.minimum(k, n.sum(axis=1)), dtype=np.float64)


def counted_ranks(counts: DistanceCounts) -> tuple[Floats, NDArray[np.int64]]:
    """Return each query's 1-based expected rank of the first relevant code, and how many others tie with it, both (Q,).

    Among n tied codes, r of them relevant, the first relevant one is at place (n + 1) / (r + 1) on average. A query
    without any gets nan.
    """
    first = (counts.relevant > 0).argmax(axis=1)[:, None]
    n, r, before = (
        np.take_along_axis(values, first, axis=1)[:, 0]
        for values in (counts.all, counts.relevant, _before(counts.all))
    )
    ranks = np.where(r > 0, before + (n + 1) / (r + 1), np.nan)
    return np.asarray(ranks, dtype=np.float64), np.asarray(n - 1, dtype=np.int64)


def precision_recall(counts: DistanceCounts) -> tuple[Floats, Floats]:
    """Return mean precision and mean recall within each Hamming radius 0..K over queries, both (K + 1,).

    A query that finds nothing within a radius has precision 1 there, as is conventional at recall 0.
    """
    found, hits = counts.all.cumsum(axis=1), counts.relevant.cumsum(axis=1)
    precision = np.where(found > 0, hits / np.maximum(found, 1), 1.0).mean(axis=0)
    recall = (hits / np.maximum(hits[:, -1:], 1)).mean(axis=0)
    return np.asarray(precision), np.asarray(recall)


def _before(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return how many codes are nearer than each distance."""
    return np.asarray(counts.cumsum(axis=1) - counts)

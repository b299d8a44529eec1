"""Retrieval metrics, using only NumPy.

Ties: every metric is the expectation over a random order of equal distances (average rank), because the order of ties
can change the mAP of short hash codes by several points.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def expected_ranks(distances: NDArray[np.floating], true_column: NDArray[np.integer]) -> Floats:
    """Return the 1-based expected rank of each query's true match, (Q,).

    distances: (Q, G), smaller is nearer. true_column: (Q,) gallery column of the match. With t other columns at the
    same distance, the expected rank is 1 + nearer + t / 2.
    """
    true_distance = np.take_along_axis(distances, true_column[:, None], axis=1)
    nearer = (distances < true_distance).sum(axis=1)
    tied = (distances == true_distance).sum(axis=1) - 1
    return np.asarray(1 + nearer + tied / 2, dtype=np.float64)


def accuracy_at(distances: NDArray[np.floating], true_column: NDArray[np.integer], k: int) -> Floats:
    """Return the probability that each query's true match is among the first k, (Q,); its mean is acc@k.

    distances, true_column: as in `expected_ranks`. The match and the columns tied with it share the remaining places
    evenly.
    """
    true_distance = np.take_along_axis(distances, true_column[:, None], axis=1)
    nearer = (distances < true_distance).sum(axis=1)
    tied = (distances == true_distance).sum(axis=1)
    return np.asarray(np.clip((k - nearer) / tied, 0.0, 1.0), dtype=np.float64)


def precision_at(distances: NDArray[np.floating], relevant: NDArray[np.bool_], k: int) -> Floats:
    """Return the expected share of relevant rows among each query's first k, (Q,).

    distances, relevant: (Q, G). The denominator is k, or G if that is smaller. Rows tied at the k-th place share the
    remaining places evenly.
    """
    k = min(k, distances.shape[1])
    kth = np.partition(distances, k - 1, axis=1)[:, k - 1 : k]
    nearer = distances < kth
    tied = distances == kth
    places = k - nearer.sum(axis=1)
    tied_share = (tied & relevant).sum(axis=1) / tied.sum(axis=1)
    return np.asarray(((nearer & relevant).sum(axis=1) + places * tied_share) / k, dtype=np.float64)


def average_precision(
    distances: NDArray[np.floating], relevant: NDArray[np.bool_], k: int | None = None
) -> Floats:
    """Return the expected average precision of each query over the first k places, (Q,); its mean is mAP, or mAP@k.

    distances, relevant: (Q, G). The denominator is min(R, k), with R the query's relevant rows in the whole gallery; a
    query without any gets nan. This is the exact expectation over the orders of tied rows (McSherry and Najork,
    "Computing Information Retrieval Performance Measures Efficiently in the Presence of Tied Scores", ECIR 2008): place i
    of a group of n tied rows, r of them relevant, holds a relevant row with probability r / n, and is then preceded by
    (i - 1)(r - 1) / (n - 1) relevant rows of its group.
    """
    n_gallery = distances.shape[1]
    k = n_gallery if k is None else min(k, n_gallery)
    order = np.argsort(distances, axis=1, kind="stable")
    ranked = np.take_along_axis(distances, order, axis=1)
    hits = np.cumsum(np.take_along_axis(relevant, order, axis=1), axis=1)  # (Q, G) relevant up to each place
    hits = np.concatenate([np.zeros((len(hits), 1), dtype=hits.dtype), hits], axis=1)
    first, last = _tied_places(ranked)
    before = np.take_along_axis(hits, first, axis=1)
    inside: NDArray[np.int64] = np.take_along_axis(hits, last + 1, axis=1) - before
    size = last - first + 1
    place = np.arange(n_gallery)
    above = before + (place - first) * (inside - 1) / np.maximum(size - 1, 1)
    precision = inside / size * (above + 1) / (place + 1)
    possible = np.minimum(relevant.sum(axis=1), k)
    with np.errstate(invalid="ignore"):
        return np.asarray(precision[:, :k].sum(axis=1) / possible, dtype=np.float64)


def _tied_places(ranked: NDArray[np.floating]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the first and last 0-based place of the group of equal values around each place of sorted rows (Q, G)."""
    place = np.broadcast_to(np.arange(ranked.shape[1]), ranked.shape)
    differs = ranked[:, 1:] != ranked[:, :-1]
    edge = np.ones((len(ranked), 1), dtype=bool)
    first = np.maximum.accumulate(np.where(np.hstack([edge, differs]), place, 0), axis=1)
    ends = np.where(np.hstack([differs, edge]), place, ranked.shape[1])
    last = np.minimum.accumulate(ends[:, ::-1], axis=1)[:, ::-1]
    return first, last


def correct_triplets(positive: NDArray[np.floating], negative: NDArray[np.floating]) -> Floats:
    """Return, for each triplet, 1 if the sketch is nearer to its positive than to its negative, 1/2 on a tie, (T,).

    positive, negative: (T,) distances of the sketch to the two photos. The mean over all triplets is %corr.
    """
    return np.asarray((positive < negative) + (positive == negative) / 2, dtype=np.float64)


def bootstrap_interval(
    values: Floats, *, groups: NDArray[np.integer] | None = None, seed: int = 0, draws: int = 2000
) -> tuple[float, float]:
    """Return the 95 % percentile interval of the mean of values (N,), by resampling queries; nan without values.

    groups: (N,) the query of each value, if a query has several, as with triplets; by default one each.
    """
    if len(values) == 0:
        return (float("nan"), float("nan"))
    rows = np.arange(len(values)) if groups is None else np.unique(groups, return_inverse=True)[1]
    totals, counts = np.bincount(rows, weights=values), np.bincount(rows)
    picked = np.random.default_rng(seed).integers(0, len(totals), (draws, len(totals)))
    means = totals[picked].sum(axis=1) / counts[picked].sum(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)


def summary(values: Floats, groups: NDArray[np.integer] | None = None) -> dict[str, object]:
    """Return a metric as reported: the mean of values (N,), its 95 % bootstrap interval, and `n`, the number of queries.

    groups: (N,) the query of each value, if a query has several.
    """
    n = len(values) if groups is None else len(np.unique(groups))
    return {
        "value": float(np.mean(values)),
        "ci95": list(bootstrap_interval(values, groups=groups)),
        "n": n,
    }

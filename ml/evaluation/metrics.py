"""Retrieval metrics, in NumPy alone.

Ties: every metric takes the expectation over a random order of equal distances (average rank), because tie order alone
moves the mAP of short hash codes by several points.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def expected_ranks(distances: NDArray[np.floating], true_column: NDArray[np.integer]) -> Floats:
    """1-based expected rank of each query's true match, (Q,).

    distances: (Q, G), smaller is nearer. true_column: (Q,) gallery column of the match. With t other columns at the
    same distance the expected rank is 1 + nearer + t / 2.
    """
    true_distance = np.take_along_axis(distances, true_column[:, None], axis=1)
    nearer = (distances < true_distance).sum(axis=1)
    tied = (distances == true_distance).sum(axis=1) - 1
    return np.asarray(1 + nearer + tied / 2, dtype=np.float64)


def accuracy_at(distances: NDArray[np.floating], true_column: NDArray[np.integer], k: int) -> Floats:
    """Per query, the probability that the true match is among the first k, (Q,); its mean is acc@k.

    Of t + 1 columns tied with the match, those that fit into the remaining places share them evenly.
    """
    true_distance = np.take_along_axis(distances, true_column[:, None], axis=1)
    nearer = (distances < true_distance).sum(axis=1)
    tied = (distances == true_distance).sum(axis=1)
    return np.asarray(np.clip((k - nearer) / tied, 0.0, 1.0), dtype=np.float64)


def precision_at(distances: NDArray[np.floating], relevant: NDArray[np.bool_], k: int) -> Floats:
    """Per query, the expected share of relevant rows among the first k, (Q,); the denominator is k.

    distances, relevant: (Q, G). Rows tied at the k-th place count by the share of their places that fit.
    """
    k = min(k, distances.shape[1])
    kth = np.partition(distances, k - 1, axis=1)[:, k - 1 : k]
    nearer = distances < kth
    tied = distances == kth
    places = k - nearer.sum(axis=1)
    tied_share = (tied & relevant).sum(axis=1) / tied.sum(axis=1)
    return np.asarray(((nearer & relevant).sum(axis=1) + places * tied_share) / k, dtype=np.float64)


def bootstrap_interval(
    values: Floats, *, seed: int = 0, draws: int = 2000, statistic: Callable[..., Floats] = np.mean
) -> tuple[float, float]:
    """95 % percentile interval of a mean over queries (N,), by resampling queries."""
    if len(values) == 0:
        return (float("nan"), float("nan"))
    rng = np.random.default_rng(seed)
    picked = values[rng.integers(0, len(values), (draws, len(values)))]
    low, high = np.quantile(statistic(picked, axis=1), [0.025, 0.975])
    return float(low), float(high)


def summary(values: Floats) -> dict[str, object]:
    """A metric as it is reported: mean over queries and its 95 % bootstrap interval."""
    return {"value": float(np.mean(values)), "ci95": list(bootstrap_interval(values))}

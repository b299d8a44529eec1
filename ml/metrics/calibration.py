"""Calibration of probabilities, and thresholds on them, using only NumPy."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

BINS = 15


def calibration_error(best: NDArray[np.floating], right: NDArray[np.bool_], bins: int = BINS) -> float:
    """Return the expected calibration error of best probabilities (N,): how far they are from the share that is right.

    right: (N,) whether the most probable answer is right. The error is the mean of |mean probability - share right| over
    bins of equal width, weighted by their counts (Guo et al., "On Calibration of Modern Neural Networks", ICML 2017, Eq.
    3). It is never negative, so a perfectly calibrated model of few answers has an error above 0.
    """
    place = np.minimum((best * bins).astype(np.intp), bins - 1)
    gap = np.bincount(place, weights=best - right, minlength=bins)  # (bins,) sum of the differences
    return float(np.abs(gap).sum() / len(best))


def calibration_summary(
    best: NDArray[np.floating], right: NDArray[np.bool_], *, seed: int = 0, draws: int = 1000
) -> dict[str, Any]:
    """Return the error of (N,) answers as reported, with its 95 % interval by resampling them.

    Resampling raises the error, as it adds noise to that of the sample; the interval is shifted back by the mean rise.
    """
    value = calibration_error(best, right)
    rng = np.random.default_rng(seed)
    found = [
        calibration_error(best[rows], right[rows]) for rows in rng.integers(0, len(best), (draws, len(best)))
    ]
    rise = float(np.mean(found)) - value
    low, high = np.quantile(found, [0.025, 0.975])
    return {"value": value, "ci95": [max(0.0, float(low) - rise), float(high) - rise]}


def least_threshold(best: NDArray[np.floating], right: NDArray[np.bool_], share: float) -> float:
    """Return the lowest threshold at and above which at least `share` of the answers (N,) are right; 1 if there is none.

    best: (N,) probability of each answer.
    """
    order = np.argsort(-best, kind="stable")
    ranked = best[order]
    precise = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    last_of_its_value = np.append(
        ranked[1:] != ranked[:-1], True
    )  # equal probabilities are accepted together
    good = np.flatnonzero((precise >= share) & last_of_its_value)
    return float(ranked[good[-1]]) if len(good) else 1.0

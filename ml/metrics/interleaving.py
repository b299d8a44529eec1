"""The outcome of an interleaved comparison of two rankings, using only NumPy.

A session prefers the ranking that contributed more of its clicks (Chapelle, Joachims, Radlinski and Yue, "Large-Scale
Validation and Analysis of Interleaved Search Evaluation", TOIS 2012). Sessions, not clicks, are the unit, because the
clicks of one visitor depend on each other.
"""

from __future__ import annotations

from math import exp, lgamma, log
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ml.metrics.ranking import bootstrap_interval


class Preference(NamedTuple):
    """n_first, n_second, n_tied: sessions with clicks that prefer one ranking, or neither.

    advantage: (n_second + n_tied / 2) / n - 1/2, from -1/2 to 1/2; above 0, the second is preferred. ci95: its bootstrap
    interval over sessions. p_value: two-sided sign test without the ties, against equal chances. nan and 1 without
    sessions.
    """

    n_first: int
    n_second: int
    n_tied: int
    advantage: float
    ci95: tuple[float, float]
    p_value: float


def preference(first: NDArray[np.integer], second: NDArray[np.integer], *, seed: int = 0) -> Preference:
    """Compare the clicks that each ranking won in each session, both (S,); sessions without clicks are left out."""
    clicked = first + second > 0
    difference = np.sign(second[clicked] - first[clicked]).astype(np.float64)
    n_first, n_second = int((difference < 0).sum()), int((difference > 0).sum())
    advantages = difference / 2
    mean = float(advantages.mean()) if len(advantages) else float("nan")
    return Preference(
        n_first,
        n_second,
        len(difference) - n_first - n_second,
        mean,
        bootstrap_interval(advantages, seed=seed),
        sign_test(n_first, n_second),
    )


def sign_test(n_first: int, n_second: int) -> float:
    """Return the two-sided p value of the exact binomial test with equal chances; 1 without trials."""
    n, least = n_first + n_second, min(n_first, n_second)
    tail = sum(exp(lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) - n * log(2)) for k in range(least + 1))
    return min(1.0, 2 * tail)

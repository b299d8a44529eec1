"""Power of the exact two-sided sign test: whether one side is chosen more often than the other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

MOST = 100_000  # tasks; with more, the power is that of so many
GOAL = 0.8  # the power at which an effect counts as detectable


def sign_test_power(n: int, share: float, alpha: float) -> float:
    """Return the probability that `n` independent decisions reject "both sides are equally likely" at level `alpha`.

    share: how often one side is really chosen, 0 to 1.
    """
    n = min(n, MOST)
    if n < 1:
        return 0.0
    upper = _tail(n, 0.5)  # P(X >= k)
    rejecting = np.flatnonzero(2 * upper <= alpha)
    if not len(rejecting):
        return 0.0
    critical = int(rejecting[0])
    return float(_tail(n, share)[critical] + _tail(n, 1 - share)[critical])


def detectable_share(n: int, alpha: float, power: float = GOAL) -> float | None:
    """Return the smallest share above a half that `n` decisions detect with that power; None if there is none."""
    if sign_test_power(n, 1.0, alpha) < power:
        return None
    low, high = 0.5, 1.0
    for _ in range(20):
        middle = (low + high) / 2
        low, high = (middle, high) if sign_test_power(n, middle, alpha) < power else (low, middle)
    return high


def _tail(n: int, share: float) -> NDArray[np.float64]:
    """Return P(X >= k) for k = 0..n of a binomial X."""
    if share in (0.0, 1.0):
        return np.array([1.0] + [share] * n)
    logs = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, n + 1)))])
    k = np.arange(n + 1)
    log_pmf = logs[n] - logs[k] - logs[n - k] + k * np.log(share) + (n - k) * np.log1p(-share)
    return np.asarray(np.minimum(1.0, np.cumsum(np.exp(log_pmf)[::-1])[::-1]))

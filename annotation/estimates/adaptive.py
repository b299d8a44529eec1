"""How many pairs of a sketch an adaptive campaign is expected to ask, before any sketch is in order."""

from __future__ import annotations

from math import log

import numpy as np

SPLIT = (
    0.3  # of the pairs that are asked, those on which the first workers disagree; on the same recorded votes
)
_CANDIDATES = 10
_PAIRS = {0.02: 31.7, 0.05: 29.1, 0.1: 26.8, 0.15: 25.5, 0.2: 24.2, 0.3: 22.2}
"""By accepted risk, the mean number of pairs asked per sketch with ten candidates on the recorded votes of Shoe-V1 and
Chair-V1, the larger of the two (`ml/results/pairs`)."""
_GROWTH = 5 / 3
"""Pairs grow with this power of the number of candidates. Simulated voters whose strengths vary by a standard deviation
of 2 need as many pairs for ten candidates as the recorded ones, and 5, 11, 84 and 168 for 4, 6, 20 and 30."""


def expected_pairs(n_candidates: int, risk: float) -> float:
    """Return the expected number of pairs asked of a sketch; never more than all of them, nor fewer than order it."""
    risks = sorted(_PAIRS)
    logs = [log(one) for one in risks]
    at_ten = float(np.interp(log(max(risk, risks[0])), logs, [_PAIRS[one] for one in risks]))
    grown = at_ten * (n_candidates / _CANDIDATES) ** _GROWTH
    return float(min(max(grown, n_candidates - 1), n_candidates * (n_candidates - 1) / 2))

"""How much less visitors look at lower ranks, from random swaps of neighbouring results.

In an answer with a swap, a fair coin decided which of two products came first. Over many answers, both ranks show equally
good products, so a difference in clicks is due to the rank alone (Joachims, Swaminathan and Schnabel, "Unbiased
Learning-to-Rank with Biased Feedback", WSDM 2017, section 5.3; swaps of neighbours as in FairPairs, Radlinski and
Joachims, AAAI 2006). Neighbours give ratios of two ranks only; a power law of one parameter joins them:

    examination(rank) = rank ** -exponent

The exponent maximises the likelihood of the clicks on swapped pairs, under a weak normal prior around 1, so that a site
with few clicks corrects as usual.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

PRIOR_MEAN, PRIOR_SD = 1.0, 0.5
_STEPS = 50


@dataclass(frozen=True)
class PositionBias:
    """exponent: 0 if all ranks are looked at alike. ci95: from the curvature of the likelihood. n_clicks: on pairs."""

    exponent: float
    ci95: tuple[float, float]
    n_clicks: int

    def examination(self, rank: NDArray[np.integer]) -> NDArray[np.float64]:
        """Return the chance that a visitor looks at a rank, relative to rank 1, float64 as `rank`, from 1."""
        return np.asarray(rank, np.float64) ** -self.exponent


def estimate(upper_rank: NDArray[np.integer], clicked_lower: NDArray[np.bool_]) -> PositionBias:
    """Estimate the bias from clicks on pairs that a coin ordered, (C,).

    upper_rank: the upper of a pair's two ranks, from 1. clicked_lower: whether the product at the lower one was clicked.
    """
    # P(lower | click on the pair) = 1 / (1 + ((r + 1) / r) ** exponent), a logistic regression without intercept.
    step = np.log((upper_rank + 1) / upper_rank)
    exponent, information = PRIOR_MEAN, PRIOR_SD**-2
    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(exponent * step))
        gradient = float((step * (chance - clicked_lower)).sum()) - (exponent - PRIOR_MEAN) / PRIOR_SD**2
        information = float((step**2 * chance * (1 - chance)).sum()) + PRIOR_SD**-2
        exponent += gradient / information
    half = 1.96 * information**-0.5
    return PositionBias(exponent, (exponent - half, exponent + half), len(step))

"""Weak triplets from clicks: a sketch, the product that was opened, and one that was shown and passed over.

A product far down is opened rarely because few look there. Each click therefore weighs the inverse of the chance that its
rank was looked at, up to a limit, divided among its triplets (propensity-weighted pairs: Joachims, Swaminathan and
Schnabel, WSDM 2017). Without weights, a click says only that its product is better than those above it, which were
certainly seen (Joachims, "Optimizing Search Engines using Clickthrough Data", KDD 2002): such triplets can only turn the
ranking round.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ml.clicks.position_bias import PositionBias

DEPTH = 10  # ranks from which passed-over products are taken
MAX_WEIGHT = 10.0  # of a click; more would let a few dominate


class WeakTriplet(NamedTuple):
    """opened, passed_over: products. weight: above 0."""

    opened: int
    passed_over: int
    weight: float


def weak_triplets(
    shown: Sequence[int], opened: Sequence[int], bias: PositionBias, *, only_above: bool = False
) -> list[WeakTriplet]:
    """Return the triplets of one answer.

    shown: products by rank. opened: those that were clicked; one that was not shown is ignored. bias: an exponent of 0
    corrects nothing. only_above: use only passed-over products above the click.
    """
    rank_of = {product: rank for rank, product in enumerate(shown, start=1)}
    clicked = {product for product in opened if product in rank_of}
    found: list[WeakTriplet] = []
    for product in sorted(clicked, key=lambda each: rank_of[each]):
        rank = rank_of[product]
        among = shown[: rank - 1] if only_above else shown[:DEPTH]
        passed = [other for other in among if other not in clicked]
        weight = min(1 / float(bias.examination(np.array(rank))), MAX_WEIGHT)
        found += [WeakTriplet(product, other, weight / len(passed)) for other in passed]
    return found

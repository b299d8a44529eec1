"""Random swaps of neighbouring results, from which position bias is estimated."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

RANKS = 10  # swaps stay among the first


class Swap(NamedTuple):
    """upper_rank: of the two neighbours, from 1. swapped: whether they change places."""

    upper_rank: int
    swapped: bool


def draw_swap(n_shown: int, rng: np.random.Generator) -> Swap:
    """Choose two neighbours of at least two results, upper ones more often, because they get more clicks; toss a coin."""
    upper = np.arange(1, min(RANKS, n_shown))
    chosen = int(rng.choice(upper, p=(1 / upper) / (1 / upper).sum()))
    return Swap(chosen, bool(rng.integers(2)))

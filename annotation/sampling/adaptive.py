"""Choose a sketch's next pairs by its votes so far: those whose order is least certain, until all are certain enough.

An active Bradley-Terry model (`annotation.consensus.order`): the pairs that nobody judges are ordered by inference
through the others, at a stated risk. Pairs that are certain already would teach little. Uses NumPy alone.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

Pair = tuple[int, int]  # positions among the candidates, the lower first


def next_pairs(
    risks: NDArray[np.float64], asked: Collection[Pair], *, risk: float, rng: np.random.Generator
) -> list[Pair]:
    """Return the pairs to judge next, sorted; none if the sketch is settled.

    risks: (K, K) the risk of each pair's order. Of the pairs not `asked` with a risk above `risk`, the least certain come
    next, ties in random order. No candidate occurs twice, since the answer to one of its pairs changes what the other
    would teach; so there are at most K / 2.
    """
    k = len(risks)
    unsure = [(i, j) for i in range(k) for j in range(i + 1, k) if risks[i, j] > risk and (i, j) not in asked]
    drawn = [unsure[row] for row in rng.permutation(len(unsure))]
    chosen: list[Pair] = []
    busy: set[int] = set()
    for i, j in sorted(drawn, key=lambda pair: -float(risks[pair])):
        if not {i, j} & busy:
            chosen.append((i, j))
            busy |= {i, j}
    return sorted(chosen)


def inferred_risk(risks: NDArray[np.float64], asked: Collection[Pair]) -> float:
    """Return the mean risk of the pairs that were not `asked`; 0 if all were."""
    k = len(risks)
    inferred = [risks[i, j] for i in range(k) for j in range(i + 1, k) if (i, j) not in asked]
    return float(np.mean(inferred)) if inferred else 0.0

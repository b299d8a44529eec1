"""Choose the pairs of a sketch's candidates to judge: all, or an even spread of as many as the budget allows."""

from __future__ import annotations

from itertools import combinations

import numpy as np


def pair_count(n_candidates: int) -> int:
    """Return the number of pairs, such as 45 for ten candidates."""
    return n_candidates * (n_candidates - 1) // 2


def pairs(n_candidates: int, budget: int | None, rng: np.random.Generator) -> list[tuple[int, int]]:
    """Return sorted pairs (i, j), i < j, of candidate positions; all of them if `budget` is None.

    With a budget, the candidates are arranged in a ring in random order, and pairs are taken by distance in the ring:
    first neighbours, then second neighbours. All candidates then occur in the same number of pairs, give or take two,
    and from `n_candidates` pairs on the comparisons connect them all, as Bradley-Terry needs.
    """
    if budget is None or budget >= pair_count(n_candidates):
        return list(combinations(range(n_candidates), 2))
    ring = rng.permutation(n_candidates)
    chosen: list[tuple[int, int]] = []
    for distance in range(1, n_candidates // 2 + 1):
        n_pairs = n_candidates // 2 if 2 * distance == n_candidates else n_candidates
        starts = np.arange(n_pairs)[: budget - len(chosen)]
        for start in starts:
            i, j = sorted((int(ring[start]), int(ring[(start + distance) % n_candidates])))
            chosen.append((i, j))
    return sorted(chosen)

"""Which pairs of a sketch's candidates are judged: all, or as many as the budget allows, evenly spread."""

from __future__ import annotations

from itertools import combinations

import numpy as np


def pair_count(n_candidates: int) -> int:
    """How many pairs there are: 45 of ten."""
    return n_candidates * (n_candidates - 1) // 2


def pairs(n_candidates: int, budget: int | None, rng: np.random.Generator) -> list[tuple[int, int]]:
    """Pairs (i, j), i < j, of candidate positions, sorted; all of them without a budget.

    With one, the candidates sit in a ring of random order and pairs are taken by their distance in it: first
    neighbours, then second neighbours. So every candidate is in as many pairs as any other, give or take two, and from
    `n_candidates` pairs on all can be compared through others, as Bradley-Terry needs.
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

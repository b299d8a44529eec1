"""Choose the triplets to put to workers: all, a random sample, or those on which two models disagree.

A random share is always drawn first, from all triplets, and marked: triplets chosen by a model give a biased measure
of that model.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Strategy = Literal["all", "random", "disagreement"]


@dataclass(frozen=True, slots=True)
class Choice:
    """rows: (n,) chosen, ascending. is_random: (n,) whether in the random share. score: (n,) the score of each."""

    rows: NDArray[np.int64]
    is_random: NDArray[np.bool_]
    score: NDArray[np.float64]


def disagreement(live: NDArray[np.floating], candidate: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the probability that votes drawn from two models differ, (T,), 0 to 1.

    live, candidate: (T,) each model's probability that photo a is closer. 0.5 for both gives 0.5.
    """
    return np.asarray(live * (1 - candidate) + (1 - live) * candidate, dtype=np.float64)


def vote_entropy(n_a: NDArray[np.integer], n_b: NDArray[np.integer]) -> NDArray[np.float64]:
    """Return the entropy in bits of the next vote after `n_a` and `n_b` votes, by Laplace's rule; 1 before any vote."""
    chance = (n_a + 1) / (n_a + n_b + 2)
    return np.asarray(-chance * np.log2(chance) - (1 - chance) * np.log2(1 - chance))


def closeness(distance_a: NDArray[np.floating], distance_b: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return a model's probability that photo a is closer, (T,): a logistic function of the difference in distance.

    Dividing by the median absolute difference makes models with different scales comparable.
    """
    gap = np.asarray(distance_b, dtype=np.float64) - distance_a
    scale = float(np.median(np.abs(gap))) if len(gap) else 0.0
    return np.asarray(0.5 + 0.5 * np.tanh(gap / (2 * scale or 1.0)))


def choose(
    strategy: Strategy,
    n_triplets: int,
    n_chosen: int,
    *,
    random_share: float,
    rng: np.random.Generator,
    score: NDArray[np.float64] | None = None,
) -> Choice:
    """Choose `n_chosen` of `n_triplets`; `random_share` of them, rounded up, are drawn at random and marked.

    The others are those with the highest `score` (T,) for "disagreement", ties in random order, and also drawn at
    random for "random"; "all" takes every triplet. The same generator state gives the same choice.
    """
    if strategy == "disagreement" and score is None:
        raise ValueError("score: needed for every triplet by the strategy 'disagreement'")
    n_chosen = n_triplets if strategy == "all" else min(n_chosen, n_triplets)
    shuffled = rng.permutation(n_triplets)
    n_random = int(np.ceil(random_share * n_chosen))
    drawn, others = shuffled[:n_random], shuffled[n_random:]
    if strategy == "disagreement" and score is not None:
        others = others[np.argsort(-score[others], kind="stable")]
    rows = np.concatenate([drawn, others[: n_chosen - n_random]]).astype(np.int64)
    order = np.argsort(rows)
    rows = rows[order]
    return Choice(rows, order < n_random, np.zeros(len(rows)) if score is None else score[rows])

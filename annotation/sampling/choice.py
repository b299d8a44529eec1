"""Which triplets are worth a worker's time: all, a random few, or those on which two models disagree.

A random share is always drawn first, from everything, and marked: what a model chose can not measure it without bias.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Strategy = Literal["all", "random", "disagreement"]
STRATEGIES: tuple[Strategy, ...] = ("all", "random", "disagreement")


@dataclass(frozen=True, slots=True)
class Choice:
    """rows: (n,) chosen, ascending. is_random: (n,) those of the random share. score: (n,) what they were chosen by."""

    rows: NDArray[np.int64]
    is_random: NDArray[np.bool_]
    score: NDArray[np.float64]


def disagreement(live: NDArray[np.floating], candidate: NDArray[np.floating]) -> NDArray[np.float64]:
    """How far two models differ on a triplet, (T,), 0 to 1: the chance that a vote drawn from one contradicts the other.

    live, candidate: (T,) each model's probability that photo a is the closer one. 0.5 for both gives 0.5: nobody knows.
    """
    return np.asarray(live * (1 - candidate) + (1 - live) * candidate, dtype=np.float64)


def vote_entropy(n_a: NDArray[np.integer], n_b: NDArray[np.integer]) -> NDArray[np.float64]:
    """Entropy in bits of the next vote, (T,), after `n_a` and `n_b` (T,) by Laplace's rule: 1 before any vote."""
    chance = (n_a + 1) / (n_a + n_b + 2)
    return np.asarray(-chance * np.log2(chance) - (1 - chance) * np.log2(1 - chance))


def closeness(distance_a: NDArray[np.floating], distance_b: NDArray[np.floating]) -> NDArray[np.float64]:
    """A model's probability that photo a is closer, (T,): a logistic of the difference in its own typical differences.

    Models measure distance on scales of their own; the median absolute difference makes them comparable.
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
    """Chooses `n_chosen` of `n_triplets`; `random_share` of them, rounded up, are marked as drawn at random.

    score: (T,), for "disagreement": the rest are the highest, ties in random order. "all" takes every triplet and
    "random" draws the rest as well. The same generator state gives the same choice.
    """
    if strategy == "disagreement" and score is None:
        raise ValueError("score: disagreement needs the score of every triplet")
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

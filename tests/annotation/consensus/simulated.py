"""Votes of a synthetic crowd with known truth."""

from itertools import combinations

import numpy as np

from annotation.consensus.votes import A, B, Votes
from tools.crowd.people import crowd


def simulated(
    seed: int, *, n_sketches: int = 60, n_workers: int = 40, random_share: float = 0.15
) -> tuple[Votes, np.ndarray]:
    """Return three votes on all 45 pairs of ten candidates per sketch, and whether a is closer, by task (T,)."""
    rng = np.random.default_rng(seed)
    people = crowd(n_workers, rng=rng, random_share=random_share)
    rows, truth = [], []
    for sketch in range(n_sketches):
        closeness = rng.standard_normal(10) * 1.5
        for a, b in combinations(range(10), 2):
            truth.append(closeness[a] > closeness[b])
            for worker in rng.permutation(n_workers)[:3]:
                left_is_a = rng.random() < 0.5
                advantage = (closeness[a] - closeness[b]) * (1 if left_is_a else -1)
                chose_a = people[worker].chooses_left(advantage, rng) == left_is_a
                rows.append(
                    (len(truth) - 1, sketch, 100 + a, 100 + b, worker, A if chose_a else B, left_is_a, 900)
                )
    columns = np.array(rows).T
    task, sketches, a_ids, b_ids, workers, choice, left, response_ms = columns
    votes = Votes(
        task, sketches, a_ids, b_ids, workers, choice.astype(np.int8), left.astype(bool), response_ms
    )
    return votes, np.array(truth)

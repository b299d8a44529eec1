"""`bench interleaving`: how many visits team-draft interleaving needs to find the better of two releases.

Visitors search Shoe-V1's train sketches among 419 shoes. One release is the shipped encoder; the other is the same with
noise on its embeddings of sketches, so that its acc@1 is some points lower. Each experiment is repeated with other
visitors; `same` compares the encoder with itself, where every verdict is a false alarm.
"""

from __future__ import annotations

import os
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.benchmarks.clicks.shop import Shop, read_shop
from ml.benchmarks.clicks.visitors import SHOWN, Visitors, power
from ml.metrics.interleaving import preference
from ml.metrics.ranking import accuracy_at, summary
from ml.retrieval.interleaving import team_draft

N_VISITS = (50, 100, 200, 400, 800)
REPEATS = 100
NOISES = {
    "same": 0.0,
    "noise 0.025": 0.025,
    "noise 0.05": 0.05,
    "noise 0.1": 0.1,
}  # standard deviation per dimension
_SEARCHES = 0.5  # chance that a visit ends after a search
Order = NDArray[np.intp]


def run() -> dict[str, Any]:
    """Return, for each pair of releases, their acc@1 and the verdicts of experiments of each size."""
    shop = read_shop(os.environ.get("SKETCHFIND_DATA"))
    part = shop.parts["train"]
    better = -part.embeddings @ shop.gallery.T
    result: dict[str, Any] = {"better acc@1": summary(accuracy_at(better, part.own, 1))}
    for name, noise in NOISES.items():
        rng = np.random.default_rng(1)
        noisy = part.embeddings + rng.normal(0, noise, part.embeddings.shape) if noise else part.embeddings
        other = -noisy @ shop.gallery.T
        orders = (_order(better), _order(other))
        result[name] = {"acc@1": summary(accuracy_at(other, part.own, 1))}
        outcomes = [_experiment(shop, orders, max(N_VISITS), seed) for seed in range(REPEATS)]
        for n in N_VISITS:
            found = [preference(first[:n], second[:n], seed=0) for first, second in outcomes]
            right = np.array([one.ci95[1] < 0 for one in found], float)
            wrong = np.array([one.ci95[0] > 0 for one in found], float)
            result[name][f"{n} visits"] = {
                "first preferred": summary(right),
                "second preferred": summary(wrong),
                "mean advantage of the second": round(float(np.mean([one.advantage for one in found])), 4),
            }
    return result


def _order(distances: NDArray[np.floating]) -> Order:
    return np.argsort(distances, axis=1, kind="stable")[:, :SHOWN]


def _experiment(
    shop: Shop, orders: tuple[Order, Order], n: int, seed: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the clicks that each release won in each of n visits."""
    rng = np.random.default_rng([2, seed])
    visitors = Visitors(power(1.0))
    won = np.zeros((2, n), np.int64)
    own = shop.parts["train"].own
    for visit in range(n):
        for _ in range(int(rng.geometric(_SEARCHES))):
            sketch = int(rng.integers(len(own)))
            draft = team_draft(orders[0][sketch].tolist(), orders[1][sketch].tolist(), SHOWN, rng)
            opened = visitors.opened(np.array(draft.items), int(own[sketch]), shop.liked[sketch], rng)
            teams = np.array(draft.teams)[opened]
            won[:, visit] += np.bincount(teams, minlength=2)
    return won[0], won[1]

"""The replay of recorded votes: what each way of choosing pairs asks, and how good its order is."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from tools.bench.pairs import Recorded, compare


def sketches(n: int, *, noise: float) -> list[Recorded]:
    """Return sketches with ten candidates, the first the closest, judged three times with some mistakes."""
    rng = np.random.default_rng(3)
    return [
        {(i, j): [j if rng.random() < noise else i for _ in range(3)] for i, j in combinations(range(10), 2)}
        for _ in range(n)
    ]


def test_adaptive_pairs_order_as_well_with_far_fewer_votes() -> None:
    result = compare(sketches(6, noise=0.1), seeds=2)
    rows = {(row["strategy"], row["setting"]): row for row in result["rank"]}
    whole, adaptive = rows["all", None], rows["adaptive", 0.1]
    assert 90 <= whole["votes"] <= 135
    assert adaptive["saved"] == pytest.approx(1 - adaptive["votes"] / whole["votes"], abs=0.01)
    assert adaptive["saved"] > 0.35
    assert adaptive["score"] > rows["random", 25]["score"]
    assert adaptive["inferred_wrong"] < 0.03
    held_out = {(row["strategy"], row["setting"]): row for row in result["held out"]}
    assert held_out["all", None]["votes"] == 90
    assert held_out["adaptive", 0.1]["score"] == pytest.approx(held_out["all", None]["score"], abs=0.02)


def test_votes_without_mistakes_give_the_whole_order_from_any_connected_pairs() -> None:
    result = compare(sketches(2, noise=0.0), seeds=1)
    rows = {(row["strategy"], row["setting"]): row for row in result["rank"]}
    assert rows["all", None]["votes"] == 90  # two that agree are enough
    assert rows["all", None]["score"] == rows["adaptive", 0.1]["score"] == 1

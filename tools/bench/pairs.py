"""What choosing pairs saves: three ways to choose them, replayed on the real votes of Shoe-V1 or Chair-V1.

Each sketch has ten candidates and three recorded votes on every pair. A replay asks pairs as a campaign does, takes their
recorded votes, and orders the candidates by them. Two measures, on the same sketches:

* rank: Kendall's tau between that order and the order by all 135 votes. A pair that is asked gets two votes, and the
  third if the two disagree, as in a campaign with three votes per task.
* held out: one of the three votes of each pair is hidden, a different one by seed. A pair that is asked gets the other
  two. The measure is the share of the hidden votes that the order predicts, whether or not their pair was asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import kendalltau

from annotation.consensus.order import Order, order_of
from annotation.sampling.adaptive import Pair, inferred_risk, next_pairs
from annotation.sampling.pairs import pairs
from annotation.services.tasks.qmul_v1 import Annotation

RISKS = (0.3, 0.2, 0.15, 0.1, 0.05, 0.02)
BUDGETS = (10, 15, 20, 25, 30, 35, 40)  # pairs per sketch, chosen at random
MEASURES = ("rank", "held out")
ROUNDS = 3  # recorded votes per pair
Recorded = dict[Pair, list[int]]  # the winner of each recorded vote, as positions among the candidates
Ask = Callable[[Sequence[Pair]], Order]  # takes the votes on more pairs, and returns the order by all so far
Strategy = Callable[[Ask, np.random.Generator], set[Pair]]  # asks, and returns the pairs asked


@dataclass(frozen=True, slots=True)
class Replayed:
    """One sketch, replayed. wrong, risk: of the pairs that were not asked, by the order from all votes, and as stated."""

    n_pairs: int
    n_votes: int
    score: float
    wrong: float | None
    risk: float | None


def recorded(annotation: Annotation) -> list[Recorded]:
    """Return each sketch's votes by pair, in the order of their rounds."""
    found = []
    for votes in annotation.votes:
        photos = sorted({photo for vote in votes for photo in (vote.nearer, vote.farther)})
        place = {photo: i for i, photo in enumerate(photos)}
        sketch: Recorded = {pair: [] for pair in combinations(range(len(photos)), 2)}
        for vote in sorted(votes, key=lambda vote: vote.round):
            low, high = sorted((place[vote.nearer], place[vote.farther]))
            sketch[low, high].append(place[vote.nearer])
        found.append(sketch)
    return found


def compare(sketches: Sequence[Recorded], *, seeds: int) -> dict[str, Any]:
    """Return a row per strategy and setting, for each measure, and what the strategies need for the same quality."""
    rows = {name: list(_rows(sketches, name, seeds)) for name in MEASURES}
    return {"sketches": len(sketches), "seeds": seeds, **rows, "savings": _savings(rows)}


def _strategies() -> Iterator[tuple[str, float | None, Strategy]]:
    yield "all", None, _all
    for n in BUDGETS:
        yield "random", n, _random(n)
    for risk in RISKS:
        yield "adaptive", risk, _adaptive(risk)


def _all(ask: Ask, rng: np.random.Generator) -> set[Pair]:
    return _random(None)(ask, rng)


def _random(n: int | None) -> Strategy:
    def strategy(ask: Ask, rng: np.random.Generator) -> set[Pair]:
        chosen = pairs(10, n, rng)
        ask(chosen)
        return set(chosen)

    return strategy


def _adaptive(risk: float) -> Strategy:
    def strategy(ask: Ask, rng: np.random.Generator) -> set[Pair]:
        asked: set[Pair] = set()
        order = ask([])
        while chosen := next_pairs(order.risk, asked, risk=risk, rng=rng):
            order = ask(chosen)
            asked |= set(chosen)
        return asked

    return strategy


def _rows(sketches: Sequence[Recorded], measure: str, seeds: int) -> Iterator[dict[str, Any]]:
    whole: NDArray[np.float64] | None = None  # the scores of "all", (seeds, sketches)
    all_votes = 0.0
    for name, setting, strategy in _strategies():
        played = [
            [_replay(sketch, measure, strategy, seed, row) for row, sketch in enumerate(sketches)]
            for seed in range(seeds)
        ]
        flat = [one for of_seed in played for one in of_seed]
        scores = np.array([[one.score for one in of_seed] for of_seed in played])
        n_votes = float(np.mean([one.n_votes for one in flat]))
        if whole is None:
            whole, all_votes = scores, n_votes
        lag = (scores - whole).mean(axis=0)
        row = {
            "strategy": name,
            "setting": setting,
            "pairs": round(float(np.mean([one.n_pairs for one in flat])), 1),
            "votes": round(n_votes, 1),
            "saved": round(1 - n_votes / all_votes, 3),
            "score": round(float(scores.mean()), 4),
            "by_seed": [round(float(score), 4) for score in scores.mean(axis=1)],
            "difference": round(float(lag.mean()), 4),
            "ci95": round(1.96 * float(lag.std(ddof=1)) / len(lag) ** 0.5, 4) if len(lag) > 1 else None,
        }
        inferred = [one for one in flat if one.wrong is not None and one.risk is not None]
        if measure == "rank" and inferred:
            weights = [45 - one.n_pairs for one in inferred]
            row["inferred_wrong"] = round(
                float(np.average([one.wrong or 0 for one in inferred], weights=weights)), 4
            )
            row["inferred_risk"] = round(
                float(np.average([one.risk or 0 for one in inferred], weights=weights)), 4
            )
        yield row


def _replay(sketch: Recorded, measure: str, strategy: Strategy, seed: int, row: int) -> Replayed:
    rng = np.random.default_rng([seed, row])
    hidden = seed % ROUNDS if measure == "held out" else None
    wins, n_votes = np.zeros((10, 10)), 0

    def ask(chosen: Sequence[Pair]) -> Order:
        nonlocal n_votes
        for i, j in chosen:
            votes = [sketch[i, j][k] for k in rng.permutation(ROUNDS) if k != hidden]
            if len(votes) == ROUNDS and votes[0] == votes[1]:
                votes = votes[:2]
            n_votes += len(votes)
            for winner in votes:
                wins[winner, i + j - winner] += 1
        return order_of(wins)

    asked = strategy(ask, rng)
    order = ask([])
    if hidden is not None:
        predicted = [_right(order, pair, votes[hidden]) for pair, votes in sketch.items()]
        return Replayed(len(asked), n_votes, float(np.mean(predicted)), None, None)
    reference = order_of(_wins(sketch))
    tau = float(kendalltau(order.strengths, reference.strengths).statistic)
    inferred = [pair for pair in sketch if pair not in asked]
    if not inferred:
        return Replayed(len(asked), n_votes, tau, None, None)
    best = [
        pair[0] if reference.strengths[pair[0]] > reference.strengths[pair[1]] else pair[1]
        for pair in inferred
    ]
    wrong = 1 - np.mean([_right(order, pair, winner) for pair, winner in zip(inferred, best, strict=True)])
    return Replayed(len(asked), n_votes, tau, float(wrong), inferred_risk(order.risk, asked))


def _wins(sketch: Recorded) -> NDArray[np.float64]:
    wins = np.zeros((10, 10))
    for (i, j), votes in sketch.items():
        for winner in votes:
            wins[winner, i + j - winner] += 1
    return wins


def _right(order: Order, pair: Pair, winner: int) -> float:
    """Return 1 if the order has the winner above the other, 0.5 if it has them equal."""
    gap = order.strengths[winner] - order.strengths[sum(pair) - winner]
    return 0.5 if gap == 0 else float(gap > 0)


def _savings(rows: dict[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """Return, for each risk, how many votes random pairs need for the same score; None if more than all."""
    found = []
    for measure, of_measure in rows.items():
        curve = [(row["votes"], row["score"]) for row in of_measure if row["strategy"] != "adaptive"]
        votes, scores = np.array(sorted(curve)).T
        climbing = np.maximum.accumulate(scores)
        for row in (row for row in of_measure if row["strategy"] == "adaptive"):
            needed = float(np.interp(row["score"], climbing, votes)) if row["score"] <= climbing[-1] else None
            found.append(
                {
                    "measure": measure,
                    "risk": row["setting"],
                    "votes": row["votes"],
                    "random_needs": None if needed is None else round(needed, 1),
                    "saved": None if needed is None else round(1 - row["votes"] / needed, 3),
                }
            )
    return found

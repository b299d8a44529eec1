"""Three ways to merge votes behind one call: each task's outcome, and its probability."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from annotation.consensus.bradley_terry import BradleyTerry, Priors, bradley_terry
from annotation.consensus.dawid_skene import dawid_skene
from annotation.consensus.majority import Outcome, outcome, tally
from annotation.consensus.votes import B, Floats, Ints, Votes

Aggregation = Literal["majority", "dawid-skene", "bradley-terry"]
AGGREGATIONS: tuple[Aggregation, ...] = ("majority", "dawid-skene", "bradley-terry")
MAJORITY: Aggregation = "majority"
PSEUDO_COUNT = 1.0
"""Votes that Dawid-Skene adds to every worker, so that each starts out right two times out of three."""


@dataclass(frozen=True, slots=True)
class Merged:
    """The merged votes of one task. probability: of the outcome; None for a tie and for plain majority."""

    outcome: Outcome
    probability: float | None


def aggregate(votes: Votes, aggregation: Aggregation) -> dict[int, Merged]:
    """Return the outcome of every task in `votes`. A task on which nobody chose a side is a tie in any aggregation.

    Pass all votes of a campaign: Dawid-Skene and Bradley-Terry fit them together.
    """
    counts = tally(votes.task, votes.choice)
    merged = {
        int(task): Merged(outcome(int(a), int(b)), None)
        for task, a, b in zip(counts.task, counts.n_a, counts.n_b, strict=True)
    }
    votes = votes[votes.decisive]
    if aggregation == "majority" or len(votes) == 0:
        return merged
    if aggregation == "dawid-skene":
        tasks, row = np.unique(votes.task, return_inverse=True)
        _, worker = np.unique(votes.worker, return_inverse=True)
        chance_of_b = dawid_skene(row, worker, votes.choice, pseudo_count=PSEUDO_COUNT).posterior[:, B]
    else:
        fit = strengths_fit(votes)
        assert fit is not None
        tasks, chance_of_b = fit.tasks, fit.chance_of_b
    for task, chance in zip(tasks, chance_of_b, strict=True):
        merged[int(task)] = _likelier(float(chance))
    return merged


@dataclass(frozen=True, slots=True)
class StrengthsFit:
    """A Bradley-Terry fit and its prediction for each task; the workers of `model` are those of the votes, by id.

    tasks, chance_of_b: (T,) task ids and the probability that a typical worker without a left bias chooses b.
    sketches: (S,) ids of the rows of `model.strengths`; candidates: (S, K) ids of its columns, -1 for none.
    """

    model: BradleyTerry
    tasks: Ints
    chance_of_b: Floats
    sketches: Ints
    candidates: Ints


def strengths_fit(votes: Votes, priors: Priors = Priors()) -> StrengthsFit | None:  # noqa: B008 (frozen)
    """Fit Bradley-Terry to decisive votes; None if there are none."""
    if len(votes) == 0:
        return None
    sketches, sketch = np.unique(votes.sketch, return_inverse=True)
    _, worker = np.unique(votes.worker, return_inverse=True)
    place_a, place_b, candidates = _places(sketch, votes.candidate_a, votes.candidate_b, len(sketches))
    left = np.where(votes.left_is_a, place_a, place_b)
    right = np.where(votes.left_is_a, place_b, place_a)
    model = bradley_terry(
        sketch, left, right, worker, votes.chose_left, n_candidates=candidates.shape[1], priors=priors
    )
    tasks, first = np.unique(votes.task, return_index=True)
    gap = model.strengths[sketch[first], place_b[first]] - model.strengths[sketch[first], place_a[first]]
    return StrengthsFit(model, tasks, 0.5 + 0.5 * np.tanh(gap / 2), sketches, candidates)


def _places(sketch: Ints, a: Ints, b: Ints, n_sketches: int) -> tuple[Ints, Ints, Ints]:
    """Return the places of a and b (V,) among their sketch's candidates, and the candidates by place (S, K)."""
    pairs = np.stack([np.tile(sketch, 2), np.concatenate([a, b])], axis=1)  # (2 V, 2): sketch, candidate
    known, row = np.unique(pairs, axis=0, return_inverse=True)
    starts = np.searchsorted(known[:, 0], np.arange(n_sketches))
    place = np.arange(len(known)) - starts[known[:, 0]]
    candidates = np.full((n_sketches, int(place.max()) + 1), -1)
    candidates[known[:, 0], place] = known[:, 1]
    return place[row[: len(a)]], place[row[len(a) :]], candidates


def _likelier(chance_of_b: float) -> Merged:
    if chance_of_b == 0.5:
        return Merged("tie", None)
    return Merged("b", chance_of_b) if chance_of_b > 0.5 else Merged("a", 1 - chance_of_b)

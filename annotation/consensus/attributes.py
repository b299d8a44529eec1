"""Merging the answers about one attribute: yes, no, or can't tell. Uses NumPy alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from annotation.consensus.aggregate import PSEUDO_COUNT
from annotation.consensus.agreement import alpha, pairwise_agreement
from annotation.consensus.dawid_skene import dawid_skene
from annotation.consensus.majority import outcome, tally
from annotation.consensus.votes import CANT_TELL, A, B, Ints

YES, NO = A, B  # as the two sides of a triplet, so that counting and agreement are the same

AttributeAggregation = Literal["majority", "dawid-skene"]
ATTRIBUTE_AGGREGATIONS: tuple[AttributeAggregation, ...] = ("majority", "dawid-skene")
Said = Literal["yes", "no", "tie"]
_SAID: dict[str, Said] = {"a": "yes", "b": "no", "tie": "tie"}


@dataclass(frozen=True, slots=True)
class AttributeAnswers:
    """The counted answers about one attribute, (V,) each. answer: YES, NO or CANT_TELL."""

    subject: Ints
    worker: Ints
    answer: NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class AttributeOutcome:
    """One attribute of one subject. probability: that it has the attribute; None for plain majority or without votes."""

    n_yes: int
    n_no: int
    n_cant_tell: int
    outcome: Said
    probability: float | None

    @property
    def value(self) -> float:
        """The attribute as a number: 0 is no, 1 is yes, one half unknown."""
        if self.probability is not None:
            return self.probability
        return {"yes": 1.0, "no": 0.0, "tie": 0.5}[self.outcome]


@dataclass(frozen=True, slots=True)
class AttributeAgreement:
    """alpha: Krippendorff's. agreement: share of pairs of answers that agree. Both None if there are too few answers.
    The others are numbers of subjects, by majority.
    """

    alpha: float | None
    agreement: float | None
    n_yes: int
    n_no: int
    n_tied: int


def attribute_outcomes(
    answers: AttributeAnswers, aggregation: AttributeAggregation
) -> dict[int, AttributeOutcome]:
    """Return the outcome of every subject. "Can't tell" counts for neither; without a yes or no it is a tie.

    Dawid-Skene estimates each worker's error rates for this attribute alone, as attributes differ in difficulty.
    """
    counts = tally(answers.subject, answers.answer)
    chances = _chances(answers) if aggregation == "dawid-skene" else {}
    found = {}
    columns = (counts.task.tolist(), counts.n_a.tolist(), counts.n_b.tolist(), counts.n_cant_tell.tolist())
    for subject, n_yes, n_no, n_cant_tell in zip(*columns, strict=True):
        chance = chances.get(subject)
        said = outcome(n_yes, n_no) if chance is None else outcome_of(chance)
        found[subject] = AttributeOutcome(n_yes, n_no, n_cant_tell, _SAID[said], chance)
    return found


def attribute_agreement(answers: AttributeAnswers) -> AttributeAgreement:
    """Return how far workers agree on one attribute."""
    counts = tally(answers.subject, answers.answer)
    said = counts.outcomes
    return AttributeAgreement(
        alpha(counts), pairwise_agreement(counts), said.count("a"), said.count("b"), said.count("tie")
    )


def outcome_of(chance: float) -> Literal["a", "b", "tie"]:
    """Return the likelier side, given the probability of a."""
    return "tie" if chance == 0.5 else "a" if chance > 0.5 else "b"


def _chances(answers: AttributeAnswers) -> dict[int, float]:
    """Return the probability of yes by subject, of those with a yes or no."""
    decisive = answers.answer != CANT_TELL
    if not decisive.any():
        return {}
    subjects, subject = np.unique(answers.subject[decisive], return_inverse=True)
    _, worker = np.unique(answers.worker[decisive], return_inverse=True)
    fit = dawid_skene(subject, worker, answers.answer[decisive], pseudo_count=PSEUDO_COUNT)
    return dict(zip(subjects.tolist(), fit.posterior[:, YES].tolist(), strict=True))

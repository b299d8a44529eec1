"""How far a campaign's workers agree, for the operators' page. Reads only counters, to be fast at 100,000 triplets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.db.models import F

from annotation.consensus.agreement import alpha, cycles, pairwise_agreement
from annotation.consensus.majority import VoteCounts
from annotation.models import Campaign, Kind, Task
from annotation.selectors.experts import expert_answers
from annotation.selectors.status_groups import StatusGroup, status_groups_of

CYCLE_TASKS = 20_000  # decided triplets in which cycles are counted, to bound the page's response time


@dataclass(frozen=True, slots=True)
class Agreement:
    """alpha: Krippendorff's. agreement: share of pairs of votes that agree. Both None if there are too few votes.

    n_triples: triples of a sketch's candidates with all three pairs decided; cycle_rate: the share of them that is
    cyclic (a quarter by chance). n_split: triplets on which workers disagreed. n_tied: settled without a majority.
    n_expert: triplets that an expert's answer settled, whatever the votes say; the other figures are of votes alone.
    """

    alpha: float | None
    agreement: float | None
    cycle_rate: float | None
    n_triples: int
    n_judged: int
    n_split: int
    n_tied: int
    n_expert: int


def agreement_of(campaign: Campaign) -> Agreement:
    """Return the agreement on a campaign's triplets so far; empty for other kinds of campaign."""
    status_groups = status_groups_of([campaign])[campaign.pk] if campaign.kind == Kind.TRIPLETS else []
    judged = [s for s in status_groups if s.n_counted]
    counts = _counts(judged)
    found = cycles(*_decided(campaign))
    return Agreement(
        alpha=alpha(counts),
        agreement=pairwise_agreement(counts),
        cycle_rate=found.rate,
        n_triples=found.n_triples,
        n_judged=sum(s.n for s in judged),
        n_split=sum(s.n for s in judged if s.n_a and s.n_b),
        n_tied=sum(s.n for s in judged if s.status == Task.Status.EXHAUSTED),
        n_expert=len(expert_answers(campaign)),
    )


def alpha_of(status_groups: Sequence[StatusGroup]) -> float | None:
    """Return Krippendorff's alpha alone, at a fraction of the cost."""
    return alpha(_counts(status_groups))


def _counts(status_groups: Sequence[StatusGroup]) -> VoteCounts:
    """Return the vote counts of the groups' triplets, in no particular order."""
    rows = np.array([(s.n_a, s.n_b, s.n_counted, s.n) for s in status_groups], dtype=np.int64).reshape(-1, 4)
    n_a, n_b, n_counted = (np.repeat(rows[:, column], rows[:, 3]) for column in range(3))
    return VoteCounts(np.arange(len(n_a)), n_a, n_b, n_counted - n_a - n_b)


def _decided(campaign: Campaign) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return sketch, winner and loser of decided triplets, (P,) each."""
    decided = Task.objects.filter(campaign=campaign, kind=Kind.TRIPLETS, status=Task.Status.DECIDED)
    rows = decided.exclude(n_a=F("n_b")).order_by("sketch_id", "pk")[:CYCLE_TASKS]
    columns = np.array(
        list(rows.values_list("sketch_id", "candidate_a_id", "candidate_b_id", "n_a", "n_b")), dtype=np.int64
    ).reshape(-1, 5)
    a_wins = columns[:, 3] > columns[:, 4]
    return (
        columns[:, 0],
        np.where(a_wins, columns[:, 1], columns[:, 2]),
        np.where(a_wins, columns[:, 2], columns[:, 1]),
    )

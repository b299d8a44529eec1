"""Adaptive comparison: a sketch's pairs are chosen in rounds, each by the votes on the earlier ones.

A round is added when a worker finds too few tasks, for every sketch whose earlier pairs are all settled. A sketch needs
no more once each pair that was not asked is inferred with at most the accepted risk; its candidates are then in order.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from django.db import transaction

from annotation.consensus.order import Order, order_of
from annotation.consensus.votes import Floats
from annotation.models import Campaign, CandidateSet, Task, TripletTask
from annotation.sampling.adaptive import Pair, next_pairs
from annotation.selectors.rounds import due_sets
from annotation.services.tasks.creation import tasks_create
from annotation.services.work.claims import Claim, assignments_claim
from annotation.services.work.locking import queued_transaction
from webapp.accounts.models import User


@dataclass(slots=True)
class Judged:
    """What is known of a sketch: the pairs asked, and the votes, (K, K), for the row's candidate over the column's."""

    wins: Floats
    asked: set[Pair] = field(default_factory=set)

    @property
    def order(self) -> Order:
        return order_of(self.wins)


def claim_or_round(*, enrolment_id: int, wanted: int = 1, have: Collection[int] = (), now: datetime) -> Claim:
    """Return what `assignments_claim` does; if that is too little, add the next round before, and claim again.

    The round has a transaction of its own: it locks the campaign, and fits many sketches. Raises BlockedError.
    """
    claim = assignments_claim(enrolment_id=enrolment_id, wanted=wanted, have=have, now=now)
    campaign = claim.enrolment.campaign
    if len(claim.assignments) < wanted and campaign.is_open and round_add(campaign=campaign, now=now):
        claim = assignments_claim(enrolment_id=enrolment_id, wanted=wanted, have=have, now=now)
    return claim


@transaction.atomic
def rounds_start(*, campaign: Campaign, risk: float, by: User | None, now: datetime) -> int:
    """Have the pairs of all the campaign's candidate sets chosen by the votes; add the first round, return its size."""
    CandidateSet.objects.filter(campaign=campaign, risk=None).update(risk=risk)
    return round_add(campaign=campaign, now=now, by=by)


def round_add(*, campaign: Campaign, now: datetime, by: User | None = None) -> int:
    """Add the next pairs of sketches without open tasks, and return how many; settle those that need no more.

    Until a sketch has a vote, its pairs are drawn at random, and marked so.
    """
    if not due_sets(campaign).exists():
        return 0
    with queued_transaction():
        return _round_add(campaign, now, by)


def _round_add(campaign: Campaign, now: datetime, by: User | None) -> int:
    campaign = Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
    if campaign.status in {Campaign.Status.CLOSED, Campaign.Status.ARCHIVED}:
        return 0
    due = list(due_sets(campaign).order_by("pk"))
    judged = judged_of(campaign, due)
    settled: list[int] = []
    tasks: list[Task] = []
    for candidates in due:
        known = judged[candidates.pk]
        rng = np.random.default_rng([campaign.seed, candidates.sketch_id, len(known.asked)])
        chosen = next_pairs(known.order.risk, known.asked, risk=candidates.risk or 0, rng=rng)
        if not chosen:
            settled.append(candidates.pk)
        for i, j in chosen:
            low, high = sorted((candidates.products[i], candidates.products[j]))
            tasks.append(
                TripletTask(
                    sketch_id=candidates.sketch_id,
                    candidate_a_id=low,
                    candidate_b_id=high,
                    is_random_share=not known.wins.any(),
                )
            )
    CandidateSet.objects.filter(pk__in=settled).update(settled_at=now)
    return tasks_create(campaign=campaign, tasks=tasks, by=by, shuffle=True).made if tasks else 0


def judged_of(campaign: Campaign, sets: Iterable[CandidateSet]) -> dict[int, Judged]:
    """Return what is known of each candidate set, by its id. Pairs of gold and practice tasks are asked without votes."""
    by_sketch = {candidates.sketch_id: candidates for candidates in sets}
    places = {
        sketch: {product: place for place, product in enumerate(candidates.products)}
        for sketch, candidates in by_sketch.items()
    }
    found = {one.pk: Judged(np.zeros((len(one.products), len(one.products)))) for one in by_sketch.values()}
    rows: defaultdict[int, list[tuple[int, int, int, int]]] = defaultdict(list)
    tasks = TripletTask.objects.filter(campaign=campaign)
    if len(by_sketch) < _MANY:
        tasks = tasks.filter(sketch__in=list(by_sketch))
    columns = ("sketch_id", "candidate_a_id", "candidate_b_id", "n_a", "n_b")
    for sketch, *row in tasks.values_list(*columns).order_by():
        rows[sketch].append((row[0], row[1], row[2], row[3]))
    for sketch, candidates in by_sketch.items():
        known = found[candidates.pk]
        for a, b, n_a, n_b in rows[sketch]:
            i, j = places[sketch].get(a), places[sketch].get(b)
            if i is not None and j is not None:
                known.wins[i, j], known.wins[j, i] = n_a, n_b
                known.asked.add((min(i, j), max(i, j)))
    return found


_MANY = 500  # sketches; SQLite takes only so many parameters

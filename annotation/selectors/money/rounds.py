"""The pairs that an adaptive campaign is still expected to ask, in rounds that nobody has made yet."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from annotation.estimates.adaptive import expected_pairs
from annotation.estimates.tasks import TaskCount
from annotation.models import Campaign, CandidateSet, Kind, Task
from annotation.sampling.pairs import pair_count
from annotation.selectors.rounds import unsettled_sets

ENOUGH = 20  # sketches in order; fewer say too little about the next ones


@dataclass(frozen=True, slots=True)
class PairPace:
    """By what factor the sketches of a campaign took more pairs than expected, measured on `n_sketches`; 0: unknown."""

    factor: float = 1.0
    n_sketches: int = 0

    def pairs(self, n_candidates: int, risk: float) -> float:
        """Return the expected number of pairs asked of a sketch."""
        return min(self.factor * expected_pairs(n_candidates, risk), pair_count(n_candidates))


def pair_pace(pilot: Campaign) -> PairPace:
    """Return how many pairs the sketches that are in order took."""
    settled = CandidateSet.objects.filter(campaign=pilot, risk__isnull=False, settled_at__isnull=False)
    rows = [(asked, len(products), risk) for asked, products, risk in _asked(pilot, settled)]
    expected = sum(expected_pairs(n, risk) for _, n, risk in rows)
    if len(rows) < ENOUGH or not expected:
        return PairPace()
    return PairPace(sum(asked for asked, _, _ in rows) / expected, len(rows))


def rounds_ahead(campaign: Campaign, pace: PairPace) -> TaskCount:
    """Return the pairs that will be asked of the sketches that are not in order yet, besides those asked already."""
    ahead = TaskCount()
    for asked, products, risk in _asked(campaign, unsettled_sets(campaign)):
        n = len(products)
        likely = max(0.0, pace.pairs(n, risk) - asked)
        ahead += TaskCount(0, likely, max(0, pair_count(n) - asked))
    return ahead


@dataclass(frozen=True, slots=True)
class PlannedTasks:
    """Tasks that are not added yet: `n_exact`, and the pairs of `n_adaptive` sketches, which the votes choose."""

    n_exact: int = 0
    n_adaptive: int = 0
    n_candidates: int = 0
    risk: float = 0.0

    def count(self, pace: PairPace) -> TaskCount:
        """Return the number of tasks; of each adaptive sketch at least the first round."""
        n, of_each = self.n_adaptive, self.n_candidates
        pairs = (
            TaskCount(of_each // 2, pace.pairs(of_each, self.risk), pair_count(of_each)) if n else TaskCount()
        )
        return TaskCount.exactly(self.n_exact) + TaskCount(n * pairs.least, n * pairs.likely, n * pairs.most)


def _asked(campaign: Campaign, sets: QuerySet[CandidateSet]) -> list[tuple[int, list[int], float]]:
    """Return, of each candidate set: the number of pairs asked, its candidates, and the accepted risk."""
    tasks = Task.objects.filter(
        campaign=campaign, sketch=OuterRef("sketch"), kind=Kind.TRIPLETS, is_gold=False, is_training=False
    )
    n = tasks.order_by().values("sketch").annotate(n=Count("pk")).values("n")
    counted = sets.annotate(asked=Coalesce(Subquery(n, output_field=IntegerField()), 0))
    rows = counted.values_list("asked", "products", "risk")
    return [(asked, products, risk or 0.0) for asked, products, risk in rows]

"""Measure a round of adaptively chosen pairs: what the request waits for that needs it, and the job that makes it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter

import numpy as np
from django.db import transaction
from django.utils import timezone

from annotation.models import Campaign, CandidateSet, Enrolment, PairRound, Sketch, Task, Worker
from annotation.selectors.rounds import unsettled_sets
from annotation.services.tasks.candidates import Plan, triplets_create
from annotation.services.tasks.round_jobs import claim_or_request, pair_round_run
from webapp.catalog.models import Category, Product

NOTE = "benchmark-of-rounds"
_BATCH = 500
_STROKES = {"width": 100, "height": 100, "strokes": [[[10, 10], [90, 90]]]}


@dataclass(frozen=True, slots=True)
class Timing:
    """number: of the round. Seconds of the request that asks for it, of the job, and of the next request."""

    number: int
    request_s: float
    job_s: float
    next_s: float
    n_pairs: int


def rounds_measured(n_sketches: int, n_candidates: int, n_rounds: int) -> Iterator[Timing]:
    """Yield the timing of rounds after the first one. Everything is rolled back afterwards."""
    rng = np.random.default_rng(0)
    with _rolled_back():
        campaign, enrolment = _campaign(n_sketches, n_candidates)
        strengths = rng.normal(0, 2, (n_sketches, n_candidates))
        for number in range(2, 2 + n_rounds):
            _answer(campaign, strengths, rng)
            request_s = _timed(lambda: claim_or_request(enrolment_id=enrolment.pk, now=timezone.now()))
            waiting = PairRound.objects.filter(campaign=campaign, status=PairRound.Status.QUEUED).first()
            if waiting is None:
                return
            job_s = _timed(lambda pk=waiting.pk: pair_round_run(round_id=pk))  # type: ignore[misc]
            next_s = _timed(lambda: claim_or_request(enrolment_id=enrolment.pk, now=timezone.now()))
            waiting.refresh_from_db()
            yield Timing(number, request_s, job_s, next_s, waiting.n_made)
            if not unsettled_sets(campaign).exists():
                return


def _campaign(n_sketches: int, n_candidates: int) -> tuple[Campaign, Enrolment]:
    campaign = Campaign.objects.create(title=NOTE, slug=NOTE, required_answers=10, votes_per_task=3)
    shelf = Category.objects.create(slug=NOTE, name_en=NOTE, name_de=NOTE)
    products = [Product(category=shelf, sku=f"{NOTE}-{n}", name=NOTE) for n in range(n_candidates)]
    ids = [one.pk for one in Product.objects.bulk_create(products)]
    sketches = Sketch.objects.bulk_create(
        (Sketch(source="import", strokes=_STROKES) for _ in range(n_sketches)), batch_size=_BATCH
    )
    CandidateSet.objects.bulk_create(
        (CandidateSet(campaign=campaign, sketch=sketch, products=ids) for sketch in sketches),
        batch_size=_BATCH,
    )
    triplets_create(campaign=campaign, plan=Plan(strategy="adaptive"), by=None)
    Campaign.objects.filter(pk=campaign.pk).update(status=Campaign.Status.OPEN)
    return campaign, Enrolment.objects.create(campaign=campaign, worker=Worker.objects.create())


def _answer(campaign: Campaign, strengths: np.ndarray, rng: np.random.Generator) -> None:
    """Settle all open pairs as simulated voters would: two votes, and a third if they differ."""
    columns = ("sketch_id", "candidate_a_id", "candidate_b_id")
    row_of = {
        sketch: row
        for row, sketch in enumerate(
            CandidateSet.objects.filter(campaign=campaign).order_by("pk").values_list("sketch_id", flat=True)
        )
    }
    products = CandidateSet.objects.filter(campaign=campaign).values_list("products", flat=True)[0]
    place = {pk: i for i, pk in enumerate(products)}
    tasks = list(Task.objects.filter(campaign=campaign, status=Task.Status.OPEN).only("pk", *columns))
    for task in tasks:
        of = strengths[row_of[task.sketch_id or 0]]
        gap = of[place[task.candidate_a_id or 0]] - of[place[task.candidate_b_id or 0]]
        votes = rng.random(3) < 1 / (1 + np.exp(-gap))
        n = 2 if votes[0] == votes[1] else 3
        task.n_a, task.n_b = int(votes[:n].sum()), int(n - votes[:n].sum())
        task.n_counted, task.n_wanted, task.n_leased, task.status = n, n, 0, Task.Status.DECIDED
    fields = ["n_a", "n_b", "n_counted", "n_wanted", "n_leased", "status"]
    Task.objects.bulk_update(tasks, fields, batch_size=_BATCH)


def _timed(work: Callable[[], object]) -> float:
    start = perf_counter()
    work()
    return perf_counter() - start


@contextmanager
def _rolled_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)

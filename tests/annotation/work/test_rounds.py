"""Adaptive campaigns: pairs come in rounds by the votes so far, until every sketch's order is settled."""

from __future__ import annotations

import csv
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from django.utils import timezone
from rest_framework.exceptions import ValidationError
from rest_framework.test import APIClient

from annotation.jobs import aggregation_refresh_job
from annotation.models import Campaign, CandidateSet, PairRound, Sketch, Task, TripletTask
from annotation.sampling.adaptive import Pair, next_pairs
from annotation.selectors.progress import progress_of
from annotation.selectors.rounds import tasks_ahead, unsettled_sets
from annotation.services.campaigns.lifecycle import campaign_step
from annotation.services.tasks import rounds
from annotation.services.tasks.candidates import Plan, triplets_create
from annotation.services.tasks.creation import tasks_create
from annotation.services.tasks.round_jobs import MAX_ATTEMPTS, pair_round_run, pair_rounds_unattended
from annotation.services.tasks.rounds import Judged, judged_of, round_add
from tests.support.crowd import HttpWorker, add_tasks, key, make_products, make_sketch
from webapp.catalog.models import Product

pytestmark = pytest.mark.django_db


def adaptive(n_sketches: int = 2, n_candidates: int = 8, risk: float = 0.1, **fields: Any) -> Campaign:
    """Create an open campaign; the lower a product's id, the closer it is to every sketch."""
    campaign = Campaign.objects.create(title="A", slug="a", required_answers=10, **fields)
    products = [product.pk for product in make_products(n_candidates)]
    for _ in range(n_sketches):
        CandidateSet.objects.create(campaign=campaign, sketch=make_sketch(), products=products)
    triplets_create(campaign=campaign, plan=Plan(strategy="adaptive", risk=risk), by=None)
    campaign_step(campaign=campaign, step="open", by=None, now=timezone.now())
    campaign.refresh_from_db()
    return campaign


def judge(worker: HttpWorker, *, most: int = 1000) -> int:
    """Answer by the truth, as long as there are tasks; return how many were answered."""
    n = 0
    while n < most and (item := next_of(worker)):
        worker.vote(item["id"], "left" if item["left"]["id"] < item["right"]["id"] else "right")
        n += 1
    return n


def next_of(worker: HttpWorker) -> Any:
    """Return the next item; if there is none, after the round that the request has asked for."""
    return worker.next() or (rounds_run() and worker.next())


def rounds_run() -> int:
    """Do what a worker of the site does with the waiting rounds; return how many there were."""
    waiting = list(PairRound.objects.filter(status="queued"))
    for one in waiting:
        pair_round_run(round_id=one.pk)
    return len(waiting)


def obstacle(worker: HttpWorker) -> str:
    answer = worker.api.get(f"/api/v1/campaigns/{worker.campaign.pk}/me").json()
    return str(answer["standing"]["obstacle"])


def test_a_crowd_puts_every_sketch_in_order_with_fewer_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    def chosen(_: Campaign, candidates: CandidateSet, known: Judged) -> list[Pair]:
        rng = np.random.default_rng(
            len(known.asked)
        )  # without the sketch's id, which differs from run to run
        return next_pairs(known.order.risk, known.asked, risk=candidates.risk or 0, rng=rng)

    monkeypatch.setattr(rounds, "_chosen", chosen)
    campaign = adaptive()
    workers = [HttpWorker(campaign) for _ in range(2)]
    while sum(judge(worker, most=5) for worker in workers):
        pass
    assert not unsettled_sets(campaign).exists()
    sets = list(CandidateSet.objects.filter(campaign=campaign))
    for candidates, known in zip(sets, judged_of(campaign, sets).values(), strict=True):
        order = known.order
        assert (-order.strengths).argsort().tolist() == list(range(8))
        assert 7 <= len(known.asked) < 20 < 28
        assert not next_pairs(order.risk, known.asked, risk=0.1, rng=np.random.default_rng(0))
        assert candidates.settled_at
    assert [obstacle(worker) for worker in workers] == ["none_left", "none_left"]


def test_whoever_is_ahead_waits_for_the_answers_that_choose_the_next_pairs() -> None:
    campaign = adaptive(n_sketches=1)
    first, second = HttpWorker(campaign), HttpWorker(campaign)
    assert judge(first) == 4  # all pairs of the first round, each candidate once
    assert (obstacle(first), obstacle(second)) == ("waiting", "")
    assert judge(second, most=4) == 4
    assert obstacle(first) == "waiting"  # until somebody asks for more
    assert judge(first) == 4


def test_the_orders_are_exported_with_their_risks(operator_api: APIClient) -> None:
    campaign = adaptive(n_sketches=1, n_candidates=4, votes_per_task=1)
    judge(HttpWorker(campaign))
    answer = operator_api.get(f"/api/v1/campaigns/{campaign.pk}/orders/")
    assert "orders-" in answer["Content-Disposition"]
    rows = list(csv.DictReader(answer.content.decode().splitlines()))
    assert [row["product"] for row in rows] == list(
        Product.objects.order_by("pk").values_list("sku", flat=True)
    )
    assert [row["rank"] for row in rows] == ["1", "2", "3", "4"]
    assert [row["settled"] for row in rows] == ["true"] * 4
    assert all(0 < float(row["risk_to_next"]) < 0.5 for row in rows[:3])
    assert rows[3]["risk_to_next"] == ""


def test_the_first_pairs_are_a_random_sample_and_marked_so() -> None:
    campaign = adaptive(n_sketches=3, n_candidates=9)
    tasks = TripletTask.objects.filter(campaign=campaign)
    assert tasks.count() == 12
    assert all(task.is_random_share for task in tasks)
    for worker in (HttpWorker(campaign), HttpWorker(campaign)):
        judge(worker, most=12)
    assert round_add(campaign=campaign, now=timezone.now()) == tasks.filter(is_random_share=False).count() > 0


def test_the_seed_makes_the_rounds_reproducible() -> None:
    sketch, products = make_sketch(), [product.pk for product in make_products(8)]
    chosen = []
    for slug, seed in (("one", 1), ("two", 1), ("three", 2)):
        campaign = Campaign.objects.create(title=slug, slug=slug, seed=seed)
        CandidateSet.objects.create(campaign=campaign, sketch=sketch, products=products)
        triplets_create(campaign=campaign, plan=Plan(strategy="adaptive"), by=None)
        tasks = TripletTask.objects.filter(campaign=campaign).order_by("position")
        chosen.append(list(tasks.values_list("candidate_a", "candidate_b")))
    assert chosen[0] == chosen[1] != chosen[2]


def test_pairs_that_nobody_can_tell_are_not_asked_again() -> None:
    campaign = adaptive(n_sketches=1, n_candidates=3, votes_per_task=1)
    worker = HttpWorker(campaign)
    n = 0
    while item := next_of(worker):
        worker.vote(item["id"], "cant_tell")
        n += 1
    assert n == 3
    assert not unsettled_sets(campaign).exists()


def test_gold_tasks_among_the_pairs_do_not_hold_a_sketch_up() -> None:
    campaign = adaptive(n_sketches=1, n_candidates=3, risk=0.01, votes_per_task=1)
    sketch = Sketch.objects.get()
    asked = TripletTask.objects.get(campaign=campaign)
    ids = sorted(Product.objects.values_list("pk", flat=True))
    free = next(
        p for p in ((ids[0], ids[1]), (ids[1], ids[2])) if p != (asked.candidate_a_id, asked.candidate_b_id)
    )
    gold = Task(sketch=sketch, candidate_a_id=free[0], candidate_b_id=free[1], is_gold=True, gold_answer="a")
    add_tasks(campaign, [gold])
    judge(HttpWorker(campaign))
    assert not unsettled_sets(campaign).exists()


def test_progress_counts_sketches_in_order_and_forecasts_their_missing_pairs() -> None:
    campaign = adaptive(n_sketches=2, n_candidates=4)
    assert tasks_ahead(campaign) is None  # no sketch shows yet how many pairs it takes
    first, second = CandidateSet.objects.order_by("pk")
    products = sorted(Product.objects.values_list("pk", flat=True))
    more = [Task(sketch=first.sketch, candidate_a_id=products[0], candidate_b_id=one) for one in products[1:]]
    tasks_create(campaign=campaign, tasks=more, by=None)  # of these, one or none is new
    CandidateSet.objects.filter(pk=first.pk).update(settled_at=timezone.now())
    progress = progress_of(campaign, now=timezone.now())
    assert (progress["n_sketches"], progress["n_settled"]) == (2, 1)
    n = TripletTask.objects.filter(sketch=first.sketch).count()
    assert tasks_ahead(campaign) == n - TripletTask.objects.filter(sketch=second.sketch).count() > 0


def test_the_last_sketches_are_settled_by_the_periodic_job_too() -> None:
    campaign = adaptive(n_sketches=1, n_candidates=2, votes_per_task=1)
    worker = HttpWorker(campaign)
    worker.vote(worker.next()["id"])
    assert unsettled_sets(campaign).exists()
    aggregation_refresh_job(campaign.pk)
    assert not unsettled_sets(campaign).exists()


def test_a_closed_campaign_gets_no_more_tasks() -> None:
    campaign = adaptive(n_sketches=1, votes_per_task=1)
    judge(HttpWorker(campaign), most=4)
    campaign_step(campaign=campaign, step="close", by=None, now=timezone.now())
    assert round_add(campaign=campaign, now=timezone.now()) == 0


def test_it_opens_only_with_a_number_of_answers_that_earns_the_code() -> None:
    """Nobody can tell beforehand when "all tasks" are done, so finishing needs a number."""
    campaign = Campaign.objects.create(title="A", slug="a")
    CandidateSet.objects.create(
        campaign=campaign, sketch=make_sketch(), products=[one.pk for one in make_products(4)]
    )
    triplets_create(campaign=campaign, plan=Plan(strategy="adaptive"), by=None)
    with pytest.raises(ValidationError) as refused:
        campaign_step(campaign=campaign, step="open", by=None, now=timezone.now())
    assert list(refused.value.detail) == ["required_answers"]


def test_a_request_never_makes_a_round_itself_and_asks_for_one_only_once() -> None:
    campaign = adaptive(n_sketches=2, n_candidates=4, votes_per_task=1)
    first, second = HttpWorker(campaign), HttpWorker(campaign)
    while item := first.next():
        first.vote(item["id"])
    n_tasks = TripletTask.objects.count()
    assert (first.next(), second.next()) == (None, None)
    assert (obstacle(first), obstacle(second)) == ("waiting", "waiting")
    assert (TripletTask.objects.count(), PairRound.objects.count()) == (n_tasks, 1)
    assert rounds_run() == 1
    assert TripletTask.objects.count() > n_tasks
    assert first.next()
    assert list(PairRound.objects.values_list("status", "n_made")) == [
        ("done", TripletTask.objects.count() - n_tasks)
    ]


def test_a_round_whose_worker_died_is_made_by_another_one_and_running_it_twice_adds_nothing() -> None:
    campaign = adaptive(n_sketches=1, n_candidates=4, votes_per_task=1)
    worker = HttpWorker(campaign)
    while item := worker.next():
        worker.vote(item["id"])
    lost = PairRound.objects.get()
    now = timezone.now()
    assert pair_rounds_unattended(now=now) == []  # its message is on its way
    assert pair_rounds_unattended(now=now + timedelta(seconds=20)) == [lost.pk]
    PairRound.objects.update(status="running", attempts=1, heartbeat_at=now - timedelta(minutes=2))
    assert pair_rounds_unattended(now=now) == [lost.pk]
    pair_round_run(round_id=lost.pk)
    n_tasks = TripletTask.objects.count()
    pair_round_run(round_id=lost.pk)
    assert round_add(campaign=campaign, now=now) == 0
    assert TripletTask.objects.count() == n_tasks > 2
    assert PairRound.objects.get().attempts == 2


def test_a_round_that_stops_every_worker_is_given_up_for_a_while() -> None:
    campaign = adaptive(n_sketches=1, n_candidates=4, votes_per_task=1)
    worker = HttpWorker(campaign)
    while item := worker.next():
        worker.vote(item["id"])
    now = timezone.now()
    long_ago = now - timedelta(minutes=2)
    PairRound.objects.update(status="running", attempts=MAX_ATTEMPTS, heartbeat_at=long_ago)
    assert pair_rounds_unattended(now=now) == []
    assert PairRound.objects.get().status == "failed"
    assert worker.next() is None
    assert PairRound.objects.count() == 1
    PairRound.objects.update(finished_at=now - timedelta(minutes=11))
    assert worker.next() is None
    assert PairRound.objects.filter(status="queued").count() == 1


def test_answers_that_arrive_while_a_round_is_computed_are_not_overlooked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    campaign = adaptive(n_sketches=1, n_candidates=4, votes_per_task=1)
    worker = HttpWorker(campaign)
    while item := worker.next():
        last = item["id"]
        worker.vote(last)
    n_tasks = TripletTask.objects.count()

    def chosen_meanwhile(*args: Any) -> list[tuple[int, int]]:
        worker.on(last, "undo", idempotency_key=key())
        worker.vote(last, "right")
        return []

    with monkeypatch.context() as patched:
        patched.setattr("annotation.services.tasks.rounds._chosen", chosen_meanwhile)
        assert round_add(campaign=campaign, now=timezone.now()) == 0
    assert unsettled_sets(campaign).exists()  # not settled by votes that were gone
    assert rounds_run() == 1
    assert TripletTask.objects.count() > n_tasks

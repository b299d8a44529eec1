"""Races of real threads, each with its own connection, on PostgreSQL or SQLite."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, connections, transaction
from django.utils import timezone

from annotation.errors import InUseElsewhereError
from annotation.models import Assignment, CandidateSet, Enrolment, PairRound, Task, TripletTask, Vote, Worker
from annotation.services.aggregation.checks import counts_check
from annotation.services.tasks.round_jobs import claim_or_request, pair_round_run
from annotation.services.work.claims import assignments_claim
from annotation.services.work.leases import leases_expire
from annotation.services.work.undos import vote_undo
from annotation.services.work.votes import Answer, Receipt, vote_cast
from annotation.services.workers.endings import participation_end
from annotation.services.workers.enrolment import PanelEntry, worker_join
from tests.support.crowd import key, make_campaign, make_enrolment, make_products, make_sketch
from webapp.http.problems import ConflictError

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """Run each in its own thread, all starting at the same moment; return results or errors in order."""
    barrier = threading.Barrier(len(works))
    results: list[Any] = [None] * len(works)

    def run(place: int, work: Callable[[], Any]) -> None:
        try:
            barrier.wait()
            results[place] = work()
        except Exception as error:
            results[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_ten_workers_claim_the_last_slots() -> None:
    campaign = make_campaign(1, votes_per_task=3, stop_when_decided=False)
    crowd = [make_enrolment(campaign) for _ in range(10)]
    now = timezone.now()
    claims = at_once(*(lambda e=e: assignments_claim(enrolment_id=e.pk, now=now).assignments for e in crowd))
    assert Counter(len(held) for held in claims) == {1: 3, 0: 7}
    assert Task.objects.get().n_leased == 3


def test_ten_workers_claim_what_the_cap_leaves_for_two() -> None:
    paid = {"currency": "EUR", "reward": 2, "spending_cap": 5}
    campaign = make_campaign(20, settings=paid)
    crowd = [make_enrolment(campaign) for _ in range(10)]
    now = timezone.now()
    claims = at_once(*(lambda e=e: assignments_claim(enrolment_id=e.pk, now=now).assignments for e in crowd))
    assert Counter(len(held) for held in claims) == {1: 2, 0: 8}


def test_two_tabs_of_one_worker_share_held_assignments() -> None:
    enrolment = make_enrolment(make_campaign(6))
    now = timezone.now()
    claims = at_once(*[lambda: assignments_claim(enrolment_id=enrolment.pk, wanted=2, now=now)] * 4)
    seen = [[a.pk for a in held.assignments] for held in claims]
    assert all(ids == seen[0] for ids in seen)
    assert Assignment.objects.count() == 2


def test_workers_who_run_out_of_pairs_at_once_get_one_round() -> None:
    campaign = make_campaign(0, votes_per_task=1, required_answers=1)
    for _ in range(3):
        products = [product.pk for product in make_products(6)]
        CandidateSet.objects.create(campaign=campaign, sketch=make_sketch(), products=products, risk=0.1)
    crowd = [make_enrolment(campaign) for _ in range(6)]
    now = timezone.now()
    claims = at_once(*(lambda e=e: claim_or_request(enrolment_id=e.pk, now=now).assignments for e in crowd))
    assert [len(held) for held in claims] == [0] * 6
    waiting = PairRound.objects.get()
    at_once(*[lambda: pair_round_run(round_id=waiting.pk)] * 3)
    assert TripletTask.objects.count() == 9  # three pairs per sketch, once
    again = [claim_or_request(enrolment_id=e.pk, now=now).assignments for e in crowd]
    assert [len(held) for held in again] == [1] * 6
    assert TripletTask.objects.count() == 9


def test_one_key_sent_five_times_at_once_is_one_vote() -> None:
    enrolment = make_enrolment(make_campaign(1))
    now = timezone.now()
    (assignment,) = assignments_claim(enrolment_id=enrolment.pk, now=now).assignments
    answer = Answer("left", key())
    cast = lambda: vote_cast(worker=enrolment.worker, assignment_id=assignment.pk, answer=answer, now=now)  # noqa: E731
    receipts = at_once(*[cast] * 5)
    assert len({receipt.vote.pk for receipt in receipts}) == 1
    assert Vote.objects.count() == 1


def test_a_double_click_with_two_keys_counts_once() -> None:
    enrolment = make_enrolment(make_campaign(1))
    now = timezone.now()
    (assignment,) = assignments_claim(enrolment_id=enrolment.pk, now=now).assignments
    to: dict[str, Any] = {"worker": enrolment.worker, "assignment_id": assignment.pk, "now": now}
    receipts = at_once(*(lambda: vote_cast(**to, answer=Answer("left", key())) for _ in range(4)))
    assert sorted(receipt.vote.counted for receipt in receipts) == [False, False, False, True]
    assert Task.objects.get().n_counted == 1


def test_simultaneous_late_answers_fill_only_free_slots() -> None:
    campaign = make_campaign(1, votes_per_task=2, stop_when_decided=False)
    crowd = [make_enrolment(campaign) for _ in range(6)]
    now = timezone.now()
    claims = []
    for enrolment in crowd:  # each lease expires, so that the next worker gets the task
        claims += assignments_claim(enrolment_id=enrolment.pk, now=now).assignments
        now += timedelta(seconds=campaign.lease_s + 1)
        leases_expire(now=now)
    casts = [
        lambda e=e, a=a: vote_cast(worker=e.worker, assignment_id=a.pk, answer=Answer("left", key()), now=now)
        for e, a in zip(crowd, claims, strict=True)
    ]
    receipts = at_once(*casts)
    assert Counter(receipt.vote.counted for receipt in receipts) == {True: 2, False: 4}
    assert all(receipt.vote.late for receipt in receipts)
    assert Counter(Vote.objects.filter(counted=True).values_list("slot", flat=True)) == {1: 1, 2: 1}


def test_a_disorderly_crowd_is_never_miscounted() -> None:
    campaign = make_campaign(12, votes_per_task=3)
    crowd = [make_enrolment(campaign) for _ in range(8)]
    sent: dict[int, str] = {}

    def work(enrolment: Enrolment) -> None:
        rng, idle = random.Random(enrolment.pk), 0
        while idle < 3:
            now = timezone.now()
            held = assignments_claim(enrolment_id=enrolment.pk, wanted=rng.randint(1, 3), now=now)
            idle = 0 if held.assignments else idle + 1
            for assignment in held.assignments:
                if rng.random() < 0.2:  # abandoned; another claim or the job ends the lease
                    Assignment.objects.filter(pk=assignment.pk).update(
                        lease_expires_at=now - timedelta(seconds=1)
                    )
                    leases_expire(now=now)
                if rng.random() < 0.1:
                    continue
                answer = Answer(rng.choice(["left", "right", "cant_tell"]), key())
                to: dict[str, Any] = {"worker": enrolment.worker, "assignment_id": assignment.pk, "now": now}
                sent[vote_cast(**to, answer=answer).vote.pk] = answer.idempotency_key
                if rng.random() < 0.15:
                    undo = key()
                    try:
                        sent[vote_undo(**to, idempotency_key=undo).vote.pk] = undo
                    except ConflictError:
                        continue

    failures = [r for r in at_once(*(lambda e=e: work(e) for e in crowd)) if r is not None]
    assert failures == []
    leases_expire(now=timezone.now() + timedelta(hours=1))
    assert dict(Vote.objects.values_list("pk", "idempotency_key")) == sent
    assert counts_check() == []
    assert not Task.objects.filter(n_counted__gt=3).exists()


@pytest.mark.parametrize(
    "broken",
    [{"slot": 4}, {"slot": 1}, {"worker": "same"}, {"slot": None}],
    ids=["over", "taken", "twice", "none"],
)
def test_constraints_refuse_a_wrong_count(broken: Any) -> None:
    campaign = make_campaign(1)
    first, second = make_enrolment(campaign), make_enrolment(campaign)
    task = Task.objects.get()

    def row(enrolment: Enrolment, **fields: object) -> Vote:
        assignment, _ = Assignment.objects.get_or_create(
            task=task,
            worker=enrolment.worker,
            defaults={"enrolment": enrolment, "lease_expires_at": timezone.now()},
        )
        values = {"assignment": assignment, "task": task, "worker": enrolment.worker, "choice": "a"}
        return Vote(**{**values, "counted": True, "slot": 2, "idempotency_key": key(), **fields})

    row(first, slot=1).save()
    who = first if broken.pop("worker", None) else second
    with pytest.raises(IntegrityError), transaction.atomic():
        row(who, **broken).save()
    assert Vote.objects.count() == 1


def test_a_vote_is_written_once() -> None:
    campaign = make_campaign(1)
    enrolment = make_enrolment(campaign)
    now = timezone.now()
    (assignment,) = assignments_claim(enrolment_id=enrolment.pk, now=now).assignments
    vote_cast(worker=enrolment.worker, assignment_id=assignment.pk, answer=Answer("left", key(), 9), now=now)
    for change in (
        {"choice": "cant_tell"},
        {"response_ms": 8},
        {"measured_ms": 8},
        {"slot": 2},
        {"created_at": now - timedelta(1)},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Vote.objects.update(**change)
    Vote.objects.update(counted=False)
    with pytest.raises(IntegrityError), transaction.atomic():
        Vote.objects.update(counted=True)


def test_only_one_of_five_browsers_can_start_with_one_number() -> None:
    campaign, now = make_campaign(1), timezone.now()
    entry = PanelEntry("PROLIFIC", "5f1")
    results = at_once(*[lambda: worker_join(campaign=campaign, consent=True, panel=entry, now=now)] * 5)
    assert Counter(type(result) for result in results) == {Enrolment: 1, InUseElsewhereError: 4}
    assert Worker.objects.count() == 1


def test_a_join_sent_twice_by_one_browser_creates_one_worker() -> None:
    campaign, now = make_campaign(1), timezone.now()
    entry, secret = PanelEntry("PROLIFIC", "5f1"), "a" * 32
    join = lambda: worker_join(campaign=campaign, consent=True, panel=entry, browser_key=secret, now=now)  # noqa: E731
    results = at_once(*[join] * 5)
    assert {result.worker.key for result in results} == {Worker.objects.get().key}


def test_answers_sent_at_once_share_the_time_since_the_last_one() -> None:
    """Otherwise each of several prepared answers would seem to have taken all of it."""
    enrolment, now = make_enrolment(make_campaign(4)), timezone.now()
    held = assignments_claim(enrolment_id=enrolment.pk, wanted=4, now=now).assignments
    later = now + timedelta(seconds=4)

    def answer(assignment_id: int) -> Receipt:
        vote = Answer("left", key(), 4000)
        return vote_cast(worker=enrolment.worker, assignment_id=assignment_id, answer=vote, now=later)

    receipts = at_once(*[partial(answer, assignment.pk) for assignment in held])
    assert sorted(receipt.vote.measured_ms for receipt in receipts) == [1, 1, 1, 4000]


def test_a_code_requested_by_several_pages_at_once_is_one() -> None:
    enrolment, now = make_enrolment(make_campaign(1)), timezone.now()
    (held,) = assignments_claim(enrolment_id=enrolment.pk, now=now).assignments
    vote_cast(worker=enrolment.worker, assignment_id=held.pk, answer=Answer("left", key()), now=now)
    ended = at_once(*[lambda: participation_end(enrolment=enrolment, receipts=[], now=now)] * 4)
    assert len({one.completion_code for one in ended}) == 1

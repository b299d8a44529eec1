"""Workers claim, answer, skip, undo, renew, return and are late in any order: the invariants always hold."""

from __future__ import annotations

import contextlib
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from annotation.consensus.task_status import TaskTally, task_status, votes_wanted
from annotation.models import Assignment, Campaign, Enrolment, Task, Vote
from annotation.services.aggregation.checks import counts_check
from annotation.services.work.claims import assignments_claim
from annotation.services.work.leases import assignment_renew, assignment_return, leases_expire
from annotation.services.work.undos import vote_undo
from annotation.services.work.votes import Answer, vote_cast
from tests.support.crowd import add_triplets, key, make_campaign, make_enrolment
from webapp.http.problems import ConflictError

N_WORKERS = 4


class Crowd(RuleBasedStateMachine):
    """Four workers on three triplets, one of them gold; only rules move the clock."""

    @initialize(votes=st.integers(1, 4), stop=st.booleans(), gold=st.booleans())
    def begin(self, votes: int, stop: bool, gold: bool) -> None:
        self.outer = transaction.atomic()
        self.outer.__enter__()
        self.now = datetime(2026, 1, 1, tzinfo=UTC)
        campaign = make_campaign(
            2, votes_per_task=votes, stop_when_decided=stop, gold_share=0.3 * gold, undo_steps=2
        )
        add_triplets(campaign, 1, is_gold=True, gold_answer="a")
        self.campaign: Campaign = campaign
        self.crowd = [make_enrolment(campaign) for _ in range(N_WORKERS)]
        self.sent: dict[int, list[tuple[int, Answer, str]]] = {e.pk: [] for e in self.crowd}
        self.n_accepted = 0

    def teardown(self) -> None:
        if hasattr(self, "outer"):
            assert counts_check() == []
            transaction.set_rollback(True)
            self.outer.__exit__(None, None, None)

    def mine(self, who: int) -> tuple[Enrolment, list[Assignment]]:
        enrolment = self.crowd[who]
        return enrolment, list(Assignment.objects.filter(enrolment=enrolment).order_by("pk"))

    @rule(who=st.integers(0, N_WORKERS - 1), n=st.integers(1, 4))
    def claim(self, who: int, n: int) -> None:
        held = assignments_claim(enrolment_id=self.crowd[who].pk, wanted=n, now=self.now)
        assert len(held.assignments) <= n
        assert len({a.task_id for a in held.assignments}) == len(held.assignments)

    @rule(
        who=st.integers(0, N_WORKERS - 1),
        which=st.integers(0, 9),
        choice=st.sampled_from(["left", "right", "left", "right", "cant_tell", "skip"]),
        again=st.booleans(),
    )
    def answer(self, who: int, which: int, choice: str, again: bool) -> None:
        enrolment, mine = self.mine(who)
        mine = [a for a in mine if again or a.status not in {"voted", "skipped"}]
        if not mine:
            return
        assignment = mine[which % len(mine)]
        before = Task.objects.get(pk=assignment.task_id)
        answer = Answer(choice, key(), 500)
        receipt = vote_cast(worker=enrolment.worker, assignment_id=assignment.pk, answer=answer, now=self.now)
        self.sent[enrolment.pk].append((assignment.pk, answer, receipt.vote.receipt))
        self.n_accepted += 1
        in_time = assignment.status == Assignment.Status.LEASED
        if in_time and choice != "skip" and before.counts and self.campaign.counts_answers:
            assert receipt.vote.counted  # an answer in time always counts

    @rule(who=st.integers(0, N_WORKERS - 1), which=st.integers(0, 9))
    def send_again(self, who: int, which: int) -> None:
        enrolment = self.crowd[who]
        if not self.sent[enrolment.pk]:
            return
        assignment, answer, receipt = self.sent[enrolment.pk][which % len(self.sent[enrolment.pk])]
        again = vote_cast(worker=enrolment.worker, assignment_id=assignment, answer=answer, now=self.now)
        assert again.vote.receipt == receipt

    @rule(
        who=st.integers(0, N_WORKERS - 1),
        which=st.integers(0, 9),
        act=st.sampled_from(["undo", "renew", "return"]),
    )
    def do(self, who: int, which: int, act: str) -> None:
        enrolment, mine = self.mine(who)
        if not mine:
            return
        to: dict[str, Any] = {"worker": enrolment.worker, "assignment_id": mine[which % len(mine)].pk}
        with contextlib.suppress(ConflictError):
            if act == "undo":
                vote_undo(**to, idempotency_key=key(), now=self.now)
                self.n_accepted += 1
            elif act == "renew":
                assignment_renew(**to, now=self.now)
            else:
                assignment_return(**to)

    @rule(seconds=st.sampled_from([10, 200, 200]), expire=st.sampled_from([True, True, False]))
    def wait(self, seconds: int, expire: bool) -> None:
        self.now += timedelta(seconds=seconds)
        if expire:
            leases_expire(now=self.now)

    @rule(who=st.integers(0, N_WORKERS - 1))
    def fall_asleep(self, who: int) -> None:
        """Claim a task and let its lease expire, so that the answer is late."""
        self.claim(who, 1)
        self.wait(200, True)

    @precondition(lambda self: hasattr(self, "campaign"))
    @rule(status=st.sampled_from(["open", "open", "open", "open", "paused", "closed"]))
    def turn(self, status: str) -> None:
        Campaign.objects.filter(pk=self.campaign.pk).update(status=status)
        self.campaign.refresh_from_db()

    @invariant()
    def nothing_is_miscounted(self) -> None:
        if not hasattr(self, "campaign"):
            return
        votes = list(Vote.objects.all())
        assert len(votes) == self.n_accepted  # nothing is lost or stored twice
        counted = [v for v in votes if v.counted]
        assert max(Counter((v.task_id, v.worker_id) for v in counted).values(), default=0) <= 1
        revoked = {v.revokes_id for v in votes}
        for task in Task.objects.all():
            of_task = [v for v in counted if v.task_id == task.pk]
            assert [v for v in votes if v.task_id == task.pk and v.slot and v.pk not in revoked] == of_task
            leased = Assignment.objects.filter(task=task, status="leased").count() if task.counts else 0
            assert len(of_task) + leased <= task.n_votes
            choices = Counter(v.choice for v in of_task)
            assert (task.n_counted, task.n_leased) == (len(of_task), leased)
            assert (task.n_a, task.n_b) == (choices["a"], choices["b"])
            if not task.counts:
                assert not of_task
                continue
            tally = TaskTally(task.n_votes, task.n_counted, task.n_a, task.n_b)
            terms = {"compares": True, "stop_when_decided": self.campaign.stop_when_decided}
            assert task.status == task_status(tally, **terms)
            assert task.n_wanted == votes_wanted(tally, **terms)
        for enrolment in Enrolment.objects.all():
            assert enrolment.n_counted == sum(v.worker_id == enrolment.worker_id for v in counted)


@pytest.mark.django_db(transaction=True)
def test_any_order_of_events() -> None:
    Crowd.TestCase.settings = settings(
        max_examples=30, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
    )
    Crowd.TestCase("runTest").runTest()

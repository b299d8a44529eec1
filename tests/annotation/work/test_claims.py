"""Which tasks a worker gets, in which order and on which side: training, gold, cap, breaks, sides."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from annotation.errors import BlockedError
from annotation.models import Assignment, Enrolment, Task, Vote
from annotation.sampling.sides import gold_due, left_is_a
from annotation.selectors.work import session_payload
from annotation.services.tasks.statistics import statistics_refresh
from annotation.services.work import statements
from annotation.services.work.claims import MAX_HELD, assignments_claim
from annotation.services.work.votes import Answer, vote_cast
from tests.support.crowd import HttpWorker, add_triplets, key, make_campaign, make_enrolment
from tools.crowd.soak import campaign_made

pytestmark = [pytest.mark.django_db, pytest.mark.both_stores]
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def work_through(enrolment: Enrolment, n: int = 100, now: datetime = NOW) -> list[Assignment]:
    """Claim and answer one by one until nothing is left."""
    done: list[Assignment] = []
    while len(done) < n:
        held = assignments_claim(enrolment_id=enrolment.pk, now=now)
        if not held.assignments:
            break
        (assignment,) = held.assignments
        vote_cast(worker=enrolment.worker, assignment_id=assignment.pk, answer=Answer("left", key()), now=now)
        done.append(assignment)
    return done


def test_every_task_is_handed_out_once_in_order() -> None:
    campaign = make_campaign(7)
    done = work_through(make_enrolment(campaign))
    assert [a.task_id for a in done] == list(campaign.tasks.order_by("position").values_list("pk", flat=True))


def test_tasks_skipped_for_lack_of_room_are_handed_out_later() -> None:
    campaign = make_campaign(3, votes_per_task=1)
    first, second = make_enrolment(campaign), make_enrolment(campaign)
    held = assignments_claim(enrolment_id=first.pk, now=NOW).assignments
    assert len(work_through(second)) == 2
    later = NOW + timedelta(hours=1)
    assert [a.task_id for a in work_through(second, now=later)] == [held[0].task_id]


def test_held_assignments_are_limited() -> None:
    enrolment = make_enrolment(make_campaign(20))
    claims: list[list[int]] = [[], []]
    now = [assignments_claim(enrolment_id=enrolment.pk, wanted=4, now=NOW, have=have) for have in claims]
    assert [len(held.assignments) for held in now] == [4, 4]
    held = list(Assignment.objects.values_list("pk", flat=True))
    assert len(held) == 4
    assignments_claim(enrolment_id=enrolment.pk, wanted=8, have=held, now=NOW)
    assert Assignment.objects.count() == MAX_HELD


def test_sides_are_random_balanced_and_reproducible() -> None:
    sides = [left_is_a(seed=1, enrolment_id=7, position=n) for n in range(400)]
    assert sum(sides) == 200
    assert all(sum(sides[n : n + 4]) == 2 for n in range(0, 400, 4))
    assert sides != [left_is_a(seed=1, enrolment_id=8, position=n) for n in range(400)]
    assert len({tuple(sides[n : n + 4]) for n in range(0, 400, 4)}) == 6


def test_the_side_is_stored_with_the_answer() -> None:
    work_through(make_enrolment(make_campaign(8)))
    for vote in Vote.objects.select_related("assignment"):
        assert vote.side == "left"
        assert vote.choice == ("a" if vote.assignment.left_is_a else "b")


def test_training_comes_first_with_feedback_and_never_counts() -> None:
    campaign = make_campaign(2)
    (lesson,) = add_triplets(campaign, 1, is_training=True, gold_answer="a", explanation="Look at the legs.")
    worker = HttpWorker(campaign)
    card = worker.next(prefetch=4)
    assert len(card["assignments"]) == 1  # ordinary tasks come after training
    assert card["training"] is not None
    right = "left" if card["left"]["id"] == lesson.candidate_a_id else "right"
    wrong = {"left": "right", "right": "left"}[right]
    answer = worker.vote(card["id"], wrong)
    assert answer["feedback"] == {"right": False, "answer": right, "explanation": "Look at the legs."}
    assert not Vote.objects.get().counted
    assert worker.on(card["id"], "undo", idempotency_key=key()).status_code == 409
    assert worker.next()["training"] is None
    assert worker.vote(worker.next()["id"])["feedback"] is None


def test_workers_who_fail_the_training_cannot_continue() -> None:
    campaign = make_campaign(2, qualification_share=0.75)
    lessons = add_triplets(campaign, 2, is_training=True, gold_answer="cant_tell")
    worker = HttpWorker(campaign)
    for _ in lessons:
        worker.vote(worker.next()["id"], "left")
    assert worker.next() is None
    assert worker.here("next").status_code == 403
    me = worker.api.get(f"/api/v1/campaigns/{campaign.pk}/me").json()
    assert (me["trained"], me["qualified"]) == (True, False)


def test_gold_tasks_go_to_everyone_at_their_share_and_never_count() -> None:
    campaign = make_campaign(45, gold_share=0.5)  # so that 40 tasks hold all six, whatever the ids
    gold = add_triplets(campaign, 6, is_gold=True, gold_answer="a")
    enrolments = [make_enrolment(campaign) for _ in range(2)]
    for enrolment in enrolments:
        work_through(enrolment, n=40)
    gold_votes = Vote.objects.filter(task__in=gold)
    assert Counter(gold_votes.values_list("worker_id", flat=True)) == {e.worker_id: 6 for e in enrolments}
    assert not gold_votes.filter(counted=True).exists()
    for enrolment in Enrolment.objects.all():
        right = sum(v.choice == "a" for v in gold_votes.filter(worker=enrolment.worker_id))
        assert (enrolment.n_gold, enrolment.n_gold_right) == (6, right)
    due = [gold_due(seed=0, enrolment_id=1, position=n, share=0.3) for n in range(2000)]
    assert 500 < sum(due) < 700


def test_gold_tasks_and_their_receipts_look_like_any_other() -> None:
    campaign = make_campaign(1, gold_share=0.5)
    add_triplets(campaign, 1, is_gold=True, gold_answer="a")
    worker = HttpWorker(campaign)
    card = worker.next(prefetch=4)
    kinds = [{k for k, v in one.items() if v is not None} for one in card["assignments"]]
    assert all(kind == kinds[0] for kind in kinds)  # gold looks like any other
    assert all(worker.vote(one["id"])["feedback"] is None for one in card["assignments"])


def test_a_session_ends_at_its_cap_and_a_new_one_starts_after_a_break() -> None:
    campaign = make_campaign(10, session_cap=4, break_every=2)
    enrolment = make_enrolment(campaign)
    assert len(assignments_claim(enrolment_id=enrolment.pk, wanted=8, now=NOW).assignments) == 4
    assert len(work_through(enrolment)) == 4
    enrolment.refresh_from_db()
    assert session_payload(enrolment) == {"done": 4, "cap": 4, "break_due": True}
    assert len(work_through(enrolment, now=NOW + timedelta(hours=1))) == 4


def test_blocked_workers_get_nothing() -> None:
    enrolment = make_enrolment(make_campaign(2), blocked=True, block_reason="clicks blindly")
    with pytest.raises(BlockedError, match="clicks blindly"):
        assignments_claim(enrolment_id=enrolment.pk, now=NOW)


def test_a_claim_takes_a_fixed_number_of_queries(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    enrolment = make_enrolment(make_campaign(30))
    work_through(enrolment, n=10)
    with django_assert_max_num_queries(8):
        assignments_claim(enrolment_id=enrolment.pk, wanted=4, now=NOW)


def test_a_decided_task_is_no_longer_handed_out() -> None:
    campaign = make_campaign(1)
    for _ in range(2):
        enrolment = make_enrolment(campaign)
        (assignment,) = assignments_claim(enrolment_id=enrolment.pk, now=NOW).assignments
        side = "left" if assignment.left_is_a else "right"
        vote_cast(worker=enrolment.worker, assignment_id=assignment.pk, answer=Answer(side, key()), now=NOW)
    assert Task.objects.get().status == "decided"
    assert work_through(make_enrolment(campaign)) == []


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite's planner needs no statistics")
def test_a_claim_from_a_new_campaign_reads_few_tasks() -> None:
    campaign_made(6000, lease_s=60, seed=0, title="Load (synthetic votes)")
    statistics_refresh(Task)  # the statistics cover only the first campaign
    campaign = campaign_made(6000, lease_s=60, seed=1, title="Load (synthetic votes)")
    values = [campaign.pk, -1, 2**31 - 1, make_enrolment(campaign).pk, 4]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {statements.FREE_TASKS}", values)
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "Incremental Sort" in plan, plan  # not a sort of all tasks with room

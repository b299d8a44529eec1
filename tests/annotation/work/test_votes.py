"""Outcomes of answers: in time, late, repeated, skipped, undone, after closing."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from annotation.models import Assignment, Enrolment, Task, Vote
from annotation.services.campaigns.lifecycle import campaign_step
from annotation.services.work.claims import assignments_claim
from annotation.services.work.leases import assignment_renew, assignment_return, leases_expire
from annotation.services.work.undos import vote_undo
from annotation.services.work.votes import Answer, Receipt, vote_cast
from tests.support.crowd import key, make_campaign, make_enrolment
from webapp.http.problems import ConflictError

pytestmark = [pytest.mark.django_db, pytest.mark.both_stores]
NOW = datetime(2026, 1, 1, tzinfo=UTC)
LATER = NOW + timedelta(seconds=200)  # after the end of a lease of 180 s


def claim(enrolment: Enrolment, n: int = 1, now: datetime = NOW) -> list[Assignment]:
    return assignments_claim(enrolment_id=enrolment.pk, wanted=n, now=now).assignments


def cast(assignment: Assignment, choice: str = "left", now: datetime = NOW) -> Receipt:
    return vote_cast(
        worker=assignment.worker, assignment_id=assignment.pk, answer=Answer(choice, key(), 900), now=now
    )


def undo(assignment: Assignment, now: datetime = NOW) -> Receipt:
    return vote_undo(worker=assignment.worker, assignment_id=assignment.pk, idempotency_key=key(), now=now)


def for_a(assignment: Assignment) -> str:
    return "left" if assignment.left_is_a else "right"


def test_a_late_answer_counts_if_its_slot_is_still_free() -> None:
    (assignment,) = claim(make_enrolment(make_campaign(1)))
    leases_expire(now=LATER)
    vote = cast(assignment, now=LATER).vote
    assert (vote.counted, vote.late, vote.slot) == (True, True, 1)


def test_a_late_answer_cannot_take_a_slot_reserved_by_another_lease() -> None:
    campaign = make_campaign(1, votes_per_task=1)
    late, punctual = make_enrolment(campaign), make_enrolment(campaign)
    (lost,) = claim(late)
    leases_expire(now=LATER)
    (kept,) = claim(punctual, now=LATER)
    assert (vote := cast(lost, now=LATER).vote).late
    assert not vote.counted
    assert cast(kept, now=LATER).vote.counted
    assert Vote.objects.count() == 2


def test_an_overdue_answer_counts_until_the_lease_is_ended() -> None:
    (assignment,) = claim(make_enrolment(make_campaign(1)))
    vote = cast(assignment, now=LATER).vote
    assert (vote.counted, vote.late) == (True, True)


def test_a_late_answer_to_a_settled_task_does_not_count() -> None:
    campaign = make_campaign(1)
    crowd = [make_enrolment(campaign) for _ in range(3)]
    (lost,) = claim(crowd[0])
    leases_expire(now=LATER)
    for enrolment in crowd[1:]:
        (assignment,) = claim(enrolment, now=LATER)
        cast(assignment, for_a(assignment), now=LATER)
    assert Task.objects.get().status == "decided"
    assert not cast(lost, now=LATER).vote.counted
    assert Task.objects.get().n_counted == 2


def test_undoing_reopens_the_assignment_with_the_same_sides() -> None:
    campaign = make_campaign(1, votes_per_task=1)
    (assignment,) = claim(make_enrolment(campaign))
    first = cast(assignment, "left").vote
    assert Task.objects.get().status == "decided"
    undone = undo(assignment)
    first.refresh_from_db()
    assert (first.counted, first.slot, undone.vote.revokes_id) == (False, 1, first.pk)
    task = Task.objects.get()
    assert (task.status, task.n_counted, task.n_leased) == ("open", 0, 1)
    assert claim(make_enrolment(campaign)) == []  # the slot is reserved
    again = cast(assignment, "right").vote
    assert again.counted
    assert {first.choice, again.choice} == {"a", "b"}
    enrolment = Enrolment.objects.get(pk=assignment.enrolment_id)
    assert (enrolment.n_answers, enrolment.n_counted, enrolment.session_done) == (1, 1, 1)


def test_a_freed_slot_is_reused() -> None:
    campaign = make_campaign(1, votes_per_task=2, stop_when_decided=False)
    (first,), (second,) = claim(make_enrolment(campaign)), claim(make_enrolment(campaign))
    cast(first)
    cast(second)
    undo(first)
    assert cast(first).vote.slot == 1
    assert Counter(Vote.objects.filter(counted=True).values_list("slot", flat=True)) == {1: 1, 2: 1}


def test_only_the_last_answers_can_be_undone() -> None:
    assignments = claim(make_enrolment(make_campaign(3, undo_steps=2)), 3)
    for assignment in assignments:
        cast(assignment)
    with pytest.raises(ConflictError):
        undo(assignments[0])
    undo(assignments[2])
    undo(assignments[1])
    with pytest.raises(ConflictError):
        undo(assignments[0])  # still the third from the end
    cast(assignments[1])
    undo(assignments[1])


def test_an_undo_sent_twice_counts_once() -> None:
    (assignment,) = claim(make_enrolment(make_campaign(1)))
    cast(assignment)
    to: dict[str, Any] = {
        "worker": assignment.worker,
        "assignment_id": assignment.pk,
        "idempotency_key": key(),
        "now": NOW,
    }
    assert vote_undo(**to).vote.pk == vote_undo(**to).vote.pk
    with pytest.raises(ConflictError):
        undo(assignment)


def test_repetitions_do_not_confuse_an_undo() -> None:
    (assignment,) = claim(make_enrolment(make_campaign(1)))
    stands = cast(assignment, "left").vote
    assert not cast(assignment, "right").vote.counted
    assert undo(assignment).vote.revokes_id == stands.pk


def test_a_skip_is_recorded_and_the_task_goes_to_others() -> None:
    campaign = make_campaign(1, votes_per_task=1)
    skipper = make_enrolment(campaign)
    (assignment,) = claim(skipper)
    vote = cast(assignment, "skip").vote
    assert (vote.choice, vote.counted, vote.side) == ("skip", False, "")
    assert claim(skipper) == []
    assert len(claim(make_enrolment(campaign))) == 1
    assert Enrolment.objects.get(pk=skipper.pk).n_answers == 0


def test_cant_tell_counts_for_neither_side() -> None:
    campaign = make_campaign(1, votes_per_task=2)
    for _ in range(2):
        (assignment,) = claim(make_enrolment(campaign))
        assert cast(assignment, "cant_tell").vote.counted
    task = Task.objects.get()
    assert (task.status, task.n_counted, task.n_a, task.n_b) == ("exhausted", 2, 0, 0)


def test_a_paused_campaign_hands_out_nothing_but_accepts_answers() -> None:
    campaign = make_campaign(2)
    enrolment = make_enrolment(campaign)
    (assignment,) = claim(enrolment)
    campaign_step(campaign=campaign, step="pause", by=None, now=NOW)
    assert claim(enrolment) == []
    assert cast(assignment).vote.counted


def test_answers_after_closing_are_stored_but_do_not_count() -> None:
    campaign = make_campaign(1)
    (assignment,) = claim(make_enrolment(campaign))
    campaign_step(campaign=campaign, step="close", by=None, now=NOW)
    vote = cast(assignment).vote
    assert not vote.counted
    assert vote.receipt == f"v{Vote.objects.get().pk}"
    with pytest.raises(ConflictError):
        undo(assignment)


def test_renewing_keeps_the_task() -> None:
    campaign = make_campaign(1, votes_per_task=1)
    (assignment,) = claim(make_enrolment(campaign))
    assignment_renew(worker=assignment.worker, assignment_id=assignment.pk, now=NOW + timedelta(seconds=150))
    assert leases_expire(now=LATER) == 0
    assert claim(make_enrolment(campaign), now=LATER) == []


def test_an_expired_lease_is_renewed_only_while_the_task_is_free() -> None:
    campaign = make_campaign(1, votes_per_task=1)
    (assignment,) = claim(make_enrolment(campaign))
    leases_expire(now=LATER)
    to: dict[str, Any] = {"worker": assignment.worker, "assignment_id": assignment.pk, "now": LATER}
    assert assignment_renew(**to).status == "leased"
    leases_expire(now=LATER + timedelta(seconds=200))
    claim(make_enrolment(campaign), now=LATER + timedelta(seconds=200))
    with pytest.raises(ConflictError):
        assignment_renew(**to)
    assert Task.objects.get().n_leased == 1


def test_a_returned_task_goes_to_others_and_may_be_reclaimed() -> None:
    campaign = make_campaign(1, votes_per_task=1)
    first, second = make_enrolment(campaign), make_enrolment(campaign)
    (assignment,) = claim(first)
    assignment_return(worker=assignment.worker, assignment_id=assignment.pk)
    (other,) = claim(second)
    assignment_return(worker=other.worker, assignment_id=other.pk)
    assert [a.pk for a in claim(first)] == [assignment.pk]  # the same row, leased again


def test_an_abandoned_lease_blocks_nobody() -> None:
    """The next claim ends the lease, even if the job has not run."""
    campaign = make_campaign(1, votes_per_task=1)
    claim(make_enrolment(campaign))
    other = make_enrolment(campaign)
    assert claim(other) == []
    assert len(claim(other, now=LATER)) == 1

"""The stored consensus matches the votes, and recomputing it writes only what changed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from annotation.consensus.aggregate import AGGREGATIONS
from annotation.models import AttributeTask, Campaign, Consensus, Enrolment, Task, Vote
from annotation.selectors.attribute_tables import attribute_vectors
from annotation.services.aggregation.consensus import consensus_check, consensus_recompute
from annotation.services.tasks.creation import tasks_create
from annotation.services.tasks.imports import JudgedTriplet
from annotation.services.work.claims import assignments_claim
from annotation.services.work.undos import vote_undo
from annotation.services.work.votes import Answer, vote_cast
from annotation.services.workers.enrolment import worker_join
from annotation.snapshots.attributes.freeze import attributes_freeze
from tests import factories

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
Judged = tuple[Campaign, list[JudgedTriplet]]


def test_stored_equals_recomputed_and_the_majority_of_the_votes(judged: Judged) -> None:
    campaign, triplets = judged
    made = consensus_recompute(campaign=campaign, now=NOW)
    assert (made.n_total, made.n_written) == (3 * len(triplets), 3 * len(triplets))
    assert consensus_check(campaign=campaign, now=NOW) == []
    for one in triplets:
        a, b = (one.winners.count(product) for product in one.products)
        row = Consensus.objects.get(
            task__sketch=one.sketch, task__candidate_a=one.products[0], task__candidate_b=one.products[1],
            aggregation="majority",
        )  # fmt: skip
        assert row.outcome == ("a" if a > b else "b" if b > a else "tie")
        assert row.counts == {"a": a, "b": b, "cant_tell": 3 - a - b}


def test_a_second_recomputation_writes_nothing(judged: Judged) -> None:
    campaign, _ = judged
    consensus_recompute(campaign=campaign, now=NOW)
    again = consensus_recompute(campaign=campaign, now=NOW)
    assert (again.n_written, again.n_removed) == (0, 0)


def test_a_corrupted_consensus_is_found_and_repaired(judged: Judged) -> None:
    campaign, _ = judged
    consensus_recompute(campaign=campaign, now=NOW)
    row = Consensus.objects.filter(aggregation="majority", outcome="a").first()
    assert row is not None
    Consensus.objects.filter(pk=row.pk).update(outcome="b")
    (line,) = consensus_check(campaign=campaign, now=NOW)
    assert line == f"task {row.task_id}, majority: outcome is 'b', votes say 'a'"
    assert consensus_recompute(campaign=campaign, now=NOW).n_written == 1
    assert consensus_check(campaign=campaign, now=NOW) == []


def test_an_undo_updates_the_consensus_and_a_task_without_votes_has_none(judged: Judged) -> None:
    campaign, _ = judged
    Campaign.objects.filter(pk=campaign.pk).update(status="open")
    campaign.refresh_from_db()
    category = factories.CategoryFactory()
    a, b = sorted(product.pk for product in factories.ProductFactory.create_batch(2, category=category))
    sketch = Task.objects.filter(campaign=campaign)[0].sketch
    tasks_create(campaign=campaign, tasks=[Task(sketch=sketch, candidate_a_id=a, candidate_b_id=b)], by=None)
    enrolment = worker_join(campaign=campaign, consent=True, now=NOW)
    (assignment,) = assignments_claim(enrolment_id=enrolment.pk, now=NOW).assignments
    vote_cast(
        worker=enrolment.worker, assignment_id=assignment.pk, answer=Answer("left", "first-key"), now=NOW
    )
    made = consensus_recompute(campaign=campaign, now=NOW)
    vote_undo(worker=enrolment.worker, assignment_id=assignment.pk, idempotency_key="undo-key", now=NOW)
    assert consensus_check(campaign=campaign, now=NOW) == [
        f"task {assignment.task_id}, {name}: has no votes" for name in sorted(AGGREGATIONS)
    ]
    again = consensus_recompute(campaign=campaign, now=NOW)
    assert again.n_removed == 3
    assert again.n_total == made.n_total - 3


@pytest.mark.usefixtures("db")
def test_attributes_are_merged_by_attribute_and_become_vectors() -> None:
    ontology = [{"slug": slug, "en": slug, "de": slug} for slug in ("high", "soft", "wheels")]
    campaign = Campaign.objects.create(
        kind="attributes", title="A", slug="a", status="open", settings={"ontology": ontology}
    )
    described, other = factories.ProductFactory.create_batch(2)
    tasks_create(campaign=campaign, tasks=[AttributeTask(product=described)], by=None)
    said: list[dict[str, bool | None]] = [
        {"high": True, "soft": False, "wheels": True},
        {"high": True, "soft": False, "wheels": None},
        {"high": False, "soft": False, "wheels": False},
    ]
    for number, values in enumerate(said):
        enrolment: Enrolment = worker_join(campaign=campaign, consent=True, now=NOW)
        (assignment,) = assignments_claim(enrolment_id=enrolment.pk, now=NOW).assignments
        answer = Answer("values", f"key-number-{number}", values=values)
        vote_cast(worker=enrolment.worker, assignment_id=assignment.pk, answer=answer, now=NOW)
    assert Vote.objects.filter(counted=True).count() == 3
    consensus_recompute(campaign=campaign, now=NOW)
    counts = Consensus.objects.get().counts
    assert counts == {"high": [2, 1, 0], "soft": [0, 3, 0], "wheels": [1, 1, 1]}
    table = attributes_freeze(campaign=campaign)
    _, vectors = attribute_vectors(table, sketches=[], products=[described, other])
    assert vectors.tolist() == [[1, 0, 0.5], [0.5, 0.5, 0.5]]

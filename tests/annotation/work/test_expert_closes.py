"""A triplet that an expert has settled is asked no more; what workers hold is still taken; a withdrawal reopens it."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from annotation.models import Campaign, Task
from annotation.services.aggregation.checks import counts_check
from tests.annotation.campaigns.test_spending import estimate, progress
from tests.annotation.snapshots.test_experts import settle
from tests.annotation.work.test_rounds import obstacle
from tests.support.crowd import HttpWorker, key, make_campaign

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign() -> Campaign:
    """One triplet with two votes, one for each side, of at most five."""
    campaign = make_campaign(1, votes_per_task=5)
    task = campaign.tasks.get()
    for product in (task.candidate_a_id, task.candidate_b_id):
        choose(HttpWorker(campaign), product)
    return campaign


def choose(worker: HttpWorker, product: int | None, item: Any = None) -> Any:
    """Choose a product of the worker's next item, or of `item`; return the item."""
    item = item or worker.next()
    worker.vote(item["id"], "left" if item["left"]["id"] == product else "right")
    return item


def test_a_settled_triplet_is_handed_out_no_more(operator_api: APIClient, campaign: Campaign) -> None:
    task = campaign.tasks.get()
    assert (task.status, task.n_wanted) == ("open", 4)
    assert estimate(operator_api, campaign)["votes"] > 2
    settle(operator_api, task.pk, "a")
    task.refresh_from_db()
    assert (task.status, task.n_wanted, task.n_counted, task.has_room) == ("decided", 2, 2, False)
    worker = HttpWorker(campaign)
    assert worker.next() is None
    assert obstacle(worker) == "none_left"
    shown = progress(operator_api, campaign)
    assert (shown["n_open"], shown["n_decided"]) == (0, 1)
    found = estimate(operator_api, campaign)
    assert (found["votes_min"], found["votes"], found["votes_max"]) == (2, 2, 2)
    assert counts_check() == []


def test_withdrawing_the_answer_reopens_it(operator_api: APIClient, campaign: Campaign) -> None:
    task = campaign.tasks.get()
    settle(operator_api, task.pk, "tie")
    assert Task.objects.get().status == "exhausted"
    settle(operator_api, task.pk, "")
    task.refresh_from_db()
    assert (task.status, task.n_wanted, task.has_room) == ("open", 4, True)
    worker = HttpWorker(campaign)
    assert worker.next()


def test_answers_that_workers_hold_are_stored_and_leave_it_settled(
    operator_api: APIClient, campaign: Campaign
) -> None:
    task = campaign.tasks.get()
    first, second = HttpWorker(campaign), HttpWorker(campaign)
    held = [first.next(), second.next()]
    settle(operator_api, task.pk, "a")
    choose(first, task.candidate_b_id, held[0])
    task.refresh_from_db()
    assert (task.status, task.n_wanted, task.n_counted, task.n_b) == ("decided", 3, 3, 2)
    second.on(held[1]["id"], "return")
    assert second.next() is None
    assert second.on(held[1]["id"], "renew").status_code == 409
    assert counts_check() == []
    settle(operator_api, task.pk, "")
    task.refresh_from_db()
    assert (task.status, task.n_wanted) == ("open", 4)  # two more for b of the missing two would settle it
    assert second.next()


def test_an_undo_does_not_reopen_it(operator_api: APIClient) -> None:
    campaign = make_campaign(1, votes_per_task=1)
    worker = HttpWorker(campaign)
    item = worker.next()
    worker.vote(item["id"])
    task = campaign.tasks.get()
    assert task.status == "decided"  # by the vote
    settle(operator_api, task.pk, "b")
    assert worker.on(item["id"], "undo", idempotency_key=key()).status_code == 200
    task.refresh_from_db()
    assert (task.status, task.n_wanted, task.n_counted) == ("decided", 0, 0)
    assert HttpWorker(campaign).next() is None
    worker.vote(item["id"])  # who held it may still answer
    task.refresh_from_db()
    assert (task.status, task.n_counted) == ("decided", 1)


def test_an_expert_changes_nothing_of_what_votes_have_settled(operator_api: APIClient) -> None:
    campaign = make_campaign(1)
    for _ in range(2):
        choose(HttpWorker(campaign), campaign.tasks.get().candidate_a_id)
    before = Task.objects.values().get()
    settle(operator_api, before["id"], "b")
    assert Task.objects.values().get() == before
    settle(operator_api, before["id"], "")
    assert Task.objects.values().get() == before

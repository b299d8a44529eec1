"""join, next and vote over HTTP: a worker's way through a campaign."""

from __future__ import annotations

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from annotation.models import Assignment, Task, Vote
from annotation.services.work import claims
from tests.factories import PhotoFactory
from tests.support.crowd import HttpWorker, add_triplets, key, make_campaign

pytestmark = [pytest.mark.django_db, pytest.mark.both_stores]


def test_a_worker_joins_gets_a_triplet_and_votes() -> None:
    campaign = make_campaign(1)
    worker = HttpWorker(campaign)
    card = worker.next()
    task = Task.objects.get()
    assert card["assignments"][0] == {name: card[name] for name in card["assignments"][0]}
    assert {card["left"]["id"], card["right"]["id"]} == {task.candidate_a_id, task.candidate_b_id}
    assert card["sketch_url"].endswith(".svg")
    assert card["session"] == {"done": 0, "cap": 0, "break_due": False}
    assert card["credited"] == 0
    answer = worker.vote(card["id"], "right", response_ms=1234, device_class="phone")
    assert Vote.objects.get().counted
    assert answer["late"] is False
    vote = Vote.objects.get()
    chosen = task.candidate_a_id if vote.choice == "a" else task.candidate_b_id
    assert chosen == card["right"]["id"]
    assert (vote.side, vote.response_ms, vote.device_class, vote.slot) == ("right", 1234, "phone", 1)
    assert answer["receipt"] == f"v{vote.pk}"
    assert worker.next() is None


def test_a_card_states_the_answers_credited_so_far_gold_ones_among_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(claims, "gold_due", lambda **_: True)  # which otherwise depends on the enrolment's id
    campaign = make_campaign(2, gold_share=0.5)
    add_triplets(campaign, 2, is_gold=True, gold_answer="a")
    add_triplets(campaign, 1, is_training=True, gold_answer="a")
    worker = HttpWorker(campaign)
    credited = []
    while card := worker.next():
        credited.append(card["credited"])
        worker.vote(card["id"])
    assert credited[0] == credited[1] == 0  # practice is not credited
    assert credited[1:] == list(range(len(credited) - 1))
    assert Vote.objects.filter(task__is_gold=True).exists()


def test_repeated_next_without_an_answer_gives_the_same_assignment() -> None:
    worker = HttpWorker(make_campaign(3))
    assert worker.next()["id"] == worker.next()["id"]
    assert Assignment.objects.count() == 1


def test_prefetch_skips_assignments_that_the_page_has() -> None:
    worker = HttpWorker(make_campaign(5))
    first = worker.next()["id"]
    more = worker.next(prefetch=3, have=[first])["assignments"]
    assert len({first, *(card["id"] for card in more)}) == 4
    reloaded = worker.next(prefetch=4)["assignments"]
    assert {card["id"] for card in reloaded} == {first, *(card["id"] for card in more)}


def test_a_card_shows_the_first_photo_of_each_product() -> None:
    campaign = make_campaign(1)
    task = Task.objects.get()
    photos = {p: PhotoFactory(product_id=p, position=0) for p in (task.candidate_a_id, task.candidate_b_id)}
    PhotoFactory(product_id=task.candidate_a_id, position=1)
    card = HttpWorker(campaign).next()
    for side in (card["left"], card["right"]):
        assert side["photo_url"] == photos[side["id"]].file.url


def test_next_and_vote_take_a_fixed_number_of_queries(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    worker = HttpWorker(make_campaign(30))
    worker.vote(worker.next()["id"])  # the first claim also looks for practice tasks
    for prefetch in (1, 8):
        with django_assert_max_num_queries(12):
            cards = worker.next(prefetch=prefetch)["assignments"]
        for card in cards:
            with django_assert_max_num_queries(8):
                worker.vote(card["id"])


def test_a_double_click_counts_once_and_gets_the_same_receipt() -> None:
    worker = HttpWorker(make_campaign(1))
    card, same = worker.next(), key()
    assert worker.vote(card["id"], idempotency_key=same) == worker.vote(card["id"], idempotency_key=same)
    assert Vote.objects.count() == 1
    worker.vote(card["id"], "right")
    assert Vote.objects.filter(counted=True).count() == 1


def test_an_idempotency_key_belongs_to_one_answer() -> None:
    worker = HttpWorker(make_campaign(2))
    first, second = worker.next(prefetch=2)["assignments"]
    same = key()
    worker.vote(first["id"], "left", idempotency_key=same)
    for assignment, choice in ((second["id"], "left"), (first["id"], "right")):
        body = {"choice": choice, "response_ms": 1, "idempotency_key": same}
        assert worker.on(assignment, "vote", **body).status_code == 409
    assert Vote.objects.count() == 1


def test_the_third_vote_is_requested_only_on_disagreement() -> None:
    campaign = make_campaign(1)
    first, second, third = (HttpWorker(campaign) for _ in range(3))
    cards = first.next(), second.next()
    assert third.next() is None  # two may settle it

    def side_of_a(card: Any) -> str:
        return "left" if card["left"]["id"] == Task.objects.get().candidate_a_id else "right"

    first.vote(cards[0]["id"], side_of_a(cards[0]))
    second.vote(cards[1]["id"], {"left": "right", "right": "left"}[side_of_a(cards[1])])
    card = third.next()
    third.vote(card["id"], side_of_a(card))
    task = Task.objects.get()
    assert (task.status, task.n_counted, task.n_a, task.n_b) == ("decided", 3, 2, 1)


def test_the_cookie_alone_identifies_a_worker(api: APIClient) -> None:
    campaign = make_campaign(1)
    api.post(f"/api/v1/campaigns/{campaign.pk}/join", {"consent": True})
    assert api.cookies["sketchfind_worker"]["httponly"]
    assert api.post(f"/api/v1/campaigns/{campaign.pk}/next").status_code == 200


def test_without_joining_nothing_is_handed_out(api: APIClient) -> None:
    campaign = make_campaign(1)
    refused = api.post(f"/api/v1/campaigns/{campaign.pk}/next")
    assert refused.status_code == 401
    assert refused["Content-Type"] == "application/problem+json"


def test_a_stranger_cannot_change_another_workers_assignment() -> None:
    campaign = make_campaign(2)
    owner, stranger = HttpWorker(campaign), HttpWorker(campaign)
    assignment = owner.next()["id"]
    vote = {"choice": "left", "response_ms": 1, "idempotency_key": key()}
    assert stranger.on(assignment, "vote", **vote).status_code == 404
    assert stranger.on(assignment, "undo", idempotency_key=key()).status_code == 404
    assert stranger.on(assignment, "renew").status_code == 404
    assert stranger.on(assignment, "return").status_code == 404
    assert not Vote.objects.exists()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"choice": "up"}, "choice"),
        ({"response_ms": -1}, "response_ms"),
        ({"idempotency_key": "x"}, "idempotency_key"),
        ({"device_class": "toaster"}, "device_class"),
    ],
)
def test_a_wrong_field_is_named(change: Any, field: str) -> None:
    worker = HttpWorker(make_campaign(1))
    body = {"choice": "left", "response_ms": 1, "idempotency_key": key(), **change}
    refused = worker.on(worker.next()["id"], "vote", **body)
    assert refused.status_code == 400
    assert refused.json()["field"] == field

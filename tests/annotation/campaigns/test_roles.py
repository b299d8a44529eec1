"""Gold and practice tasks made from tasks of the campaign, and tasks deleted; votes never are."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from annotation.models import AuditEvent, Campaign, Task, Vote
from annotation.services.work import claims
from tests.support.crowd import HttpWorker, key, make_campaign

pytestmark = pytest.mark.django_db


def judge(campaign: Campaign, choices: list[str]) -> list[HttpWorker]:
    """Let one worker per choice answer the campaign's first task, with the side of that candidate."""
    workers = []
    for choice in choices:
        worker = HttpWorker(campaign)
        card = worker.next()
        a_left = card["left"]["id"] < card["right"]["id"]
        worker.vote(card["id"], "left" if (choice == "a") == a_left else "right")
        workers.append(worker)
    return workers


def set_role(api: APIClient, task: Task, role: str, **more: Any) -> Any:
    return api.put(f"/api/v1/tasks/{task.pk}/", {"role": role, **more})


def test_an_unanswered_task_becomes_gold_or_practice_and_ordinary_again(operator_api: APIClient) -> None:
    campaign = make_campaign(2, status="draft")
    first, second = campaign.tasks.order_by("position")
    gold = set_role(operator_api, first, "gold", answer="b")
    assert (gold.status_code, gold.json()["id"], gold.json()["gold_answer"]) == (200, first.pk, "b")
    set_role(operator_api, second, "practice", answer="a", explanation="See the sole")
    second.refresh_from_db()
    assert (second.is_training, second.explanation) == (True, "See the sole")
    refused = set_role(operator_api, second, "gold", answer="left")
    assert (refused.status_code, refused.json()["field"]) == (400, "answer")
    back = set_role(operator_api, second, "ordinary")
    assert (back.json()["is_training"], back.json()["gold_answer"]) == (False, None)
    event = AuditEvent.objects.filter(action="task.role").first()
    assert event
    assert event.facts["before"]["explanation"] == "See the sole"


def test_a_settled_task_keeps_its_votes_and_a_copy_becomes_gold(
    operator_api: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claims, "gold_due", lambda **_: True)  # which otherwise depends on the enrolment's id
    campaign = make_campaign(2, gold_share=0.5)
    voters = judge(campaign, ["a", "a"])
    settled = Task.objects.get(status="decided")
    made = set_role(operator_api, settled, "gold", answer="a").json()
    assert made["id"] != settled.pk
    assert (made["is_gold"], made["n_counted"]) == (True, 0)
    assert Vote.objects.filter(task=settled, counted=True).count() == 2
    assert set_role(operator_api, settled, "gold", answer="a").status_code == 409  # once
    gold = Task.objects.get(pk=made["id"])
    newcomer = HttpWorker(campaign)
    asked = []
    while card := newcomer.next():
        asked.append(card["id"])
        newcomer.vote(card["id"])
    assert len(asked) == 2  # the open one and the gold copy; not the settled one
    while card := voters[0].next():  # who judged the original never gets the copy
        voters[0].vote(card["id"])
    assert not gold.assignments.filter(worker=settled.votes.order_by("pk")[0].worker).exists()


def test_a_task_that_is_being_answered_stays_as_it_is(operator_api: APIClient) -> None:
    campaign = make_campaign(1)
    (worker,) = judge(campaign, ["a"])
    task = Task.objects.get()
    assert set_role(operator_api, task, "gold", answer="a").status_code == 409
    assert operator_api.delete(f"/api/v1/tasks/{task.pk}/").status_code == 409
    assert worker.on(Vote.objects.get().assignment_id, "undo", idempotency_key=key()).status_code == 200
    assert operator_api.delete(f"/api/v1/tasks/{task.pk}/").status_code == 409  # an undone vote is one too
    assert Vote.objects.count() == 2


def test_the_answer_of_a_gold_task_is_fixed_once_workers_gave_theirs(operator_api: APIClient) -> None:
    campaign = make_campaign(1)
    Task.objects.update(is_training=True, gold_answer="a", explanation="?")
    judge(campaign, ["b"])
    task = Task.objects.get()
    assert set_role(operator_api, task, "practice", answer="b").status_code == 409
    assert set_role(operator_api, task, "ordinary").status_code == 409
    clearer = set_role(operator_api, task, "practice", answer="a", explanation="The heel")
    assert clearer.json()["explanation"] == "The heel"


def test_tasks_are_listed_by_role_and_dispute_with_pictures(operator_api: APIClient) -> None:
    campaign = make_campaign(3, votes_per_task=2, stop_when_decided=False)
    judge(campaign, ["a", "b"])
    gold = Task.objects.filter(n_counted=0)[0]
    set_role(operator_api, gold, "gold", answer="a")
    here = f"/api/v1/campaigns/{campaign.pk}/tasks/"
    (row,) = operator_api.get(f"{here}?disputed=true").json()["results"]
    assert row["sketch_url"]
    assert {row["a"]["id"], row["b"]["id"]} == {row["candidate_a"], row["candidate_b"]}
    assert [one["id"] for one in operator_api.get(f"{here}?role=gold").json()["results"]] == [gold.pk]
    assert len(operator_api.get(f"{here}?role=ordinary").json()["results"]) == 2


def test_wrongly_added_tasks_are_deleted_and_those_with_votes_kept(operator_api: APIClient) -> None:
    campaign = make_campaign(4, votes_per_task=1)
    judge(campaign, ["a"])
    holder = HttpWorker(campaign)
    assert holder.next()  # holds one
    here = f"/api/v1/campaigns/{campaign.pk}/tasks/delete"
    others = list(Task.objects.filter(n_counted=0, n_leased=0).values_list("pk", flat=True))
    assert operator_api.post(here, {"tasks": others[:1]}).json() == {"deleted": 1, "kept": 0}
    assert operator_api.post(here, {"tasks": None}).json() == {"deleted": 1, "kept": 2}
    assert (Task.objects.count(), Vote.objects.count()) == (2, 1)
    assert operator_api.post(here, {}).json()["field"] == "tasks"  # never all by accident


def test_a_task_that_was_only_handed_back_can_go(operator_api: APIClient) -> None:
    campaign = make_campaign(1)
    worker = HttpWorker(campaign)
    worker.on(worker.next()["id"], "return")
    assert operator_api.delete(f"/api/v1/tasks/{Task.objects.get().pk}/").status_code == 204
    assert worker.next() is None


def test_only_operators_change_tasks(api: APIClient, stranger_api: APIClient) -> None:
    task = make_campaign(1, status="draft").tasks.get()
    for who in (api, stranger_api):
        assert set_role(who, task, "gold", answer="a").status_code in (401, 403)
        assert who.delete(f"/api/v1/tasks/{task.pk}/").status_code in (401, 403)

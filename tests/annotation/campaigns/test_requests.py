"""Requests that add tasks: one source, one role, nothing twice, and the same refusals for their estimates."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import translation
from rest_framework.test import APIClient

from annotation.models import StudySet, Task
from tests.factories import CategoryFactory, ProductFactory, picture
from tests.support.crowd import make_campaign, make_sketch
from tests.support.material import SVG, imported, zipped

pytestmark = pytest.mark.django_db


@pytest.fixture
def own() -> StudySet:
    photos = imported(zipped("id,file\np1,1.png\n", {"1.png": picture(1)}), "photos")
    imported(zipped("id,file\ns1,a.svg\n", {"a.svg": SVG}), study_set=photos.study_set)
    return photos.study_set


@pytest.mark.parametrize("kind", ["attributes", "sketches"])
def test_a_repeated_shelf_adds_nothing_and_says_how_many_were_there(
    operator_api: APIClient, kind: str
) -> None:
    chairs = CategoryFactory(slug="chairs")
    ProductFactory(category=chairs), ProductFactory(category=chairs)
    campaign = make_campaign(0, kind=kind, status="draft")
    here, shelf = f"/api/v1/campaigns/{campaign.pk}/", {"shelf": {"category": "chairs"}}
    assert operator_api.post(f"{here}tasks/", shelf).json() == {"made": 2, "known": 0}
    ProductFactory(category=chairs)
    assert operator_api.post(f"{here}estimate/", shelf).json()["n_planned"] == 1
    assert operator_api.post(f"{here}tasks/", shelf).json() == {"made": 1, "known": 2}
    assert campaign.tasks.count() == 3


def test_tasks_one_by_one_and_from_candidates_say_so_too(operator_api: APIClient) -> None:
    campaign = make_campaign(1, status="draft")
    task = Task.objects.get(campaign=campaign)
    here = f"/api/v1/campaigns/{campaign.pk}/tasks/"
    again = {"sketch": task.sketch_id, "candidate_a": task.candidate_a_id, "candidate_b": task.candidate_b_id}
    assert operator_api.post(here, {"tasks": [again]}).json() == {"made": 0, "known": 1}


@pytest.mark.parametrize(
    ("kind", "request_name", "both", "field"),
    [
        ("attributes", "shelf", ("photos_of", "sketches_of"), "shelf.photos_of"),
        ("attributes", "shelf", ("category", "sketches_of"), "shelf.category"),
        ("sketches", "shelf", ("category", "photos_of"), "shelf.category"),
        ("triplets", "candidates", ("category", "photos_of"), "candidates.category"),
    ],
)
def test_two_sources_at_once_are_refused(
    operator_api: APIClient, own: StudySet, kind: str, request_name: str, both: tuple[str, ...], field: str
) -> None:
    campaign = make_campaign(0, kind=kind, status="draft")
    choice = {name: "chairs" if name == "category" else own.pk for name in both}
    for step in ("tasks", "estimate"):
        refused = operator_api.post(f"/api/v1/campaigns/{campaign.pk}/{step}/", {request_name: choice})
        assert (refused.status_code, refused.json()["field"]) == (400, field)
        assert all(name in refused.json()["detail"] for name in both)


@pytest.mark.parametrize(
    ("kind", "body", "field"),
    [
        ("triplets", {"shelf": {}}, "shelf"),
        ("attributes", {"candidates": {}}, "candidates"),
        ("sketches", {"shelf": {"sketches_of": True}}, "shelf.sketches_of"),
        ("sketches", {"shelf": {"category": "nowhere"}}, "shelf.category"),
        ("triplets", {"candidates": {"category": "nowhere"}}, "candidates.category"),
    ],
)
def test_an_estimate_refuses_what_adding_refuses(
    operator_api: APIClient, own: StudySet, kind: str, body: dict[str, Any], field: str
) -> None:
    make_sketch(), ProductFactory(), ProductFactory()
    if body.get("shelf", {}).get("sketches_of"):
        body = {"shelf": {"sketches_of": own.pk}}
    campaign = make_campaign(0, kind=kind, status="draft")
    answers = [
        operator_api.post(f"/api/v1/campaigns/{campaign.pk}/{step}/", body) for step in ("tasks", "estimate")
    ]
    assert [(one.status_code, one.json()["field"]) for one in answers] == [(400, field)] * 2
    assert answers[0].json()["detail"] == answers[1].json()["detail"]


def test_a_task_is_gold_or_practice_but_not_both(operator_api: APIClient) -> None:
    sketch, a, b = make_sketch(), ProductFactory(), ProductFactory()
    task = {"sketch": sketch.pk, "candidate_a": a.pk, "candidate_b": b.pk, "gold_answer": "a"}
    campaign = make_campaign(0, status="draft")
    body = {"tasks": [{**task, "is_gold": True, "is_training": True}]}
    refused = operator_api.post(
        f"/api/v1/campaigns/{campaign.pk}/tasks/", body, headers={"accept-language": "de"}
    )
    assert (refused.status_code, refused.json()["field"]) == (400, "tasks[0].is_training")
    with translation.override("de"):
        assert "Gold" in refused.json()["detail"]
    assert not campaign.tasks.exists()

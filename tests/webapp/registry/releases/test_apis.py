"""REST API of releases: for an operator, a stranger, an anonymous user."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from webapp.accounts.models import User
from webapp.registry.models import Release, ReleaseEvent


def test_everyone_may_read_the_live_release(api: APIClient, release: Release) -> None:
    body = api.get("/api/v1/release/").json()
    assert body["id"] == release.pk
    assert body["model"] == "tiny 1.0"
    assert body["metrics"] == {"precision@10": 0.5}
    assert body["card"].startswith("# Tiny")
    assert (body["n_photos"], body["code_length"], body["embedding_dim"]) == (12, 64, 32)


def test_before_the_first_release_there_is_none(api: APIClient, db: None) -> None:
    response = api.get("/api/v1/release/")
    assert (response.status_code, response["Content-Type"]) == (404, "application/problem+json")


@pytest.mark.parametrize(("who", "status"), [("api", 401), ("stranger_api", 403)])
def test_only_operators_see_and_move_releases(
    request: pytest.FixtureRequest, release: Release, who: str, status: int
) -> None:
    client = request.getfixturevalue(who)
    assert client.get("/api/v1/releases/").status_code == status
    assert client.post(f"/api/v1/releases/{release.pk}/promote").status_code == status
    assert client.post("/api/v1/releases/rollback").status_code == status
    assert ReleaseEvent.objects.count() == 1


def test_an_operator_rolls_back_and_promotes(
    operator_api: APIClient, operator: User, release: Release, make_release: Callable[..., Release]
) -> None:
    second = make_release(seed=1)
    listed = operator_api.get("/api/v1/releases/").json()["results"]
    assert [(row["id"], row["live"]) for row in listed] == [(second.pk, True), (release.pk, False)]

    moved = operator_api.post("/api/v1/releases/rollback", {"reason": "worse"}).json()
    assert (moved["kind"], moved["release_id"], moved["replaced_id"]) == ("rollback", release.pk, second.pk)
    assert (moved["by"], moved["reason"]) == ("operator", "worse")
    assert operator_api.get("/api/v1/release/").json()["id"] == release.pk

    promote = f"/api/v1/releases/{second.pk}/promote"
    assert operator_api.post(promote, {"expected_number": 2}).status_code == 409
    assert operator_api.post(promote, {"expected_number": 3}).status_code == 200
    assert operator_api.post(promote).status_code == 409
    assert operator_api.get("/api/v1/release/").json()["id"] == second.pk


def test_releases_are_paged_newest_first(
    operator_api: APIClient, release: Release, make_release: Callable[..., Release]
) -> None:
    second = make_release(seed=1)
    first_page = operator_api.get("/api/v1/releases/?page_size=1").json()
    assert (first_page["count"], [row["id"] for row in first_page["results"]]) == (2, [second.pk])
    last_page = operator_api.get(first_page["next"]).json()
    assert (last_page["next"], [row["id"] for row in last_page["results"]]) == (None, [release.pk])


def test_impossible_requests_are_refused(operator_api: APIClient, release: Release) -> None:
    assert operator_api.post("/api/v1/releases/999/promote").status_code == 404
    response = operator_api.post("/api/v1/releases/rollback")
    assert response.status_code == 409
    assert "no earlier release" in response.json()["detail"]
    assert operator_api.post("/api/v1/releases/rollback", {"reason": "x" * 501}).json()["field"] == "reason"

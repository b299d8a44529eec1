"""A release beside the live one: who gets it, what clicks say, and what ends it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from pytest_django import Settings
from rest_framework.test import APIClient

from tests.webapp.clicks.conftest import SKETCH, Answered, click
from webapp.catalog.models import Product
from webapp.clicks.experiments import serving
from webapp.clicks.models import Answer, Experiment
from webapp.registry.models import Release
from webapp.registry.releases import live
from webapp.registry.releases.services import release_promote, release_rollback

MakeRelease = Callable[..., Release]


@pytest.fixture
def other(release: Release, make_release: MakeRelease) -> Release:
    """A release of another model, which is not live."""
    made = make_release(seed=1)
    release_rollback()
    return made


def start(api: APIClient, release: Release, percent: int = 100) -> Any:
    return api.post("/api/v1/experiments/", {"release": release.pk, "percent": percent}, format="json")


def ids(answer: dict[str, Any]) -> list[int]:
    return [result["product"]["id"] for result in answer["results"]]


def visits(n: int) -> list[str]:
    return [f"visit-of-a-tab-no-{number}" for number in range(n)]


def test_nothing_is_interleaved_without_an_experiment(
    operator_api: APIClient, other: Release, answered: Answered
) -> None:
    assert ids(answered()) == ids(answered(""))
    assert serving.current(live_release()) is None


def live_release() -> live.LiveRelease:
    found = live.current()
    assert found
    return found


def test_visits_of_the_share_get_both_rankings(
    operator_api: APIClient, api: APIClient, other: Release, release: Release, answered: Answered
) -> None:
    alone = ids(answered(""))
    assert start(operator_api, other).status_code == 201
    assert ids(answered("")) == alone  # without a visit there is no session to compare by
    mixed = [answered(visit) for visit in visits(6)]
    assert any(ids(answer) != alone for answer in mixed)
    for answer in mixed:
        assert sorted(ids(answer)) == sorted(alone)  # twelve products
        assert [result["rank"] for result in answer["results"]] == list(range(1, 13))
        assert answer["release"]["id"] == release.pk
    assert ids(answered(visits(1)[0])) == ids(mixed[0])  # the same visit, the same places


def test_a_drawing_that_grows_keeps_the_draft(
    operator_api: APIClient, api: APIClient, other: Release, answered: Answered
) -> None:
    """So that products do not change places without a reason while somebody draws."""
    start(operator_api, other)
    strokes: list[Any] = [*SKETCH["strokes"], [[1, 1], [9, 9]]]  # type: ignore[misc]
    for visit in visits(5):
        for answer in (answered(visit), answered(visit, sketch={**SKETCH, "strokes": strokes})):
            api.post("/api/v1/answers/", {"answer_id": answer["answer_id"]}, format="json")
        later, earlier = Answer.objects.order_by("-pk").values_list("teams", flat=True)[:2]
        assert later[:6] == earlier[:6]  # further down, a team may run out of products


def test_clicks_are_credited_to_the_release_that_contributed_the_product(
    operator_api: APIClient, api: APIClient, other: Release, answered: Answered
) -> None:
    start(operator_api, other)
    for visit in visits(8):
        answer = answered(visit)
        api.post("/api/v1/answers/", {"answer_id": answer["answer_id"]}, format="json")
        row = Answer.objects.latest("pk")
        assert len(row.teams) == 12
        click(api, answer, row.teams.index("1") + 1)  # visitors who love the new release
    [found] = operator_api.get("/api/v1/experiments/").json()["results"]
    assert found["outcome"] == {
        "n_visits": 8,
        "clicks_live": 0,
        "clicks_candidate": 8,
        "prefer_live": 0,
        "prefer_candidate": 8,
        "prefer_neither": 0,
        "advantage": 0.5,
        "ci95": [0.5, 0.5],
        "p_value": pytest.approx(2 / 2**8),
    }


def test_one_press_ends_it(operator_api: APIClient, other: Release, answered: Answered) -> None:
    alone = ids(answered(""))
    started = start(operator_api, other).json()
    ended = operator_api.post(f"/api/v1/experiments/{started['id']}/end").json()
    assert ended["is_running"] is False
    again = operator_api.post(f"/api/v1/experiments/{started['id']}/end").json()
    assert again["ended_at"] == ended["ended_at"]
    assert all(ids(answered(visit)) == alone for visit in visits(4))
    assert serving._follower._running is None  # its memory is free
    assert start(operator_api, other).status_code == 201


def test_one_runs_at_a_time(
    operator_api: APIClient, other: Release, release: Release, recording: None
) -> None:
    assert start(operator_api, other).status_code == 201
    assert start(operator_api, other).status_code == 409
    with pytest.raises(IntegrityError), transaction.atomic():
        Experiment.objects.create(release=other, against=release, percent=5)


def test_it_ends_when_another_model_goes_live(
    operator_api: APIClient, other: Release, recording: None
) -> None:
    start(operator_api, other)
    release_promote(release=other)
    experiment = Experiment.objects.get()
    assert experiment.running is None
    assert str(other.pk) in experiment.end_reason


def test_a_new_index_of_the_live_model_does_not_end_it(
    operator_api: APIClient,
    other: Release,
    make_release: MakeRelease,
    products: list[Product],
    recording: None,
) -> None:
    start(operator_api, other)
    products[0].photos.all().delete()
    make_release(seed=0)
    assert Experiment.objects.get().running is True
    assert serving.current(live_release())


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"RECORD_CLICKS": "off"}, "record_clicks"),
        ({"EXPERIMENT_MAX_MB": 0}, "release"),
    ],
)
def test_what_is_in_the_way_is_named(
    operator_api: APIClient,
    other: Release,
    recording: None,
    settings: Settings,
    change: dict[str, Any],
    field: str,
) -> None:
    for name, value in change.items():
        setattr(settings, name, value)
    refused = start(operator_api, other)
    assert refused.status_code == 400
    assert refused.json()["field"] == field
    assert not Experiment.objects.exists()


def test_the_live_release_is_no_experiment(
    operator_api: APIClient, other: Release, release: Release, recording: None
) -> None:
    assert start(operator_api, release).json()["field"] == "release"
    assert start(operator_api, other, 0).json()["field"] == "percent"


def test_a_release_that_cannot_be_opened_costs_visitors_nothing(
    operator_api: APIClient, other: Release, answered: Answered, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = ids(answered(""))
    start(operator_api, other)

    def broken(*args: object) -> None:
        raise OSError("the disk is gone")

    monkeypatch.setattr(live, "load_beside", broken)
    assert all(ids(answered(visit)) == alone for visit in visits(3))


def test_visitors_may_start_nothing(api: APIClient, other: Release, recording: None) -> None:
    assert start(api, other).status_code in (401, 403)

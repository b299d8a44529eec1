"""Answers with ids, and reports about them: what is stored, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import signing
from pytest_django import Settings
from rest_framework.test import APIClient

from tests.webapp.clicks.conftest import OTHER_VISIT, SKETCH, VISIT, Answered, click
from webapp.clicks.models import Answer, Click
from webapp.clicks.recording import services
from webapp.registry.models import Release

OTHER_SKETCH = {"width": 100, "height": 100, "strokes": [[[10, 10], [90, 90]]]}


@pytest.mark.parametrize(
    ("mode", "visit", "has_id"),
    [("off", VISIT, False), ("ask", "", False), ("ask", VISIT, True), ("on", "", True), ("on", VISIT, True)],
)
def test_answers_have_an_id_only_where_clicks_may_be_recorded(
    answered: Answered, settings: Settings, mode: str, visit: str, has_id: bool
) -> None:
    settings.RECORD_CLICKS = mode
    assert bool(answered(visit)["answer_id"]) is has_id


def test_a_search_alone_stores_nothing(answered: Answered) -> None:
    answered()
    assert not Answer.objects.exists()


def test_a_click_is_stored_with_its_answer(api: APIClient, answered: Answered, release: Release) -> None:
    answer = answered()
    assert click(api, answer, 3).status_code == 204
    [row] = Click.objects.all()
    assert (row.rank, row.product_id) == (3, answer["results"][2]["product"]["id"])
    assert row.answer.release_id == release.pk
    assert row.answer.product_ids == [result["product"]["id"] for result in answer["results"]]
    assert row.answer.category == answer["results"][0]["product"]["category"]["slug"]
    assert row.answer.sketch is None
    assert VISIT not in str(row.answer.__dict__)  # only its hash


def test_an_answer_counts_once_however_often_it_is_reported(api: APIClient, answered: Answered) -> None:
    answer = answered()
    for _ in range(2):
        response = api.post("/api/v1/answers/", {"answer_id": answer["answer_id"]}, format="json")
        assert response.status_code == 204
        click(api, answer, 1)
    click(api, answer, 2)
    assert (Answer.objects.count(), Click.objects.count()) == (1, 2)


@pytest.mark.parametrize(("rank", "shift"), [(1, 1), (99, 0)])
def test_a_click_on_what_was_not_shown_there_is_refused(
    api: APIClient, answered: Answered, rank: int, shift: int
) -> None:
    answer = answered()
    product = answer["results"][shift]["product"]["id"]
    report = {"answer_id": answer["answer_id"], "product": product, "rank": rank}
    response = api.post("/api/v1/clicks/", report, format="json")
    assert response.status_code == 400
    assert response.json()["field"] == "rank"
    assert not Answer.objects.exists()


def test_an_id_that_the_site_did_not_sign_is_refused(api: APIClient, answered: Answered) -> None:
    answer = answered()
    for false in (answer["answer_id"][:-2] + "xx", signing.dumps(["x"]), "x"):
        response = click(api, {**answer, "answer_id": false})
        assert response.status_code == 400
        assert response.json()["field"] == "answer_id"


def test_an_id_expires(api: APIClient, answered: Answered, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = answered()
    monkeypatch.setattr("webapp.clicks.recording.answer_ids.VALID_S", -1)
    response = click(api, answer)
    assert response.status_code == 400
    assert "expired" in response.json()["detail"]


def test_a_sketch_is_kept_only_if_it_is_sent_and_is_the_one_that_was_searched(
    api: APIClient, answered: Answered
) -> None:
    answer = answered()
    refused = click(api, answer, 1, sketch=OTHER_SKETCH)
    assert refused.status_code == 400
    assert refused.json()["field"] == "sketch"
    click(api, answer, 1)
    assert Answer.objects.get().sketch is None
    click(api, answer, 2, sketch=SKETCH)  # the visitor agreed in the meantime
    kept = Answer.objects.get().sketch or {}
    assert [len(stroke) for stroke in kept["strokes"]] == [5, 2]


def test_a_long_sketch_is_not_kept(
    api: APIClient, answered: Answered, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "MAX_POINTS", 6)
    assert click(api, answered(), 1, sketch=SKETCH).status_code == 204
    assert Answer.objects.get().sketch is None


def test_nothing_is_recorded_once_recording_is_off(
    api: APIClient, answered: Answered, settings: Settings
) -> None:
    answer = answered()
    settings.RECORD_CLICKS = "off"
    assert click(api, answer).status_code == 404
    assert not Answer.objects.exists()


def test_a_visit_is_erased_and_others_stay(api: APIClient, answered: Answered) -> None:
    click(api, answered(), 1)
    click(api, answered(OTHER_VISIT), 1)
    response = api.post("/api/v1/visits/erase/", {"visit": VISIT}, format="json")
    assert response.json() == {"erased": 1}
    assert Click.objects.count() == Answer.objects.count() == 1
    again = api.post("/api/v1/visits/erase/", {"visit": VISIT}, format="json")
    assert again.json() == {"erased": 0}


def test_answers_without_a_visit_are_not_erased_by_an_invalid_one(api: APIClient, answered: Answered) -> None:
    click(api, answered(""), 1)
    for visit in ("", "short", "x" * 41):
        assert api.post("/api/v1/visits/erase/", {"visit": visit}, format="json").status_code == 400
    assert Answer.objects.count() == 1


def test_reports_of_an_address_are_limited(api: APIClient, answered: Answered, settings: Settings) -> None:
    settings.ADDRESS_ROWS_PER_DAY = 1
    assert click(api, answered(), 1).status_code == 204
    refused = click(api, answered(), 1)
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) > 0
    assert Answer.objects.count() == 1


def test_a_full_site_stores_no_more(api: APIClient, answered: Answered, settings: Settings) -> None:
    settings.ANONYMOUS_ROWS_MAX = 0
    assert click(api, answered(), 1).status_code == 507


def test_a_page_may_report_while_its_visitor_is_signed_in(answered: Answered, operator_client: Any) -> None:
    """A beacon has no header for a CSRF token."""
    operator_client.handler.enforce_csrf_checks = True
    answer = answered()
    report = {"answer_id": answer["answer_id"]}
    response = operator_client.post("/api/v1/answers/", report, content_type="application/json")
    assert response.status_code == 204

"""Earlier participants are kept out, also after their erasure."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from annotation.models import AuditEvent, Campaign, Enrolment, Vote, Worker
from tests.annotation.work.settling.studies import panel, settle
from tests.support.crowd import HttpWorker, make_campaign

pytestmark = pytest.mark.django_db


def test_earlier_participants_are_refused_in_plain_words_even_after_erasure(operator_api: APIClient) -> None:
    first = make_campaign(3)
    other = make_campaign(3)
    second = make_campaign(3, settings={"exclude_campaigns": [first.pk]})
    anna = HttpWorker(first, panel=panel("anna"))
    HttpWorker(other, panel=panel("ben"))
    HttpWorker(first, panel=panel("cleo"))  # came, but got no task
    anna.next()

    def join(name: str, **body: Any) -> Any:
        answer = APIClient().post(
            f"/api/v1/campaigns/{second.pk}/join", {"consent": True, "panel": panel(name), **body}
        )
        return answer

    assert join("ben").status_code == join("cleo").status_code == 201
    refused = join("anna")
    assert refused.status_code == 403
    assert "already taken part in an earlier study" in refused.json()["detail"]
    erase = operator_api.post(
        "/api/v1/participants/erase/", {"provider": "PROLIFIC", "worker": "anna", "reason": "asked by mail"}
    )
    assert erase.json() == {"erased": 1}
    assert not Enrolment.objects.filter(participant="PROLIFIC:anna").exists()
    assert join("anna").status_code == 403
    assert Worker.objects.filter(panel_id="anna").count() == 0  # nothing was stored of the attempt
    link = operator_api.post(
        f"/api/v1/campaigns/{second.pk}/participants/", {"provider": "PROLIFIC", "worker": "anna"}
    )
    token = link.json()["url"].partition("participant=")[2]
    assert join("x", panel=None, participant=token).status_code == 201  # an operator's exception


def test_a_browser_or_account_is_excluded_too(owner_api: APIClient) -> None:
    first = make_campaign(2)
    second = make_campaign(2, settings={"exclude_campaigns": [first.pk]})
    anonymous = HttpWorker(first)
    anonymous.next()
    body = {"consent": True}
    assert anonymous.api.post(f"/api/v1/campaigns/{second.pk}/join", body).status_code == 403
    owner_api.post(f"/api/v1/campaigns/{first.pk}/join", body)
    owner_api.post(f"/api/v1/campaigns/{first.pk}/next")
    assert owner_api.post(f"/api/v1/campaigns/{second.pk}/join", body).status_code == 403


def test_an_operator_erases_a_worker_from_the_table(operator_api: APIClient, study: Campaign) -> None:
    enrolment = Enrolment.objects.get(worker__panel_id="anna")
    path = f"/api/v1/enrolments/{enrolment.pk}/erase"
    assert operator_api.post(path, {}).json()["field"] == "reason"
    assert operator_api.post(path, {"reason": "asked by mail"}).status_code == 204
    event = AuditEvent.objects.get(action="worker.erase")
    assert (event.by and event.by.username, event.reason) == ("operator", "asked by mail")
    assert Vote.objects.filter(worker=enrolment.worker_id, counted=True).count() == 4
    row = next(row for row in settle(operator_api, study)["rows"] if row["enrolment_id"] == enrolment.pk)
    assert (row["panel_id"], row["erased"], row["suggested"]) == ("", True, "")
    gone = operator_api.post(
        "/api/v1/participants/erase/", {"provider": "PROLIFIC", "worker": "anna", "reason": "r"}
    )
    assert gone.status_code == 404

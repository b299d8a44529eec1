"""Quotas of anonymous rows: refusal, metrics and expiry."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt, AccessLog
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from annotation.identity.personal_links import participant_token
from annotation.models import Enrolment, Sketch, Vote, Worker
from annotation.services.retention.expiry import gifts_expire, idle_workers_expire
from tests.factories import UserFactory
from tests.support.crowd import HttpWorker, add_triplets, make_campaign
from webapp.accounts.expiry import logins_expire
from webapp.http.problems import CONTENT_TYPE
from webapp.search.models import Share
from webapp.search.shares.quota import shares_expire

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def drawing(n: int) -> dict[str, Any]:
    return {"width": 100, "height": 100, "strokes": [[[10, 10, 0, 0.5], [90, n % 100, 40, 0.5]]]}


def leave(kind: str, n: int, address: str = "192.0.2.1") -> Any:
    """Return the answer to an anonymous client at `address` that creates a row of that kind."""
    api = APIClient(REMOTE_ADDR=address)
    if kind == "shared sketches":
        return api.post("/api/v1/shares/", {"sketch": drawing(n)})
    if kind == "given sketches":
        return api.post("/api/v1/sketches/", {"sketch": drawing(n), "consent": True})
    campaign = make_campaign(0)
    return api.post(f"/api/v1/campaigns/{campaign.pk}/join", {"consent": True})


def panel(n: int) -> dict[str, str]:
    return {"provider": "PROLIFIC", "worker": f"5f{n}"}


KINDS: dict[str, Any] = {"shared sketches": Share, "given sketches": Sketch, "new workers": Worker}


@pytest.mark.parametrize("kind", KINDS)
def test_an_address_has_a_daily_quota(kind: str, settings: Any) -> None:
    settings.ADDRESS_ROWS_PER_DAY = 2
    assert [leave(kind, n).status_code for n in range(3)] == [201, 201, 429]
    refused = leave(kind, 4)
    assert refused["Content-Type"] == CONTENT_TYPE
    assert 0 < int(refused["Retry-After"]) <= 86_400
    assert kind in refused.json()["detail"]
    assert leave(kind, 5, address="192.0.2.2").status_code == 201
    assert KINDS[kind].objects.count() == 3


@pytest.mark.parametrize("kind", KINDS)
def test_the_site_has_a_total_quota(kind: str, settings: Any) -> None:
    settings.ANONYMOUS_ROWS_MAX = 2
    for n in range(2):
        assert leave(kind, n, address=f"192.0.2.{n}").status_code == 201
    cache.clear()  # totals are cached for half a minute
    refused = leave(kind, 3, address="192.0.2.9")
    assert refused.status_code == 507
    assert refused["Content-Type"] == CONTENT_TYPE
    assert int(refused["Retry-After"]) > 0
    KINDS[kind].objects.all()[
        :1
    ].get().delete() if kind != "new workers" else Enrolment.objects.all().delete()
    if kind == "new workers":
        Worker.objects.all().delete()
    cache.clear()
    assert leave(kind, 3, address="192.0.2.9").status_code == 201


@pytest.mark.parametrize("kind", ["shared sketches", "given sketches"])
def test_bytes_count_too(kind: str, settings: Any) -> None:
    settings.ADDRESS_BYTES_PER_DAY = 120
    assert [leave(kind, n).status_code for n in range(3)] == [201, 429, 429]
    settings.ADDRESS_BYTES_PER_DAY, settings.ANONYMOUS_BYTES_MAX = 10**9, 100
    cache.clear()
    assert leave(kind, 3).status_code == 507


def test_a_sketch_that_is_shared_already_costs_nothing(settings: Any) -> None:
    settings.ADDRESS_ROWS_PER_DAY = 1
    assert {leave("shared sketches", 1).json()["id"] for _ in range(3)} == {Share.objects.get().pk}


def test_a_worker_who_has_joined_may_return(settings: Any) -> None:
    settings.ADDRESS_ROWS_PER_DAY = 1
    worker = HttpWorker(make_campaign(1))
    for _ in range(3):
        assert worker.here("join", {"consent": True}).status_code == 201


def test_each_panel_number_counts_against_the_quota(settings: Any) -> None:
    settings.ADDRESS_ROWS_PER_DAY = 3
    worker = HttpWorker(make_campaign(1))

    def join(n: int) -> int:
        return int(worker.here("join", {"consent": True, "panel": panel(n)}).status_code)

    assert [join(n) for n in range(4)] == [201, 201, 429, 429]
    assert Worker.objects.count() == 3


def test_panel_workers_count_in_the_total(settings: Any) -> None:
    settings.ANONYMOUS_ROWS_MAX = 1
    campaign = make_campaign(1)
    HttpWorker(campaign, panel=panel(1))
    cache.clear()
    assert leave("new workers", 1).status_code == 507


def test_a_personal_link_costs_nothing(settings: Any) -> None:
    settings.ADDRESS_ROWS_PER_DAY = 0
    campaign, until = make_campaign(1), timezone.now() + timedelta(days=1)
    token = participant_token(campaign_id=campaign.pk, provider="PROLIFIC", worker="5f1", until=until)
    HttpWorker(campaign, participant=token)


def test_a_donated_sketch_is_bounded(api: APIClient) -> None:
    ink = [[[x % 100, y % 100, y, 0.123456] for y in range(200)] for x in range(120)]
    answer = api.post(
        "/api/v1/sketches/", {"sketch": {"width": 100, "height": 100, "strokes": ink}, "consent": True}
    )
    assert answer.status_code == 400
    assert answer.json()["field"].startswith("sketch")


def test_shares_that_nobody_opens_expire(client: Client, settings: Any) -> None:
    settings.SHARE_DAYS = 10
    ids = [leave("shared sketches", n).json()["id"] for n in range(3)]
    Share.objects.update(created_at=NOW - timedelta(days=11))
    assert client.get(f"/s/{ids[0]}/").status_code == 200
    assert client.get(f"/api/v1/shares/{ids[1]}/").status_code == 200
    assert shares_expire(now=timezone.now()) == 1
    assert set(Share.objects.values_list("pk", flat=True)) == set(ids[:2])
    assert shares_expire(now=timezone.now() + timedelta(days=11)) == 2
    settings.SHARE_DAYS = 0
    leave("shared sketches", 4)
    assert shares_expire(now=timezone.now() + timedelta(days=9999)) == 0


def test_a_share_is_noted_as_opened_once_a_day(client: Client, django_assert_num_queries: Any) -> None:
    share = Share.objects.create(sketch=drawing(1), sha256="1" * 64, opened_at=timezone.now())
    client.get(f"/api/v1/shares/{share.pk}/")
    assert Share.objects.get().opened_at == share.opened_at


def test_idle_workers_expire_and_those_with_votes_never(settings: Any) -> None:
    settings.IDLE_WORKER_DAYS = 10
    campaign = make_campaign(4)
    voter, undone, idle, holder, account = (HttpWorker(campaign) for _ in range(5))
    of_panel, panel_voter = (HttpWorker(campaign, panel=panel(n)) for n in range(2))
    for one in (voter, undone, holder, panel_voter):
        held = one.next(prefetch=1)["assignments"][0]["id"]
        if one is not holder:
            one.vote(held)
        if one is undone:
            one.on(held, "undo")
    Worker.objects.filter(enrolments__pk=account.enrolment["id"]).update(user=UserFactory())
    votes = Vote.objects.count()
    Worker.objects.update(created_at=NOW - timedelta(days=99))
    Enrolment.objects.update(last_seen_at=NOW - timedelta(days=99))
    assert idle_workers_expire(now=timezone.now()) == 2
    for one in (idle, of_panel):
        assert not Enrolment.objects.filter(pk=one.enrolment["id"]).exists()
    for one in (voter, undone, holder, account, panel_voter):
        assert Enrolment.objects.filter(pk=one.enrolment["id"]).exists()
    assert Vote.objects.count() == votes
    assert idle.here("next", {}).status_code in (401, 403)  # the page asks to join again


def test_recently_seen_workers_are_kept(settings: Any) -> None:
    settings.IDLE_WORKER_DAYS = 10
    worker = HttpWorker(make_campaign(0))
    Worker.objects.update(created_at=NOW - timedelta(days=99))
    Enrolment.objects.update(last_seen_at=NOW)
    assert idle_workers_expire(now=timezone.now()) == 0
    assert worker.here("join", {"consent": True}).status_code == 201


def test_donated_sketches_that_no_task_uses_expire(settings: Any) -> None:
    settings.GIFT_DAYS = 10
    used, unused = (leave("given sketches", n).json()["id"] for n in range(2))
    (task,) = add_triplets(make_campaign(0), 1)
    type(task).objects.filter(pk=task.pk).update(sketch_id=used)
    Sketch.objects.update(created_at=NOW - timedelta(days=11))
    assert gifts_expire(now=timezone.now()) == 1
    assert not Sketch.objects.filter(pk=unused).exists()
    assert Sketch.objects.filter(source="import").exists()  # which are never donated


def test_logins_expire(client: Client, operator: Any, settings: Any) -> None:
    settings.LOGIN_DAYS, settings.ANONYMOUS_ROWS_MAX = 10, 3
    client.post("/admin/login/", {"username": "operator", "password": "correct horse battery"})
    for n in range(5):
        client.post("/admin/login/", {"username": f"nobody{n}", "password": "wrong"})
    assert (AccessAttempt.objects.count(), AccessLog.objects.count()) == (5, 1)
    assert logins_expire(now=timezone.now()) == 2
    assert sorted(AccessAttempt.objects.values_list("username", flat=True)) == [
        f"nobody{n}" for n in (2, 3, 4)
    ]
    assert logins_expire(now=timezone.now() + timedelta(days=11)) == 4


def test_metrics_report_rows_bytes_and_refusals(operator_api: APIClient, settings: Any) -> None:
    def reported(series: str) -> float:
        text = operator_api.get("/metrics").content.decode()
        found = re.search(rf"^{re.escape(series)} (\S+)$", text, re.M)
        return float(found[1]) if found else 0.0

    refused = 'sketchfind_quota_refused_total{kind="shared sketches",quota="address"}'
    before = reported(refused)
    settings.ADDRESS_ROWS_PER_DAY = 1
    for n in range(3):
        leave("shared sketches", n)
    HttpWorker(make_campaign(0))
    assert reported(refused) == before + 2
    assert reported('sketchfind_anonymous_rows{kind="shared sketches"}') == 1
    assert reported('sketchfind_anonymous_bytes{kind="shared sketches"}') > 50
    assert reported('sketchfind_anonymous_rows{kind="new workers"}') == 1
    assert reported('sketchfind_anonymous_rows{kind="failed logins"}') == 0


def test_old_rows_are_measured_by_the_migration() -> None:
    share = Share.objects.create(sketch=drawing(1), sha256="1" * 64)
    from importlib import import_module

    from django.apps import apps

    import_module("webapp.search.migrations.0002_share_bytes_and_opening").measure(apps, connection)
    share.refresh_from_db()
    assert (share.n_bytes or 0) > 50

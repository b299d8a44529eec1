"""The nightly check finds what constraints cannot prevent; jobs and their schedule."""

from __future__ import annotations

from typing import Any

import pytest
from celery.schedules import BaseSchedule
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from annotation.jobs import counts_check_job, leases_expire_job
from annotation.models import Assignment, AuditEvent, Task, Vote
from annotation.services.aggregation.checks import counts_check
from tests.support.crowd import HttpWorker, make_campaign
from webapp.celery import app

pytestmark = [pytest.mark.django_db, pytest.mark.both_stores]


def test_correct_counts_have_no_findings() -> None:
    worker = HttpWorker(make_campaign(2))
    worker.vote(worker.next()["id"])
    worker.next()
    assert counts_check() == []
    assert not AuditEvent.objects.filter(action__startswith="check").exists()


@pytest.mark.parametrize(
    ("damage", "rules"),
    [
        (lambda: Task.objects.update(n_counted=2, n_a=2, n_b=0), {"counters"}),
        (lambda: Task.objects.update(n_leased=2), {"leases"}),
        (lambda: Vote.objects.update(counted=False), {"uncounted", "counters"}),
        (lambda: Assignment.objects.update(status="leased"), {"leases"}),
    ],
    ids=["counters", "leases", "votes", "assignments"],
)
def test_a_wrong_count_is_found_and_audited(damage: Any, rules: Any) -> None:
    worker = HttpWorker(make_campaign(1))
    worker.vote(worker.next()["id"])
    damage()
    counts_check_job()
    found = set(AuditEvent.objects.filter(action__startswith="check").values_list("action", flat=True))
    assert found == {f"check.{rule}" for rule in rules}
    for event in AuditEvent.objects.filter(action__startswith="check"):
        assert event.facts["n"] == 1


def test_the_job_expires_overdue_leases() -> None:
    campaign = make_campaign(3)
    HttpWorker(campaign).next(prefetch=3)
    Assignment.objects.filter(pk__in=Assignment.objects.values("pk")[:2]).update(
        lease_expires_at=timezone.now()
    )
    leases_expire_job()
    assert Assignment.objects.filter(status="expired").count() == 2
    assert Task.objects.filter(n_leased=1).count() == 1


@pytest.mark.parametrize("name", sorted(settings.CELERY_BEAT_SCHEDULE))
def test_every_job_scheduled_by_beat_exists(name: Any) -> None:
    app.loader.import_default_modules()
    entry = settings.CELERY_BEAT_SCHEDULE[name]
    assert entry["task"] in app.tasks
    assert isinstance(entry["schedule"], float | BaseSchedule)


def test_catalogue_changes_reach_the_release_every_five_seconds_on_their_own_queue() -> None:
    entry = settings.CELERY_BEAT_SCHEDULE["release-follow-catalogue"]
    assert entry["task"] == "webapp.registry.releases.jobs.release_follow_catalogue_job"
    assert (entry["schedule"], entry["options"]) == (5.0, {"queue": "index", "expires": 5})


def test_the_admin_shows_every_table(operator_client: Client) -> None:
    worker = HttpWorker(make_campaign(2))
    worker.vote(worker.next()["id"])
    names = ["campaign", "task", "sketch", "worker", "enrolment", "assignment", "vote", "auditevent"]
    names += ["decision", "expertanswer"]
    for name in names:
        page = operator_client.get(reverse(f"admin:annotation_{name}_changelist"))
        assert page.status_code == 200, name
        assert (
            operator_client.get(reverse(f"admin:annotation_{name}_add")).status_code == 403 if name else True
        )

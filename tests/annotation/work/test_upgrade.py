"""Codes given before endings were told apart stay, and so do the answers that they required."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from annotation.models.workers import participant_hash

pytestmark = pytest.mark.django_db(transaction=True)
BEFORE, NOW = [("annotation", "0006_labels")], [("annotation", "0007_endings")]


@pytest.fixture(autouse=True)
def _latest_again() -> Iterator[None]:
    yield
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


def test_codes_become_endings_and_the_cap_the_required_answers() -> None:
    executor = MigrationExecutor(connection)
    apps = executor.loader.project_state(BEFORE).apps
    executor.migrate(BEFORE)
    Campaign, Worker, Enrolment = (
        apps.get_model("annotation", name) for name in ("Campaign", "Worker", "Enrolment")
    )
    campaign = Campaign.objects.create(title="Chairs", slug="chairs", session_cap=20)
    for number, fields in enumerate([{"completed_at": timezone.now(), "completion_code": "OLD"}, {}]):
        worker = Worker.objects.create(key=f"k{number}")
        Enrolment.objects.create(campaign=campaign, worker=worker, **fields)
    executor = MigrationExecutor(connection)
    executor.migrate(NOW)
    apps = executor.loader.project_state(NOW).apps
    enrolments = apps.get_model("annotation", "Enrolment").objects.order_by("pk")
    assert list(enrolments.values_list("ending", "completion_code")) == [("finished", "OLD"), ("", "")]
    assert apps.get_model("annotation", "Campaign").objects.get().required_answers == 20
    enrolments.all().delete()


def test_participants_who_joined_before_are_excluded_by_their_hash_too() -> None:
    before, now = [("annotation", "0008_server_times")], [("annotation", "0015_experts")]
    executor = MigrationExecutor(connection)
    apps = executor.loader.project_state(before).apps
    executor.migrate(before)
    Campaign, Worker, Enrolment = (
        apps.get_model("annotation", name) for name in ("Campaign", "Worker", "Enrolment")
    )
    campaign = Campaign.objects.create(title="Chairs", slug="chairs")
    for number, participant in enumerate(["PROLIFIC:5f1", None]):
        worker = Worker.objects.create(key=f"k{number}")
        Enrolment.objects.create(campaign=campaign, worker=worker, participant=participant)
    executor = MigrationExecutor(connection)
    executor.migrate(now)
    apps = executor.loader.project_state(now).apps
    enrolments = apps.get_model("annotation", "Enrolment").objects.order_by("pk")
    hashes = list(enrolments.values_list("participant_hash", flat=True))
    assert hashes == [participant_hash("PROLIFIC:5f1"), ""]
    enrolments.all().delete()

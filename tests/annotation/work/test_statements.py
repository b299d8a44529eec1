"""The handwritten SQL statements read and write the same as the ORM."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection, models

from annotation.models import Assignment, Enrolment, Task
from annotation.services.work import counters, locking
from annotation.services.work.claims import assignments_claim
from tests.support.crowd import make_campaign, make_enrolment

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite takes the ORM"),
]
NOW = datetime(2026, 1, 1, tzinfo=UTC)


class _OtherVendor:
    vendor = "sqlite"  # selects the ORM on PostgreSQL


def _loaded(row: models.Model) -> dict[str, Any]:
    return {name: value for name, value in vars(row).items() if name != "_state"}


@pytest.fixture
def enrolment() -> Enrolment:
    campaign = make_campaign(1)
    Task.objects.update(gold_answer={"round": True}, explanation="It is round.")
    return make_enrolment(campaign)


def test_both_read_the_same_rows(enrolment: Enrolment, monkeypatch: pytest.MonkeyPatch) -> None:
    (held,) = assignments_claim(enrolment_id=enrolment.pk, now=NOW).assignments
    by_sql = locking.assignment_row(held.pk, enrolment.worker)
    monkeypatch.setattr(locking, "connection", _OtherVendor)
    by_orm = locking.assignment_row(held.pk, enrolment.worker)
    assert by_sql
    assert by_orm
    for sql, orm in [
        (by_sql, by_orm),
        (by_sql.task, by_orm.task),
        (by_sql.enrolment, by_orm.enrolment),
        (by_sql.task.campaign, by_orm.task.campaign),
    ]:
        assert _loaded(sql).items() <= _loaded(orm).items()
    assert by_sql.task.gold_answer == {"round": True}


def test_neither_reads_with_a_revoked_key(enrolment: Enrolment, monkeypatch: pytest.MonkeyPatch) -> None:
    (held,) = assignments_claim(enrolment_id=enrolment.pk, now=NOW).assignments
    enrolment.worker.key = "another"
    assert locking.assignment_row(held.pk, enrolment.worker) is None
    monkeypatch.setattr(locking, "connection", _OtherVendor)
    assert locking.assignment_row(held.pk, enrolment.worker) is None


@pytest.mark.parametrize("with_task", [True, False])
def test_both_write_the_same_counters(
    enrolment: Enrolment, monkeypatch: pytest.MonkeyPatch, with_task: bool
) -> None:
    (held,) = assignments_claim(enrolment_id=enrolment.pk, now=NOW).assignments
    stored: list[Any] = [Assignment, Task, Enrolment]
    found: list[list[dict[str, Any]]] = []
    for by in ("sql", "orm"):
        if by == "orm":
            monkeypatch.setattr(counters, "connection", _OtherVendor)
        Assignment.objects.update(status="leased")
        Task.objects.update(n_counted=0, n_a=0, n_leased=1)
        Enrolment.objects.update(n_answers=3, last_seen_at=None)
        assignment = locking.assignment_row(held.pk, enrolment.worker)
        assert assignment
        assignment.status = Assignment.Status.VOTED
        task = assignment.task
        task.n_counted, task.n_a, task.n_leased = 1, 1, 0
        counters.counters_store(
            assignment, task if with_task else None, assignment.enrolment, {"n_answers": 1}, NOW
        )
        found.append([model.objects.values().get() for model in stored])
    assert found[0] == found[1]
    assert found[0][0]["status"] == "voted"
    assert found[0][1]["n_counted"] == int(with_task)
    assert found[0][2]["n_answers"] == 4

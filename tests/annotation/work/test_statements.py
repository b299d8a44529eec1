"""The handwritten SQL statements read and write the same as the ORM."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection, models

from annotation.models import Assignment, Campaign, Enrolment, Task
from annotation.services.work import claims, counters, locking
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


def test_both_read_the_same_enrolment(enrolment: Enrolment, monkeypatch: pytest.MonkeyPatch) -> None:
    Campaign.objects.update(settings={"reward": 0.5, "ontology": [{"slug": "round"}]})
    by_sql = locking.enrolment_locked(enrolment.pk)
    with pytest.raises(Enrolment.DoesNotExist):
        locking.enrolment_locked(enrolment.pk + 1)
    monkeypatch.setattr(locking, "connection", _OtherVendor)
    by_orm = locking.enrolment_locked(enrolment.pk)
    assert _loaded(by_sql) == _loaded(by_orm)
    assert _loaded(by_sql.campaign) == _loaded(by_orm.campaign)
    assert by_sql.campaign.settings["reward"] == 0.5


def test_both_read_the_same_free_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    enrolment = make_enrolment(make_campaign(6))
    assignments_claim(enrolment_id=enrolment.pk, wanted=2, now=NOW)
    Task.objects.filter(position=4).update(status=Task.Status.DECIDED)
    found = []
    for by in ("sql", "orm"):
        if by == "orm":
            monkeypatch.setattr(locking, "connection", _OtherVendor)
        every = locking.free_tasks(enrolment, 9, after=-1, until=99)
        some = locking.free_tasks(enrolment, 2, after=2, until=99)
        found.append([[_loaded(task) for task in tasks] for tasks in (every, some)])
    assert found[0] == found[1]
    assert [task["position"] for task in found[0][0]] == [2, 3, 5]
    assert [task["position"] for task in found[0][1]] == [3, 5]


@pytest.mark.parametrize("n", [0, 2])
def test_both_store_the_same_claim(monkeypatch: pytest.MonkeyPatch, n: int) -> None:
    enrolment = make_enrolment(make_campaign(3))
    leased = list(Task.objects.order_by("position")[:n])
    stored: list[Any] = [Task, Enrolment]
    found: list[list[list[dict[str, Any]]]] = []
    for by in ("sql", "orm"):
        if by == "orm":
            monkeypatch.setattr(claims, "connection", _OtherVendor)
        Task.objects.update(n_leased=0)
        Enrolment.objects.update(cursor=-1, n_served=0, last_seen_at=None)
        enrolment.cursor, enrolment.n_served, enrolment.last_seen_at = 1, 2, NOW
        claims.claim_store(enrolment, leased)
        found.append([list(model.objects.order_by("pk").values()) for model in stored])
    assert found[0] == found[1]
    tasks, enrolments = found[0]
    assert sum(task["n_leased"] for task in tasks) == n
    assert (enrolments[0]["cursor"], enrolments[0]["n_served"]) == (1, 2)

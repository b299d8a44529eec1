"""Stored reports; rules that warn and block, are audited, and respect an operator's decision."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from rest_framework.exceptions import ValidationError

from annotation.models import AuditEvent, Campaign, Enrolment, Vote, WorkerFigures
from annotation.services.aggregation.refresh import aggregation_refresh
from annotation.services.work.claims import assignments_claim
from annotation.services.work.votes import Answer, vote_cast
from annotation.services.workers.moderation import enrolment_unblock
from annotation.services.workers.reports import rules_of, worker_reports_refresh, worker_rules_apply
from tests.support.crowd import key, make_campaign, make_enrolment
from webapp.accounts.models import User

pytestmark = pytest.mark.both_stores

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
FEW = {"least_votes": 10, "least_gold": 5}


def work(enrolment: Enrolment, choose: str, takes_ms: int) -> None:
    """Answer all tasks with "a" or always the same side, each after `takes_ms`."""
    now = NOW
    while held := assignments_claim(enrolment_id=enrolment.pk, wanted=4, now=now).assignments:
        for assignment in held:
            now += timedelta(milliseconds=takes_ms)
            choice = choose if choose != "a" else "left" if assignment.left_is_a else "right"
            answer = Answer(choice, key(), response_ms=2000)
            vote_cast(worker=enrolment.worker, assignment_id=assignment.pk, answer=answer, now=now)


@pytest.fixture
def worked(db: None) -> tuple[Campaign, list[Enrolment]]:
    """Two workers who agree and one who immediately presses left, thirty votes each."""
    campaign = make_campaign(30, stop_when_decided=False, settings={"rules": FEW})
    enrolments = [make_enrolment(campaign) for _ in range(3)]
    for enrolment, choose, takes_ms in zip(enrolments, ["a", "a", "left"], [1500, 2500, 200], strict=True):
        work(enrolment, choose, takes_ms)
    assert Vote.objects.filter(counted=True).count() == 90
    return campaign, enrolments


def test_reports_are_stored_and_updated(worked: tuple[Campaign, list[Enrolment]]) -> None:
    campaign, enrolments = worked
    assert worker_reports_refresh(campaign=campaign, now=NOW) == 3
    first, second, clicker = (WorkerFigures.objects.get(enrolment=one) for one in enrolments)
    assert first.report["n_votes"] == 30
    assert (first.report["median_ms"], second.report["median_ms"]) == (1500, 2500)
    assert first.findings == second.findings == []
    assert clicker.report["left_share"] == 1.0
    assert {(one["rule"], one["level"]) for one in clicker.findings} >= {
        ("speed", "block"),
        ("left", "block"),
    }
    settled = [(one.report["n_settled_right"], one.report["n_settled"]) for one in (first, clicker)]
    (right, of), (clicked_right, clicked) = settled
    assert right == of == clicked_right  # the careful one is compared where the others agree
    assert 14 <= of <= 16  # about half of the sides, which depend on the ids
    assert clicked == 30
    worker_reports_refresh(campaign=campaign, now=NOW + timedelta(hours=1))
    assert WorkerFigures.objects.filter(computed_at__gt=NOW).count() == WorkerFigures.objects.count() == 3


def test_rules_block_once_with_an_audited_reason(worked: tuple[Campaign, list[Enrolment]]) -> None:
    campaign, enrolments = worked
    worker_reports_refresh(campaign=campaign, now=NOW)
    acted = worker_rules_apply(campaign=campaign, now=NOW)
    assert (acted.n_warned, acted.n_blocked) == (0, 1)
    enrolments[2].refresh_from_db()
    assert enrolments[2].blocked
    assert "median answer in ms: 200, limit 300" in enrolments[2].block_reason
    event = AuditEvent.objects.get(action="enrolment.block")
    assert (event.worker, event.by) == (enrolments[2].worker, None)
    assert worker_rules_apply(campaign=campaign, now=NOW).n_blocked == 0
    assert Vote.objects.filter(counted=True).count() == 90  # counted votes stay counted


def test_rules_skip_workers_whom_an_operator_unblocked(
    worked: tuple[Campaign, list[Enrolment]], operator: User
) -> None:
    campaign, enrolments = worked
    worker_reports_refresh(campaign=campaign, now=NOW)
    worker_rules_apply(campaign=campaign, now=NOW)
    enrolment_unblock(enrolment=enrolments[2], by=operator, reason="spoke with them")
    assert worker_rules_apply(campaign=campaign, now=NOW).n_blocked == 0
    enrolments[2].refresh_from_db()
    assert not enrolments[2].blocked


def test_rules_act_only_if_the_campaign_enables_them(worked: tuple[Campaign, list[Enrolment]]) -> None:
    campaign, _ = worked
    aggregation_refresh(campaign=campaign, now=NOW)
    assert not Enrolment.objects.filter(blocked=True).exists()
    campaign.settings["rules_act"] = True
    aggregation_refresh(campaign=campaign, now=NOW)
    assert Enrolment.objects.filter(blocked=True).count() == 1


@pytest.mark.parametrize("rules", [{"gold": 1}, {"gold_warn": "0.5"}, {"gold_warn": True}])
def test_an_unknown_limit_is_refused_by_name(rules: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match=f"rules.{next(iter(rules))}"):
        rules_of(Campaign(settings={"rules": rules}))

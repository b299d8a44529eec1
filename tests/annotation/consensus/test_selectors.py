"""Figures of the operators' page against the same computed from individual votes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from annotation.consensus.agreement import alpha, pairwise_agreement
from annotation.consensus.majority import tally
from annotation.models import Campaign, Enrolment, Task
from annotation.selectors.agreement import agreement_of
from annotation.selectors.forecast import Forecast, forecast_of
from annotation.selectors.progress import progress_cache_clear, progress_of
from annotation.selectors.status_groups import status_groups_of
from annotation.selectors.votes import counted_votes
from annotation.services.work.claims import assignments_claim
from annotation.services.work.votes import Answer, vote_cast
from tests.support.crowd import key, make_campaign, make_enrolment

pytestmark = pytest.mark.both_stores

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def judged(campaign: Campaign, n_workers: int, *, at: datetime = NOW, most: int = 1000) -> None:
    rng = np.random.default_rng(5)
    for _ in range(n_workers):
        enrolment = make_enrolment(campaign)
        for _ in range(most):
            held = assignments_claim(enrolment_id=enrolment.pk, now=at).assignments
            if not held:
                break
            choice = str(rng.choice(["left", "right", "cant_tell"], p=[0.6, 0.3, 0.1]))
            vote_cast(worker=enrolment.worker, assignment_id=held[0].pk, answer=Answer(choice, key()), now=at)


def ahead_of(campaign: Campaign) -> Forecast:
    return forecast_of(campaign, status_groups_of([campaign])[campaign.pk], now=NOW)


@pytest.mark.usefixtures("db")
def test_agreement_from_counters_equals_agreement_from_votes() -> None:
    campaign = make_campaign(45, stop_when_decided=False)
    judged(campaign, 3)
    votes = counted_votes(campaign)
    counts = tally(votes.task, votes.choice)
    found = agreement_of(campaign)
    assert found.alpha == pytest.approx(alpha(counts))
    assert found.agreement == pytest.approx(pairwise_agreement(counts))
    assert found.n_judged == 45
    assert found.n_split == ((counts.n_a > 0) & (counts.n_b > 0)).sum()
    assert found.n_tied == counts.outcomes.count("tie")
    assert 0 < found.n_triples <= 120
    assert found.cycle_rate is not None


@pytest.mark.usefixtures("db")
def test_a_campaign_without_votes_has_no_agreement_and_no_forecast() -> None:
    campaign = make_campaign(3)
    found = agreement_of(campaign)
    assert (found.alpha, found.agreement, found.cycle_rate, found.n_judged) == (None, None, None, 0)
    ahead = ahead_of(campaign)
    assert (ahead.n_missing, ahead.votes_per_minute, ahead.finish_at) == (6, 0, None)


@pytest.mark.usefixtures("db")
def test_the_forecast_divides_missing_votes_by_the_pace_of_the_last_hour() -> None:
    campaign = make_campaign(10, stop_when_decided=False)
    Campaign.objects.filter(pk=campaign.pk).update(opened_at=NOW - timedelta(hours=5))
    campaign.refresh_from_db()
    judged(campaign, 1, at=NOW - timedelta(hours=3), most=6)  # too long ago to affect the pace
    judged(campaign, 1, at=NOW - timedelta(minutes=30))
    ahead = ahead_of(campaign)
    assert ahead.n_missing == 30 - 16
    assert ahead.votes_per_minute == pytest.approx(10 / 60)
    assert ahead.finish_at == NOW + timedelta(minutes=84)


@pytest.mark.usefixtures("db")
def test_there_is_no_forecast_while_nobody_works() -> None:
    campaign = make_campaign(10, stop_when_decided=False)
    Campaign.objects.filter(pk=campaign.pk).update(opened_at=NOW - timedelta(hours=5))
    campaign.refresh_from_db()
    judged(campaign, 1, at=NOW - timedelta(minutes=30), most=6)
    assert ahead_of(campaign).finish_at is not None
    assert progress_of(campaign, now=NOW)["forecast_at"] is None
    Enrolment.objects.update(last_seen_at=NOW)
    progress_cache_clear(campaign)
    assert progress_of(campaign, now=NOW)["forecast_at"] is not None


@pytest.mark.usefixtures("db")
def test_the_forecast_expects_third_votes_at_the_rate_of_past_disagreement() -> None:
    campaign = make_campaign(4)
    first, second, *_ = Task.objects.filter(campaign=campaign)
    Task.objects.filter(pk=first.pk).update(n_counted=2, n_a=2, status="decided")
    Task.objects.filter(pk=second.pk).update(n_counted=2, n_a=1, n_b=1, n_wanted=3)
    # One more vote for the second task, two for each untouched one, and a third for half of these.
    assert ahead_of(campaign).n_missing == 1 + 4 + 2 * 0.5

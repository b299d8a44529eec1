"""The demo's campaigns: one per kind, open, created once, with triplets of the live release's nearest products."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from annotation.models import Campaign, CandidateSet
from annotation.services.tasks.features import Features
from tests.factories import CategoryFactory, ProductFactory
from tools.demo import campaigns
from tools.demo.campaigns import demo_campaigns_open
from webapp.catalog.models import Product
from webapp.search.examples import examples

NOW = datetime(2026, 1, 2, tzinfo=UTC)


@pytest.fixture
def shop(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    chairs = CategoryFactory(slug="chair")
    ProductFactory.create_batch(13, category=chairs)

    def features(sketches: Any, products: list[Product], *, release_id: Any = None) -> Features:
        rng = np.random.default_rng(0)
        drawn, shown = (rng.normal(size=(len(rows), 4)).astype(np.float32) for rows in (sketches, products))
        return Features(drawn, shown, release_id="7")

    monkeypatch.setattr(campaigns, "release_features", features)


@pytest.mark.usefixtures("shop")
def test_three_open_campaigns_are_made_once() -> None:
    assert {campaign.kind for campaign in demo_campaigns_open(now=NOW)} == {
        "triplets",
        "attributes",
        "sketches",
    }
    assert {campaign.status for campaign in Campaign.objects.all()} == {"open"}
    assert demo_campaigns_open(now=NOW) == []
    assert Campaign.objects.count() == 3


@pytest.mark.usefixtures("shop")
def test_triplets_compare_candidates_of_each_example() -> None:
    demo_campaigns_open(now=NOW)
    closer = Campaign.objects.get(slug="demo-closer")
    assert closer.release_id == "7"
    assert CandidateSet.objects.filter(campaign=closer).count() == len(examples())
    assert closer.tasks.count() == campaigns.PAIRS_PER_SKETCH * len(examples())
    assert Campaign.objects.get(slug="demo-memory").tasks.count() == 12

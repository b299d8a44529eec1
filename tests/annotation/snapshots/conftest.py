"""A small judged campaign: four sketches, five products each, all pairs, three votes per pair."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import combinations

import numpy as np
import pytest

from annotation.models import Campaign, Sketch, TripletTask
from annotation.services.tasks.creation import tasks_create
from annotation.services.tasks.imports import JudgedTriplet, votes_import
from tests import factories

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def strokes(seed: int) -> dict[str, object]:
    """Return a valid sketch of three wavy lines."""
    rng = np.random.default_rng(seed)
    lines = [
        [
            [float(x), float(20 + 60 * i + rng.integers(0, 30)), 2000.0 * i + 10 * x]
            for x in range(20, 200, 20)
        ]
        for i in range(3)
    ]
    return {"width": 256, "height": 256, "strokes": lines}


@pytest.fixture
def judged(db: None) -> tuple[Campaign, list[JudgedTriplet]]:
    """The open campaign and its votes; the lower product id wins more often."""
    rng = np.random.default_rng(0)
    category = factories.CategoryFactory(slug="chair")
    products = factories.ProductFactory.create_batch(5, category=category)
    campaign = Campaign.objects.create(title="Chairs", slug="chairs", seed=3, stop_when_decided=False)
    triplets = []
    for number in range(4):
        sketch = Sketch.objects.create(
            source="import",
            name=f"s{number}",
            key=f"key-{number}",
            strokes=strokes(number),
            product=products[number],
        )
        for a, b in combinations(products, 2):
            winners = [
                None if chance > 0.9 else (a.pk if chance < 0.65 else b.pk)
                for chance in rng.random(3).tolist()
            ]
            triplets.append(JudgedTriplet(sketch, (a.pk, b.pk), winners))
    tasks = [
        TripletTask(sketch=one.sketch, candidate_a_id=one.products[0], candidate_b_id=one.products[1])
        for one in triplets
    ]
    tasks_create(campaign=campaign, tasks=tasks, by=None)
    votes_import(campaign=campaign, judged=triplets, source="elsewhere", by=None, now=NOW)
    return campaign, triplets

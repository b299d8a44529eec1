"""A campaign that a model can learn from: thirty ways to draw a chair, judged against the same chairs.

The demo's own campaign has ten sketches of ten things: seven for training, two held out, in other categories. Models that
were tried on it did not pass the gate.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from django.utils import timezone

from annotation.models import Campaign, Kind, Sketch
from annotation.services.campaigns.lifecycle import campaign_create, campaign_step
from annotation.services.tasks.candidates import Plan, candidate_sets_create, triplets_create
from webapp.catalog.selectors import products_on_sale
from webapp.registry.releases.annotation_features import release_features
from webapp.search.examples import examples

SLUG, TITLE = "chairs", "Which chair is closer?"
N_SKETCHES, PAIRS_A_SKETCH = 30, 6


def make() -> Campaign:
    """Create and open the campaign."""
    campaign = campaign_create(by=None, slug=SLUG, kind=Kind.TRIPLETS, title=TITLE, instructions="Choose.")
    rng = np.random.default_rng(0)
    chair = examples()[0]["sketch"]
    # The key decides the split: 17 to train on, 4 to validate on, 9 held out.
    sketches = Sketch.objects.bulk_create(
        Sketch(key=f"chair-{n}", source=Sketch.Source.IMPORT, strokes=_varied(chair, rng))
        for n in range(N_SKETCHES)
    )
    candidate_sets_create(
        campaign=campaign,
        sketches=sketches,
        products=list(products_on_sale(category="chair")),
        provider=release_features,
        by=None,
        force_true_match=False,
    )
    triplets_create(campaign=campaign, plan=Plan(pairs_per_sketch=PAIRS_A_SKETCH), by=None)
    return campaign_step(campaign=campaign, step="open", by=None, now=timezone.now())


def _varied(sketch: dict[str, Any], rng: np.random.Generator) -> dict[str, Any]:
    """Return a variant: wider or narrower, and slanted."""
    size = np.array([sketch["width"], sketch["height"]])
    change = np.eye(2) + rng.uniform(-0.15, 0.15, (2, 2))

    def moved(point: list[float]) -> list[float]:
        x, y = np.clip((np.array(point[:2]) - size / 2) @ change + size / 2, 0, size).round(2).tolist()
        return [x, y, *point[2:]]

    return {**sketch, "strokes": [[moved(point) for point in stroke] for stroke in sketch["strokes"]]}

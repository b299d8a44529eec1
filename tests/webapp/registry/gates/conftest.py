"""A live release, another model's release of the same catalogue, and a frozen snapshot of judged sketches."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.utils import timezone

from annotation.models import Campaign, Kind, Sketch, TripletTask, Vote
from annotation.services.campaigns.lifecycle import campaign_create, campaign_step
from annotation.services.tasks.creation import tasks_create
from annotation.services.tasks.imports import JudgedTriplet, votes_import
from annotation.snapshots.content import Shares
from annotation.snapshots.freeze import snapshot_freeze
from tests.support.live_release import (  # noqa: F401  fixtures
    _live_release_of_this_test,
    make_release,
    products,
    release,
)
from tests.support.tiny_model import tiny_model
from webapp.catalog.models import Product
from webapp.registry.indexes.builds import index_build, index_build_request
from webapp.registry.models import DatasetSnapshot, Release
from webapp.registry.releases.services import model_register, release_create

N_SKETCHES = 12


def strokes(number: int) -> dict[str, object]:
    """Return a drawing, different for each number."""
    x, y = 20 + 13 * number % 60, 20 + 29 * number % 60
    return {
        "width": 100,
        "height": 100,
        "strokes": [[[5, y], [95, y]], [[x, 5], [x, 95]], [[x, y], [95, 95]]],
    }


@pytest.fixture
def candidate(release: Release, products: list[Product], tmp_path: Path) -> Release:  # noqa: F811
    """Create a release of another model, not live."""
    model = model_register(folder=tiny_model(tmp_path / "candidate", seed=5))
    build = index_build_request(model=model)
    index_build(build=build)
    build.refresh_from_db()
    return release_create(index_build=build, note="candidate")


@pytest.fixture
def campaign(products: list[Product]) -> Campaign:  # noqa: F811
    """Twelve sketches of a product, each judged against three others by two imported workers; half drawn at random."""
    campaign = campaign_create(
        by=None, title="Which is closer?", slug="closer", kind=Kind.TRIPLETS, votes_per_task=2
    )
    sketches = [
        Sketch.objects.create(source="import", name=f"s{n}", strokes=strokes(n), product=products[n])
        for n in range(N_SKETCHES)
    ]
    judged = []
    tasks = []
    for n, sketch in enumerate(sketches):
        for step in (1, 2, 3):
            low, high = sorted((products[n].pk, products[(n + step) % len(products)].pk))
            judged.append(JudgedTriplet(sketch, (low, high), [products[n].pk] * 2))
            tasks.append(
                TripletTask(sketch=sketch, candidate_a_id=low, candidate_b_id=high, is_random_share=step == 3)
            )
    tasks_create(campaign=campaign, tasks=tasks, by=None)
    campaign = campaign_step(campaign=campaign, step="open", by=None, now=timezone.now())
    votes_import(campaign=campaign, judged=judged, source="people", by=None, now=timezone.now())
    return campaign


@pytest.fixture
def frozen(campaign: Campaign) -> Callable[..., DatasetSnapshot]:
    """frozen(test=0.5): a snapshot of the campaign's votes; with that share of the products held out."""

    def freeze(test: float = 0.5) -> DatasetSnapshot:
        frozen = snapshot_freeze(campaign=campaign, shares=Shares(0.0, test))
        return DatasetSnapshot.objects.get(pk=frozen.pk)

    return freeze


@pytest.fixture
def vote(campaign: Campaign) -> Vote:
    return Vote.objects.filter(task__campaign=campaign).order_by("pk")[0]

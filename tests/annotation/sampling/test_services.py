"""From sketches to tasks: candidates frozen with their release, pairs by plan, reproducible by the campaign's seed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from django.utils import timezone

from annotation.models import (
    Assignment,
    AttributeTable,
    Campaign,
    CandidateSet,
    Sketch,
    Task,
    TripletTask,
    Vote,
)
from annotation.sampling.candidates import Weights
from annotation.services.tasks.candidates import Plan, candidate_sets_create, triplets_create
from annotation.services.tasks.features import Features, features_provider, no_features
from annotation.snapshots.attributes.freeze import attributes_freeze
from tests.support.crowd import add_tasks, make_enrolment, make_products, make_sketch
from webapp.catalog.models import Product

pytestmark = pytest.mark.django_db


class Line:
    """An encoder for tests: products and sketches are points on a line by id; the release "other" reverses it."""

    def __init__(self) -> None:
        self.asked: list[str | None] = []

    def __call__(
        self, sketches: Sequence[Sketch], products: Sequence[Product], *, release_id: str | None = None
    ) -> Features:
        self.asked.append(release_id)
        place = {product.pk: float(row) for row, product in enumerate(products)}
        sign = -1.0 if release_id == "other" else 1.0
        at = [[place.get(sketch.product_id or 0, 0.0)] for sketch in sketches]
        return Features(
            np.array(at, np.float32),
            np.array([[sign * place[product.pk]] for product in products], np.float32),
            release_id or "live",
        )


@pytest.fixture
def campaign() -> Campaign:
    return Campaign.objects.create(title="C", slug="c", seed=11)


def prepared(
    campaign: Campaign, n_sketches: int = 2, n_products: int = 14
) -> tuple[list[Sketch], list[Product]]:
    products = make_products(n_products)
    sketches = [make_sketch(product=products[3 * i]) for i in range(n_sketches)]
    candidate_sets_create(campaign=campaign, sketches=sketches, products=products, provider=Line(), by=None)
    return sketches, products


def test_the_ten_nearest_are_frozen_with_release_weights_and_distances(campaign: Campaign) -> None:
    sketches, products = prepared(campaign)
    found = CandidateSet.objects.get(sketch=sketches[1])
    places = [[product.pk for product in products].index(pk) for pk in found.products]
    assert places == [3, 2, 4, 1, 5, 0, 6, 7, 8, 9]
    assert found.distances == [0, 1, 1, 2, 2, 3, 3, 4, 5, 6]
    assert (found.release_id, found.weights) == ("live", {"attributes": 1.0, "feature": 1.0})
    assert campaign.release_id == "live"


def test_existing_candidates_are_kept(campaign: Campaign) -> None:
    sketches, products = prepared(campaign)
    again = candidate_sets_create(
        campaign=campaign, sketches=sketches, products=products[::-1], provider=Line(), by=None
    )
    assert again == []
    assert CandidateSet.objects.count() == 2


def test_the_true_match_is_forced_in_or_not(campaign: Campaign) -> None:
    products = make_products(5)
    far = make_sketch(product=products[4])

    def blind(
        sketches: Sequence[Sketch], products: Sequence[Product], *, release_id: str | None = None
    ) -> Features:
        return Features(np.zeros((1, 1), np.float32), np.arange(5, dtype=np.float32)[:, None], "live")

    other = Campaign.objects.create(title="D", slug="d")
    for one, force in ((campaign, True), (other, False)):
        candidate_sets_create(
            campaign=one, sketches=[far], products=products, provider=blind, by=None, n_candidates=3,
            force_true_match=force,
        )  # fmt: skip
    ids = [product.pk for product in products]
    assert CandidateSet.objects.get(campaign=campaign).products == [ids[0], ids[1], ids[4]]
    assert CandidateSet.objects.get(campaign=other).products == ids[:3]


def frozen(answers: Sequence[tuple[Mapping[str, Any], bool, bool | None]]) -> AttributeTable:
    """Freeze a campaign in which each subject was described by one worker: high and soft."""
    ontology = [{"slug": slug, "en": slug, "de": slug} for slug in ("high", "soft")]
    judged = Campaign.objects.create(
        kind="attributes", title="A", slug="a", votes_per_task=1, settings={"ontology": ontology}
    )
    tasks = add_tasks(judged, [Task(**target) for target, _, _ in answers])
    enrolment = make_enrolment(judged)
    for task, (_, high, soft) in zip(tasks, answers, strict=True):
        assignment = Assignment.objects.create(
            task=task, worker=enrolment.worker, enrolment=enrolment, lease_expires_at=timezone.now()
        )
        Vote.objects.create(
            assignment=assignment, task=task, worker=enrolment.worker, choice="values", counted=True, slot=1,
            values={"high": high, "soft": soft}, idempotency_key=f"key-{task.pk}",
        )  # fmt: skip
    Task.objects.filter(campaign=judged).update(n_counted=1, status="decided")
    return attributes_freeze(campaign=judged)


def test_attribute_votes_choose_candidates_without_an_encoder(campaign: Campaign) -> None:
    products, sketch = make_products(3), make_sketch()
    table = frozen(
        [
            ({"sketch": sketch}, True, False),
            ({"product": products[0]}, False, True),
            ({"product": products[1]}, True, False),
            ({"product": products[2]}, True, None),
        ]
    )
    candidate_sets_create(
        campaign=campaign, sketches=[sketch], products=products, provider=no_features, by=None, n_candidates=3,
        weights=Weights(2, 0), attributes_from=table,
    )  # fmt: skip
    ids = [product.pk for product in products]
    found = CandidateSet.objects.get(campaign=campaign)
    assert found.products == [ids[1], ids[2], ids[0]]
    assert found.weights == {"attributes": 2, "feature": 0, "attributes_from": table.sha256}


def test_disagreement_depends_on_attributes(campaign: Campaign) -> None:
    """Where attributes tell two photos apart, two models that differ in features disagree less."""
    products = make_products(4)
    sketch = make_sketch(product=products[1])
    table = frozen(
        [({"sketch": sketch}, True, True)]
        + [({"product": product}, place > 0, place > 0) for place, product in enumerate(products)]
    )
    chosen = []
    for slug, attributes_from in (("plain", None), ("described", table)):
        one = Campaign.objects.create(title=slug, slug=slug, seed=1)
        terms: dict[str, Any] = {"weights": Weights(50, 1), "attributes_from": attributes_from}
        candidate_sets_create(
            campaign=one, sketches=[sketch], products=products, provider=Line(), by=None, **terms
        )
        plan = Plan(strategy="disagreement", n_triplets=1, random_share=0)
        triplets_create(campaign=one, plan=plan, by=None, provider=Line(), candidate_release="other", **terms)
        task = TripletTask.objects.get(campaign=one)
        chosen.append({task.candidate_a, task.candidate_b})
    assert chosen[0] == {products[0], products[1]}  # each model prefers another of the two
    assert products[0] not in chosen[1]  # which lacks what the sketch has, whatever a model says
    assert one.settings["choice"]["attributes_from"] == table.sha256


def test_all_pairs_become_triplets_once_with_a_marked_random_share(campaign: Campaign) -> None:
    prepared(campaign)
    assert triplets_create(campaign=campaign, plan=Plan(), by=None).made == 90
    assert triplets_create(campaign=campaign, plan=Plan(), by=None).made == 0
    tasks = TripletTask.objects.filter(campaign=campaign)
    assert tasks.filter(is_random_share=True).count() == 14  # 15 %, rounded up
    assert all((task.candidate_a_id or 0) < (task.candidate_b_id or 0) for task in tasks)
    campaign.refresh_from_db()
    assert campaign.settings["choice"]["strategy"] == "all"


def test_budgets_per_sketch_and_in_total(campaign: Campaign) -> None:
    prepared(campaign)
    plan = Plan(strategy="random", pairs_per_sketch=20, n_triplets=30)
    assert triplets_create(campaign=campaign, plan=plan, by=None).made == 30


def test_the_campaigns_seed_makes_everything_reproducible() -> None:
    products = make_products(12)
    sketches = [make_sketch(product=product) for product in products[:3]]
    chosen = []
    for slug, seed in (("one", 5), ("two", 5), ("three", 6)):
        campaign = Campaign.objects.create(title=slug, slug=slug, seed=seed)
        candidate_sets_create(
            campaign=campaign, sketches=sketches, products=products, provider=Line(), by=None
        )
        plan = Plan(strategy="random", pairs_per_sketch=30, n_triplets=40)
        triplets_create(campaign=campaign, plan=plan, by=None)
        rows = TripletTask.objects.filter(campaign=campaign).order_by("position")
        chosen.append(list(rows.values_list("sketch", "candidate_a", "candidate_b", "is_random_share")))
    assert chosen[0] == chosen[1]
    assert set(chosen[0]) != set(chosen[2])


def test_disagreement_chooses_triplets_with_differing_models_and_divided_votes(campaign: Campaign) -> None:
    (sketch,), _ = prepared(campaign, n_sketches=1)
    provider = Line()
    plan = Plan(strategy="disagreement", n_triplets=15, random_share=0.2)
    made = triplets_create(
        campaign=campaign, plan=plan, by=None, provider=provider, candidate_release="other"
    )
    assert made.made == 15
    assert provider.asked == [None, "other"]
    tasks = TripletTask.objects.filter(campaign=campaign)
    assert tasks.filter(is_random_share=True).count() == 3
    campaign.refresh_from_db()
    assert campaign.settings["choice"]["candidate_release"] == "other"
    assert {task.sketch for task in tasks} == {sketch}


def test_disagreement_needs_a_second_model(campaign: Campaign) -> None:
    prepared(campaign)
    with pytest.raises(ValueError, match="candidate_release"):
        triplets_create(campaign=campaign, plan=Plan(strategy="disagreement"), by=None, provider=Line())


def test_the_provider_is_read_from_the_settings(settings: object) -> None:
    settings.ANNOTATION_FEATURES = "annotation.services.tasks.features.no_features"  # type: ignore[attr-defined]
    assert features_provider() is no_features
    settings.ANNOTATION_FEATURES = ""  # type: ignore[attr-defined]
    assert features_provider() is no_features

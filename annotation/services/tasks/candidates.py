"""From sketches to triplets: choose each sketch's candidates, frozen with the release, then the pairs to judge."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
from django.db import transaction
from django.utils import timezone
from numpy.typing import NDArray

from annotation.models import AttributeTable, Campaign, CandidateSet, Sketch, Task, TripletTask
from annotation.sampling.candidates import Descriptors, Weights, distances, nearest
from annotation.sampling.choice import Strategy, choose, closeness, disagreement, vote_entropy
from annotation.sampling.pairs import pairs
from annotation.selectors.attribute_tables import attribute_vectors
from annotation.services.audit import audit
from annotation.services.tasks.creation import Added, tasks_create
from annotation.services.tasks.features import Features, Provider
from annotation.services.tasks.rounds import rounds_start
from webapp.accounts.models import User
from webapp.catalog.models import Product


@dataclass(frozen=True, slots=True)
class Plan:
    """Which pairs of candidates are judged.

    pairs_per_sketch: None for all (45 for ten candidates). n_triplets: total over all sketches, for "random" and
    "disagreement". entropy_weight: weight of one bit of entropy of earlier votes, relative to the disagreement. risk: for
    "adaptive", where votes choose the pairs: how likely the order of a pair that nobody is asked may be wrong.
    """

    strategy: Strategy | Literal["adaptive"] = "all"
    pairs_per_sketch: int | None = None
    n_triplets: int | None = None
    random_share: float = 0.15
    entropy_weight: float = 0.5
    risk: float = 0.1


@transaction.atomic
def candidate_sets_create(
    *,
    campaign: Campaign,
    sketches: Sequence[Sketch],
    products: Sequence[Product],
    provider: Provider,
    by: User | None,
    weights: Weights = Weights(),  # noqa: B008 (frozen)
    n_candidates: int = 10,
    force_true_match: bool = True,
    attributes_from: AttributeTable | None = None,
) -> list[CandidateSet]:
    """Freeze the nearest of `products` for each sketch that has no candidates in this campaign yet.

    Near by features and, with `attributes_from`, by the attributes that workers gave them.
    """
    had = set(CandidateSet.objects.filter(campaign=campaign).values_list("sketch_id", flat=True))
    fresh = [sketch for sketch in sketches if sketch.pk not in had]
    if not fresh or not products:
        return []
    features = provider(fresh, products)
    described = _descriptors(fresh, products, features, attributes_from)
    distance = distances(*described, weights)
    row_of = {product.pk: row for row, product in enumerate(products)}
    true = (
        np.array([row_of.get(sketch.product_id or 0, -1) for sketch in fresh]) if force_true_match else None
    )
    chosen = nearest(distance, n=n_candidates, true_photo=true)
    sets = CandidateSet.objects.bulk_create(
        CandidateSet(
            campaign=campaign,
            sketch=sketch,
            products=[products[row].pk for row in rows],
            distances=[round(float(distance[q, row]), 6) for row in rows],
            release_id=features.release_id,
            weights=_weights_stated(weights, attributes_from),
            true_match_forced=force_true_match,
        )
        for q, (sketch, rows) in enumerate(zip(fresh, chosen.tolist(), strict=True))
    )
    if not campaign.release_id and features.release_id:
        Campaign.objects.filter(pk=campaign.pk).update(release_id=features.release_id)
        campaign.release_id = features.release_id
    audit("candidates.create", by=by, campaign=campaign, made=len(sets), release=features.release_id)
    return sets


@transaction.atomic
def triplets_create(
    *,
    campaign: Campaign,
    plan: Plan,
    by: User | None,
    provider: Provider | None = None,
    candidate_release: str | None = None,
    weights: Weights = Weights(),  # noqa: B008 (frozen)
    attributes_from: AttributeTable | None = None,
) -> Added:
    """Create the campaign's triplets from its candidate sets. Reproducible by the seed.

    "disagreement" compares the live release with `candidate_release` through `provider`, both with the attributes of
    `attributes_from`; raises ValueError without a release. "adaptive" creates only the first round of each sketch.
    """

    def score(triplets: Sequence[Triplet]) -> NDArray[np.float64]:
        if provider is None or not candidate_release:
            raise ValueError("candidate_release: disagreement needs a release to compare with the live one")
        return _scores(
            triplets,
            provider,
            candidate_release,
            entropy_weight=plan.entropy_weight,
            weights=weights,
            attributes_from=attributes_from,
        )

    if plan.strategy == "adaptive":
        added = Added(rounds_start(campaign=campaign, risk=plan.risk, by=by, now=timezone.now()), known=0)
    else:
        added = _chosen_create(campaign, plan, plan.strategy, by, score)
    if added.made:  # otherwise nothing was chosen
        campaign.settings = {
            **campaign.settings,
            "choice": {
                **asdict(plan),
                "candidate_release": candidate_release,
                **({"attributes_from": attributes_from.sha256} if attributes_from else {}),
            },
        }
        campaign.save(update_fields=["settings"])
    return added


def _chosen_create(
    campaign: Campaign,
    plan: Plan,
    strategy: Strategy,
    by: User | None,
    score: Callable[[Sequence[Triplet]], NDArray[np.float64]],
) -> Added:
    sets = list(CandidateSet.objects.filter(campaign=campaign).select_related("sketch").order_by("pk"))
    triplets: list[Triplet] = [
        (
            candidates.sketch,
            min(candidates.products[i], candidates.products[j]),
            max(candidates.products[i], candidates.products[j]),
        )
        for candidates in sets
        for i, j in pairs(
            len(candidates.products),
            plan.pairs_per_sketch,
            np.random.default_rng([campaign.seed, candidates.sketch_id]),
        )
    ]
    chosen = choose(
        strategy,
        len(triplets),
        len(triplets) if plan.n_triplets is None else plan.n_triplets,
        random_share=plan.random_share,
        rng=np.random.default_rng(campaign.seed),
        score=score(triplets) if strategy == "disagreement" else None,
    )
    tasks = []
    for row, is_random in zip(chosen.rows.tolist(), chosen.is_random.tolist(), strict=True):
        sketch, a, b = triplets[row]
        tasks.append(
            TripletTask(sketch=sketch, candidate_a_id=a, candidate_b_id=b, is_random_share=is_random)
        )
    return tasks_create(campaign=campaign, tasks=tasks, by=by, shuffle=True)


Triplet = tuple[Sketch, int, int]  # a sketch and the ids of two products, the lower first


def _descriptors(
    sketches: Sequence[Sketch],
    products: Sequence[Product],
    features: Features,
    attributes_from: AttributeTable | None,
) -> tuple[Descriptors, Descriptors]:
    if attributes_from is None:
        of_sketches = np.zeros((len(sketches), 0), np.float32)
        of_products = np.zeros((len(products), 0), np.float32)
    else:
        of_sketches, of_products = attribute_vectors(attributes_from, sketches=sketches, products=products)
    return Descriptors(of_sketches, features.sketches), Descriptors(of_products, features.products)


def _weights_stated(weights: Weights, attributes_from: AttributeTable | None) -> dict[str, Any]:
    """Return the weights as stored with candidates and stated in snapshots, with the id of the attribute table."""
    return asdict(weights) | ({"attributes_from": attributes_from.sha256} if attributes_from else {})


def _scores(
    triplets: Sequence[Triplet],
    provider: Provider,
    candidate_release: str,
    *,
    entropy_weight: float,
    weights: Weights,
    attributes_from: AttributeTable | None,
) -> NDArray[np.float64]:
    """Return the disagreement of live and candidate model plus the weighted entropy of earlier votes, (T,)."""
    sketches = list({sketch.pk: sketch for sketch, _, _ in triplets}.values())
    ids = sorted({product for _, a, b in triplets for product in (a, b)})
    found = Product.everything.in_bulk(ids)
    products = [found[pk] for pk in ids]
    row_of = {sketch.pk: row for row, sketch in enumerate(sketches)}
    place = {pk: row for row, pk in enumerate(ids)}
    q = np.array([row_of[sketch.pk] for sketch, _, _ in triplets])
    a = np.array([place[low] for _, low, _ in triplets])
    b = np.array([place[high] for _, _, high in triplets])
    views = []
    for release in (None, candidate_release):
        features = provider(sketches, products, release_id=release)
        distance = distances(*_descriptors(sketches, products, features, attributes_from), weights)
        views.append(closeness(distance[q, a], distance[q, b]))
    n_a, n_b = _earlier_votes(triplets)
    return disagreement(*views) + entropy_weight * vote_entropy(n_a, n_b)


def _earlier_votes(triplets: Sequence[Triplet]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the votes for a and for b on the same triplets in any campaign, (T,) each."""
    counted: dict[tuple[int | None, ...], list[int]] = {}
    asked = Task.objects.filter(kind="triplets", sketch__in={sketch.pk for sketch, _, _ in triplets})
    for sketch, a, b, n_a, n_b in asked.values_list(
        "sketch_id", "candidate_a_id", "candidate_b_id", "n_a", "n_b"
    ):
        so_far = counted.setdefault((sketch, a, b), [0, 0])
        so_far[0] += n_a
        so_far[1] += n_b
    rows = np.array([counted.get((sketch.pk, a, b), [0, 0]) for sketch, a, b in triplets]).reshape(-1, 2)
    return rows[:, 0], rows[:, 1]

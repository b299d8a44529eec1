"""The real votes of Shoe-V1 and Chair-V1: majority, alpha and cycles against an independent reading of the files."""

from __future__ import annotations

import json
import os
import zipfile
from collections import Counter
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path
from typing import Any

import krippendorff
import numpy as np
import pytest

from annotation.models import Campaign, Consensus, Sketch, TripletTask
from annotation.selectors.agreement import agreement_of
from annotation.services.aggregation.consensus import consensus_check, consensus_recompute
from annotation.services.tasks.creation import tasks_create
from annotation.services.tasks.imports import JudgedTriplet, qmul_v1_import, votes_import
from annotation.services.tasks.qmul_v1 import qmul_v1_annotation
from annotation.snapshots.freeze import snapshot_freeze
from ml.api import check_dataset
from webapp.catalog.models import Category, Product
from webapp.stores import artifacts

pytestmark = [pytest.mark.real_data, pytest.mark.django_db, pytest.mark.slow]
NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
PARTS = {
    ("shoes", "train"): 13_680,
    ("shoes", "test"): 5_175,
    ("chairs", "train"): 9_000,
    ("chairs", "test"): 4_365,
}


def root(category: str) -> Path:
    return Path(os.environ["SKETCHFIND_DATA"]) / "qmul-v1.zip" / "qmul-v1" / category


def raw(category: str, split: str) -> Any:
    """Return the file's content, read by the standard library alone."""
    with zipfile.ZipFile(Path(os.environ["SKETCHFIND_DATA"]) / "qmul-v1.zip") as pack:
        return json.loads(pack.read(f"qmul-v1/{category}/annotation/{category}_annotation.json"))[split]


def wins_of(part: Any) -> list[Counter[tuple[int, int]]]:
    """Return for each sketch how often each photo won against each other photo."""
    return [Counter((nearer, farther) for nearer, farther in pairs) for pairs in part["triplets"]]


def voted(category: str, split: str) -> tuple[Campaign, list[int], list[int]]:
    """Create a campaign with every vote of the file, on bare products and sketches; return their ids by position."""
    annotation = qmul_v1_annotation(root(category), split)
    shelf = Category.objects.create(slug=category, name_en=category)
    Product.objects.bulk_create(
        Product(sku=f"p{i}", name=str(i), category=shelf) for i in range(len(annotation.photos))
    )
    products = list(Product.objects.order_by("pk").values_list("pk", flat=True))
    strokes = {"width": 1, "height": 1, "strokes": [[[0, 0], [1, 1]]]}
    sketches = Sketch.objects.bulk_create(
        Sketch(source="import", name=str(i), strokes=strokes) for i in range(len(annotation.sketches))
    )
    campaign = Campaign.objects.create(
        title=category, slug=category, stop_when_decided=False, votes_per_task=3 if split == "train" else 1
    )
    judged = []
    for sketch, votes in zip(sketches, annotation.votes, strict=True):
        by_pair: dict[tuple[int, int], list[int | None]] = {}
        for vote in votes:
            low, high = sorted((products[vote.nearer], products[vote.farther]))
            by_pair.setdefault((low, high), []).append(products[vote.nearer])
        judged += [JudgedTriplet(sketch, pair, winners) for pair, winners in by_pair.items()]
    tasks = [
        TripletTask(sketch=one.sketch, candidate_a_id=one.products[0], candidate_b_id=one.products[1])
        for one in judged
    ]
    tasks_create(campaign=campaign, tasks=tasks, by=None)
    votes_import(campaign=campaign, judged=judged, source="qmul-v1", by=None, now=NOW)
    return campaign, products, [sketch.pk for sketch in sketches]


@pytest.mark.parametrize(("category", "split"), PARTS)
def test_majorities_agreement_alpha_and_cycles_match_the_file(category: str, split: str) -> None:
    campaign, products, sketches = voted(category, split)
    consensus_recompute(campaign=campaign, now=NOW, aggregations=["majority"])
    assert consensus_check(campaign=campaign, now=NOW) == []
    ours = {
        (sketch, frozenset((a, b))): {"a": a, "b": b, "tie": None}[outcome]
        for sketch, a, b, outcome in Consensus.objects.values_list(
            "task__sketch_id", "task__candidate_a_id", "task__candidate_b_id", "outcome"
        )
    }
    counts, cyclic, triples = [], 0, 0
    for row, wins in enumerate(wins_of(raw(category, split))):
        for one, other in {(min(pair), max(pair)) for pair in wins}:
            counts.append((wins[one, other], wins[other, one]))
            winner = one if wins[one, other] > wins[other, one] else other
            assert ours[sketches[row], frozenset((products[one], products[other]))] == products[winner]
        names = sorted({photo for pair in wins for photo in pair})
        better = {(a, b) for a in names for b in names if wins[a, b] > wins[b, a]}
        for a, b, c in combinations(names, 3):
            triples += 1
            cyclic += {(a, b), (b, c), (c, a)} <= better or {(b, a), (c, b), (a, c)} <= better
    assert len(counts) == len(ours) == PARTS[category, split]
    found = agreement_of(campaign)
    assert found.n_triples == triples
    assert found.cycle_rate == pytest.approx(cyclic / triples)
    if split == "test":  # one merged judgement per pair, so no agreement
        assert (found.alpha, found.agreement) == (None, None)
        return
    unanimous = np.mean([0 in pair for pair in counts])
    assert found.agreement == pytest.approx(unanimous + (1 - unanimous) / 3)
    alpha = krippendorff.alpha(value_counts=np.array(counts), level_of_measurement="nominal")
    assert found.alpha == pytest.approx(alpha)
    print(
        f"{category} train: {len(counts)} pairs, {unanimous:.4f} unanimous, pairwise agreement {found.agreement:.4f}, "
        f"alpha {found.alpha:.4f}, cycle rate of majorities {found.cycle_rate:.4f} ({cyclic} of {triples})"
    )


@pytest.mark.parametrize("category", ["shoes", "chairs"])
def test_imported_pictures_and_votes_freeze_into_a_training_set(category: str) -> None:
    annotation = qmul_v1_annotation(root(category), "train")
    campaign = Campaign.objects.create(title=category, slug=category, stop_when_decided=False)
    judged = qmul_v1_import(annotation=annotation, campaign=campaign, n_sketches=6, by=None)
    assert len(judged) == 6 * 45
    votes_import(campaign=campaign, judged=judged, source="qmul-v1", by=None, now=NOW)
    snapshot = snapshot_freeze(campaign=campaign)
    report = check_dataset("snapshot", artifacts.local_folder(snapshot.folder, ()))
    assert report["ok"], report
    assert snapshot.facts["counts"]["triplets"] == 6 * 45
    assert snapshot.facts["counts"]["votes"] == 6 * 135

"""A snapshot's bytes are a contract: runs name it by the SHA-256 of its manifest. These were written by version 0.1."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from django.core.files.storage import storages

from annotation.models import Assignment, Campaign, Sketch, TripletTask
from annotation.services.tasks.creation import tasks_create
from annotation.services.tasks.imports import JudgedTriplet, votes_import
from annotation.snapshots.content import Shares
from annotation.snapshots.freeze import snapshot_freeze
from tests import factories
from tests.annotation.snapshots.conftest import NOW, strokes

pytestmark = [pytest.mark.django_db, pytest.mark.both_stores]

SHA256 = "88d3fb463d883c79a419ee8b68765d95a12e98e9fd3c047e436434ad5f67683b"
FILES = {
    "photos/CHAIR-0.webp": "96210597a3cedee79899b4b1a5068078e7ac45d7489f7ceeb69383db21f322a5",
    "photos/CHAIR-1.webp": "e5a5555d73bc0e1568d65563abf327bd6c0b9b9dc3336e86e0b17e865e9ee6d2",
    "photos/CHAIR-2.webp": "9b73ce2e5c72e9c8eb35ae3f509ef901b26ed3e9811f0782f3633cceab140918",
    "products.jsonl": "7673edcd39113e75d1b59b6e6552ffccda4c766c5c30055e1de0d080c34589bd",
    "sketches.ndjson": "9ce88d5e5fa0a4788059a9b7a61d26b7b2a968e3fd40aad5992c50db64479828",
    "triplets.jsonl": "e20f5f18a2e4af8b70bc1f6253ef18b0d906e322f0e7224f6dcc39ba07249983",
    "votes.jsonl": "45e4a3c7fd891e4fb3b471853d9fbc3d2f121d90cadbe92e76d9a4e8bf304584",
}


def campaign_judged() -> Campaign:
    """Three products with names and photos of fixed bytes, two sketches, three votes on each pair."""
    category = factories.CategoryFactory(slug="chair")
    products = [
        factories.ProductFactory(sku=f"CHAIR-{n}", name=f"Stühle {n}", category=category) for n in range(3)
    ]
    for number, product in enumerate(products):
        Path(product.main_photo.file.path).write_bytes(b"photo %d" % number)
    campaign = Campaign.objects.create(title="Chairs", slug="chairs", seed=3, stop_when_decided=False)
    rng = np.random.default_rng(0)
    judged = []
    for number in range(2):
        sketch = Sketch.objects.create(
            source="import", key=f"key-{number}", strokes=strokes(number), product=products[number]
        )
        for a, b in combinations(products, 2):
            chances = rng.random(3).tolist()
            winners = [None if chance > 0.9 else (a.pk if chance < 0.65 else b.pk) for chance in chances]
            judged.append(JudgedTriplet(sketch, (a.pk, b.pk), winners))
    tasks = [
        TripletTask(sketch=one.sketch, candidate_a_id=one.products[0], candidate_b_id=one.products[1])
        for one in judged
    ]
    tasks_create(campaign=campaign, tasks=tasks, by=None)
    votes_import(campaign=campaign, judged=judged, source="elsewhere", by=None, now=NOW)
    Assignment.objects.update(left_is_a=True)  # else drawn from the enrolments' ids
    return campaign


def test_the_same_votes_give_the_bytes_that_they_gave_before() -> None:
    snapshot = snapshot_freeze(campaign=campaign_judged(), shares=Shares(val=0.2, test=0.3))
    folder = Path(storages["private"].path(snapshot.folder))
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["counts"]["triplets"] > 0
    assert manifest["files"] == FILES
    assert snapshot.sha256 == SHA256

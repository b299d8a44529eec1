"""Clicks as weak triplets in a snapshot of their own source."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from ml.contracts.snapshot import (
    CLICKS,
    MANIFEST,
    PRODUCTS,
    SKETCHES,
    TRIPLETS,
    VOTES,
    read_lines,
    write_files,
    write_manifest,
)
from ml.contracts.split import split_of
from ml.datasets.clicks import clicked
from ml.datasets.files import open_files
from ml.datasets.snapshot import altered, read_snapshot
from ml.sketch.formats.quickdraw import Drawing
from ml.sketch.strokes import parse_sketch
from tests.webapp.clicks.conftest import SKETCH
from webapp.catalog.models import Product
from webapp.clicks.models import Answer
from webapp.clicks.teaching.collect import position_bias
from webapp.clicks.teaching.freeze import clicks_freeze
from webapp.http.problems import ConflictError
from webapp.registry.datasets import snapshot_folder
from webapp.registry.gates.held_out import held_out
from webapp.registry.models import DatasetSnapshot, Release
from webapp.stores import artifacts

Answers = Callable[..., Answer]


@pytest.fixture
def learning(settings: Settings) -> None:
    settings.RECORD_CLICKS, settings.LEARN_FROM_CLICKS = "on", True


@pytest.fixture
def an_answer(release: Release, products: list[Product]) -> Answers:
    """Store an answer that showed all products in their order, with clicks at the given ranks."""

    def store(*ranks: int, sketch: Any = SKETCH, **fields: Any) -> Answer:
        answer = Answer.objects.create(
            key=uuid4().hex[:12],
            release=release,
            kind="sketch",
            good=True,
            product_ids=[product.pk for product in products],
            sketch=sketch,
            at=datetime(2026, 11, 29, tzinfo=UTC),
            **fields,
        )
        for rank in ranks:
            answer.clicks.create(product=products[rank - 1], rank=rank)
        return answer

    return store


def rows(snapshot: DatasetSnapshot, name: str = CLICKS) -> list[dict[str, Any]]:
    return [row for _, row in read_lines((snapshot_folder(snapshot) / name).read_bytes(), name)]


def split(sku: str) -> str:
    return split_of(sku, val=0.1, test=0.2)


def test_a_click_prefers_what_was_opened_to_what_was_passed_over(
    learning: None, an_answer: Answers, products: list[Product]
) -> None:
    answer = an_answer(3)
    found = rows(clicks_freeze(base=None))
    opened = products[2].sku
    assert {row["opened"] for row in found} == {opened}
    assert {row["sketch"] for row in found} == {f"click-{answer.key}"}
    passed = [product.sku for product in products[:10] if product.sku != opened]
    if split(opened) == "train":
        passed = [sku for sku in passed if split(sku) == "train"]
    assert [row["passed_over"] for row in found] == passed
    # Rank 3 under a bias of 1, nine triplets.
    assert all(row["weight"] == pytest.approx(3 / 9) for row in found)


def test_only_drawings_that_visitors_gave_teach(learning: None, an_answer: Answers) -> None:
    an_answer(2, sketch=None)
    an_answer()
    with pytest.raises(ConflictError, match="with its drawing"):
        clicks_freeze(base=None)


def test_the_position_bias_comes_from_pairs_that_a_coin_ordered(an_answer: Answers) -> None:
    assert position_bias().n_clicks == 0
    for _ in range(40):
        an_answer(1, pair=1)
    an_answer(2, pair=1)
    an_answer(7, pair=1)  # outside of its pair
    an_answer(1)
    found = position_bias()
    assert found.n_clicks == 41
    assert found.exponent > 1.5


def test_a_snapshot_with_clicks_trains_and_states_each_source(
    learning: None, an_answer: Answers, tmp_path: Path
) -> None:
    for rank in range(1, 9):
        an_answer(rank)
    snapshot = clicks_freeze(base=None)
    assert clicks_freeze(base=None).pk == snapshot.pk  # the same clicks
    files = open_files(snapshot_folder(snapshot), "snapshot")
    dataset = read_snapshot(files)
    assert altered(files) == []
    assert len(dataset.votes) == 0
    weak = clicked(dataset)
    assert len(weak) == snapshot.facts["counts"]["clicks"] > 8
    train = weak.of("train")
    assert {dataset.photos[row].split for row in train.triplets[:, 1:].ravel().tolist()} == {"train"}
    assert snapshot.facts["clicks"]["answers"] == len(dataset.sketches)
    assert snapshot.facts["counts"]["triplets"] == 0


def test_a_sku_that_is_no_file_name_is_kept(
    learning: None, an_answer: Answers, products: list[Product]
) -> None:
    for number, product in enumerate(products):
        product.sku = f"../стул/{number}"
        product.save()
    an_answer(3)
    snapshot = clicks_freeze(base=None)
    assert altered(open_files(snapshot_folder(snapshot), "snapshot")) == []
    photos = {row["photo"] for row in rows(snapshot, PRODUCTS)}
    assert photos
    assert all((snapshot_folder(snapshot) / name).parent.name == "photos" for name in photos)
    assert products[2].sku in {row["key"] for row in rows(snapshot, PRODUCTS)}


def test_votes_stay_as_they_are_beside_clicks(
    learning: None, an_answer: Answers, products: list[Product], votes: DatasetSnapshot
) -> None:
    an_answer(1)
    snapshot = clicks_freeze(base=votes)
    before, after = snapshot_folder(votes), snapshot_folder(snapshot)
    for name in (TRIPLETS, VOTES):
        assert (after / name).read_bytes() == (before / name).read_bytes()
    assert json.loads((after / "manifest.json").read_text())["parent"] == votes.sha256
    assert snapshot.facts["counts"]["triplets"] == 1
    assert snapshot.facts["counts"]["clicks"] == len(rows(snapshot))
    assert len(rows(snapshot, SKETCHES)) == len(rows(votes, SKETCHES)) + 1
    assert not (before / CLICKS).exists()
    with pytest.raises(ConflictError, match="already contains clicks"):
        clicks_freeze(base=snapshot)


@pytest.fixture
def votes(products: list[Product]) -> DatasetSnapshot:
    """A snapshot with one judged triplet."""
    with_photos = products[:2]
    folder = Path(artifacts.storage().path("staged"))
    (folder / "photos").mkdir(parents=True)
    listed = []
    for product in with_photos:
        photo = product.main_photo
        assert photo
        name = f"photos/{product.sku}.webp"
        (folder / name).write_bytes(photo.file.read())
        listed.append({"key": product.sku, "category": "a", "split": "train", "photo": name})
    names = write_files(
        folder,
        products=listed,  # type: ignore[arg-type]
        drawings=[Drawing(parse_sketch(SKETCH), "s1", "a", fields={"photo": None, "split": "train"})],
        triplets=[{"sketch": "s1", "positive": "p0", "negative": "p1", "split": "train"}],
        votes=[],
    )
    files = {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest()
        for name in sorted([*names, *(row["photo"] for row in listed)])
    }
    counts = {"products": 2, "sketches": 1, "triplets": 1, "ties": 0, "votes": 0, "random": 0}
    sha256 = write_manifest(
        folder,
        {
            "format": "sketchfind-snapshot",
            "version": 1,
            "name": "votes",
            "split": {"by": "product", "val": 0.1, "test": 0.2},
            "counts": counts,  # type: ignore[typeddict-item]
            "files": files,
        },
    )
    artifacts.publish(folder, f"snapshots/{sha256}", files, last=MANIFEST)
    return DatasetSnapshot.objects.create(
        name="votes", format="snapshot", sha256=sha256, folder=f"snapshots/{sha256}", facts={"counts": counts}
    )


def test_gates_measure_held_out_clicks_apart_from_judgements(learning: None, an_answer: Answers) -> None:
    for rank in range(1, 13):
        an_answer(rank)
    data = held_out(snapshot_folder(clicks_freeze(base=None)))
    assert data.judged == []
    assert {split(one.nearer) for one in data.clicked} == {"test"}


def test_freezing_over_the_api_needs_the_operators_switch(
    operator_api: APIClient, api: APIClient, an_answer: Answers, settings: Settings
) -> None:
    an_answer(1)
    settings.LEARN_FROM_CLICKS = False
    refused = operator_api.post("/api/v1/clicks/snapshots/", {}, format="json")
    assert refused.status_code == 409
    assert "SKETCHFIND_LEARN_FROM_CLICKS" in refused.json()["detail"]
    settings.LEARN_FROM_CLICKS = True
    made = operator_api.post("/api/v1/clicks/snapshots/", {"name": "week 48"}, format="json")
    assert made.status_code == 201, made.content
    assert made.json()["name"] == "week 48"
    assert made.json()["counts"]["clicks"] > 0
    now = operator_api.get("/api/v1/clicks/snapshots/").json()
    assert (now["learns"], now["usable"], now["snapshots"]) == (True, 1, [])
    assert api.post("/api/v1/clicks/snapshots/", {}, format="json").status_code in (401, 403)

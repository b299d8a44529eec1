"""Triplets judged elsewhere are imported completely, once, and within the usual limits."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from annotation.models import Campaign, CandidateSet, Sketch, Task, Vote
from annotation.services.tasks.imports import JudgedTriplet, qmul_v1_import, votes_import
from annotation.services.tasks.qmul_v1 import qmul_v1_annotation
from ml.errors import DatasetError
from webapp.catalog.models import Product
from webapp.http.problems import ConflictError

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
Pack = Callable[..., Path]


@pytest.fixture
def campaign(db: None) -> Campaign:
    return Campaign.objects.create(title="Stools", slug="stools", stop_when_decided=False)


def test_reads_rounds_of_votes_from_a_folder_and_from_a_zip(pack: Pack, tmp_path: Path) -> None:
    root = pack()
    archive = tmp_path / "pack.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for path in root.rglob("*"):
            file.write(path, f"v1/{path.relative_to(tmp_path)}")
    folder, zipped = (qmul_v1_annotation(place, "train") for place in (root, archive / "v1" / "stools"))
    assert folder.votes == zipped.votes
    assert (folder.category, zipped.category) == ("stools", "stools")
    assert [len(votes) for votes in folder.votes] == [18, 18, 0, 0, 0, 0]
    assert sorted(vote.round for vote in folder.votes[0]) == [0] * 6 + [1] * 6 + [2] * 6
    assert zipped.sketches[2].read_bytes() == folder.sketches[2].read_bytes()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"triplets": [[[0, 9]]] * 6}, "6 photos"),
        ({"triplets": [[]]}, "equal numbers"),
        ({"triplets": [[[0]]] * 6}, "expected"),
        ({"images": None}, "expected"),
    ],
)
def test_a_broken_annotation_is_refused_by_name(pack: Pack, change: dict[str, object], said: str) -> None:
    with pytest.raises(DatasetError, match=f"stools_annotation.*{said}"):
        qmul_v1_annotation(pack(**change), "train")


def test_a_folder_without_annotation_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="<category>"):
        qmul_v1_annotation(tmp_path, "train")


def test_import_creates_products_sketches_candidates_and_triplets_once(
    pack: Pack, campaign: Campaign
) -> None:
    annotation = qmul_v1_annotation(pack(), "train")
    for _ in range(2):
        judged = qmul_v1_import(annotation=annotation, campaign=campaign, n_sketches=2, by=None)
    assert len(judged) == 12
    assert Product.objects.count() == 4  # only the photos that were compared
    assert Sketch.objects.count() == CandidateSet.objects.count() == 2
    assert Task.objects.count() == 12
    sketch = Sketch.objects.get(name="stools-v1/train/1.png")
    assert sketch.product
    assert sketch.product.sku == "stools-v1-1"
    assert sketch.strokes
    assert len(sketch.strokes["strokes"]) >= 1
    with sketch.raster.open() as stored:
        assert stored.read() == annotation.sketches[0].read_bytes()


def test_imported_votes_count_each_in_its_slot(pack: Pack, campaign: Campaign) -> None:
    annotation = qmul_v1_annotation(pack(), "train")
    judged = qmul_v1_import(annotation=annotation, campaign=campaign, n_sketches=2, by=None)
    assert votes_import(campaign=campaign, judged=judged, source="pack", by=None, now=NOW) == 36
    assert Vote.objects.filter(counted=True).count() == 36
    assert Vote.objects.values("worker").distinct().count() == 3
    for one in judged:
        task = Task.objects.get(sketch=one.sketch, candidate_a=one.products[0], candidate_b=one.products[1])
        assert task.n_a == one.winners.count(one.products[0])
        assert task.n_b == one.winners.count(one.products[1])
        assert task.status == "decided"
        assert set(task.votes.values_list("slot", flat=True)) == {1, 2, 3}


def test_votes_are_not_imported_twice_or_beyond_the_limit(pack: Pack, campaign: Campaign) -> None:
    annotation = qmul_v1_annotation(pack(), "train")
    judged = qmul_v1_import(annotation=annotation, campaign=campaign, n_sketches=1, by=None)
    too_many = JudgedTriplet(judged[0].sketch, judged[0].products, [*judged[0].winners, None])
    with pytest.raises(ConflictError):
        votes_import(campaign=campaign, judged=[too_many], source="pack", by=None, now=NOW)
    votes_import(campaign=campaign, judged=judged, source="pack", by=None, now=NOW)
    with pytest.raises(ConflictError):
        votes_import(campaign=campaign, judged=judged, source="pack", by=None, now=NOW)
    assert Vote.objects.count() == 18

"""The protocol for pairs: queries, galleries and metrics for known distances."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ml.datasets.formats import open_dataset
from ml.datasets.pairs import PairDataset
from ml.errors import DatasetError
from ml.protocols.pairs import measure
from tests.support.layouts import drawing, write_lines
from tests.support.scorers import Scripted


def value(metrics: dict[str, object], name: str) -> float:
    metric = metrics[name]
    assert isinstance(metric, dict)
    return float(metric["value"])


def test_a_perfect_scorer_finds_every_photo_first(hats: PairDataset) -> None:
    truth = hats.true_photos
    measured = measure(Scripted(lambda sketch, photo: float(truth[sketch] != photo)), hats)
    assert measured.ranks.tolist() == [1, 1, 1, 1]
    assert measured.metrics["acc@1"] == {"value": 1.0, "ci95": [1.0, 1.0], "n": measured.metrics["n_queries"]}
    assert value(measured.metrics, "mAP") == 1
    assert (measured.metrics["n_queries"], measured.metrics["n_gallery"]) == (4, 4)
    assert not any(name.startswith("precision") for name in measured.metrics)


def test_equal_distances_give_chance_level(hats: PairDataset) -> None:
    measured = measure(Scripted(lambda sketch, photo: 0.0), hats)
    assert measured.ranks.tolist() == [2.5] * 4
    assert measured.ties.tolist() == [3] * 4
    assert value(measured.metrics, "acc@1") == 0.25
    assert value(measured.metrics, "acc@5") == 1
    assert value(measured.metrics, "%corr") == 0.5
    assert value(measured.metrics, "mAP") == pytest.approx((1 + 1 / 2 + 1 / 3 + 1 / 4) / 4)


def test_correct_triplets_are_those_of_the_split(hats: PairDataset) -> None:
    # Test sketch i has the triplets (i, i + 1) and (i, i + 2) modulo 4. With distance p, sketches 0 and 1 get both
    # right, sketch 2 (against 3 and 0) one, and sketch 3 (against 0 and 1) none.
    measured = measure(Scripted(lambda sketch, photo: float(photo)), hats)
    assert measured.metrics["n_triplets"] == 8
    assert value(measured.metrics, "%corr") == pytest.approx((2 + 2 + 1 + 0) / 8)


def test_validation_triplets_may_name_photos_of_train(hats: PairDataset) -> None:
    judged = hats.triplets["val"]
    assert not set(judged[:, 1:].ravel()) <= set(hats.photo_rows("val"))
    measured = measure(Scripted(lambda sketch, photo: float(photo)), hats, split="val")
    assert measured.metrics["n_triplets"] == len(judged)
    assert value(measured.metrics, "%corr") == pytest.approx((judged[:, 1] < judged[:, 2]).mean())
    assert measured.metrics["n_gallery"] == len(hats.photo_rows("val"))


def test_the_gallery_may_hold_all_photos(hats: PairDataset) -> None:
    measured = measure(Scripted(lambda sketch, photo: 0.0), hats, gallery="all")
    assert measured.metrics["n_gallery"] == 24
    assert measured.ranks.tolist() == [12.5] * 4


def test_several_categories_rank_within_and_across(things: PairDataset) -> None:
    """Photos of other categories are nearest, followed by the true photo and the rest of its category."""
    truth = things.true_photos

    def distance(sketch: int, photo: int) -> float:
        same = things.sketches[sketch].category == things.photos[photo].category
        return 0.0 if not same else 1.0 if truth[sketch] == photo else 2.0

    measured = measure(Scripted(distance), things)
    photos = things.photo_rows("test")
    others = [
        sum(things.photos[photo].category != things.sketches[sketch].category for photo in photos)
        for sketch in measured.sketch_rows
    ]
    assert set(measured.ranks) == {1.0}
    assert value(measured.metrics, "acc@1") == 1
    assert value(measured.metrics, "acc@1_all") == np.mean([n == 0 for n in others])
    assert value(measured.metrics, "mAP") < 0.7
    assert value(measured.metrics, "precision@100") == pytest.approx(1 - np.mean(others) / len(photos))
    assert "%corr" not in measured.metrics


def test_sketches_without_a_photo_are_not_queries(tmp_path: Path) -> None:
    lines = [{"key_id": str(i), "word": "hat", "recognized": True, "drawing": drawing(i)} for i in range(40)]
    write_lines(tmp_path / "hat.ndjson", lines)
    with pytest.raises(DatasetError, match="no sketch whose photo is in the gallery"):
        measure(Scripted(lambda sketch, photo: 0.0), open_dataset("quickdraw", tmp_path))


@pytest.mark.parametrize("wrong", [np.zeros((4, 3)), np.full((4, 4), np.nan)])
def test_invalid_distances_of_a_scorer_are_refused(hats: PairDataset, wrong: np.ndarray) -> None:
    scorer = Scripted(lambda sketch, photo: 0.0)
    scorer.distances = lambda *_: wrong  # type: ignore[method-assign]
    with pytest.raises(ValueError, match="the scorer returned distances"):
        measure(scorer, hats)

"""The cross-modal methods on datasets: what they learn from, and how they are measured."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ml.baselines.cross_modal.baseline import CrossModalHasher, fit_embedder, fit_hasher, training_views
from ml.baselines.cross_modal.methods import EMBEDDERS, HASHERS
from ml.baselines.hog import HogConfig, hog_vectors
from ml.baselines.registry import BASELINES
from ml.datasets.formats import open_dataset
from ml.datasets.pairs import PairDataset
from ml.errors import ConfigError, DatasetError
from ml.protocols.hashing import measure_hashing
from ml.protocols.pairs import measure
from tests.support import layouts
from tests.support.doodles import write_doodles


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SKETCHFIND_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def things(tmp_path: Path) -> PairDataset:
    """Three categories of ten photos, each with a sketch."""
    return open_dataset("sketchy", layouts.write_sketchy(tmp_path / "things"))


def test_every_method_is_a_baseline() -> None:
    assert {f"hash-{name}" for name in HASHERS} <= set(BASELINES)
    assert {f"cross-view-{name}" for name in EMBEDDERS} <= set(BASELINES)


def test_training_sketches_are_paired_with_their_photos(things: PairDataset) -> None:
    views = training_views(things, hog_vectors(HogConfig()), "edge", 0.5)
    sketches, photos = things.sketch_rows("train"), things.photo_rows("train")
    assert np.array_equal(photos[views.drawn_from], things.true_photos[sketches])
    assert np.array_equal(views.photo_labels[views.drawn_from], views.sketch_labels)
    assert len(set(views.photo_labels.tolist())) == 3


def test_with_one_category_each_photo_is_a_class(tmp_path: Path) -> None:
    hats = open_dataset("qmul-v1", layouts.write_qmul_v1(tmp_path / "hats"))
    views = training_views(hats, hog_vectors(HogConfig()), "edge", 0.5)
    assert len(set(views.sketch_labels.tolist())) == len(views.sketches)


def test_codes_are_measured_by_category_and_instance(things: PairDataset) -> None:
    scorer = fit_hasher("scm-orth", things, ["code_length=16"]).scorer
    assert isinstance(scorer, CrossModalHasher)
    metrics = measure_hashing(scorer, things).metrics
    assert metrics["code_length"] == 16
    assert 0 <= metrics["acc@1_all"]["value"] <= metrics["acc@1"]["value"] <= 1
    assert measure(scorer, things).metrics["n_gallery"] == metrics["n_gallery"]


def test_real_valued_methods_rank_pairs(things: PairDataset) -> None:
    metrics = measure(fit_embedder("cca", things, ["code_length=8"]).scorer, things).metrics
    assert {"mAP", "acc@1", "acc@1_all"} <= metrics.keys()


def test_datasets_without_photos_and_wrong_settings_are_refused(tmp_path: Path, things: PairDataset) -> None:
    with pytest.raises(DatasetError, match="sketches with photos"):
        fit_hasher("cmfh", open_dataset("quickdraw", write_doodles(tmp_path / "doodles")))
    with pytest.raises(ConfigError, match="ridge"):
        fit_hasher("cmfh", things, ["ridge=-1"])

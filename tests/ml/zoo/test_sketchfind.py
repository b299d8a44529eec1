"""The shipped encoder measures what its manifest, and so its card and the README, say."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from ml.evaluation.catalogue import evaluate_catalogue

ROOT = Path(__file__).parents[3]
MODEL = ROOT / "ml" / "zoo" / "sketchfind"
CATALOGUE = ROOT / "webapp" / "catalog" / "demo" / "data"
# Another processor's int8 kernels may round a few borderline ranks differently.
ROUNDING = 0.01


@pytest.fixture(scope="module")
def claimed() -> dict[str, Any]:
    metrics: dict[str, Any] = json.loads((MODEL / "model.json").read_text())["metrics"]
    return metrics


def test_instance_metrics_on_products_never_trained_on(claimed: dict[str, Any]) -> None:
    measured = evaluate_catalogue(model=MODEL, root=CATALOGUE, split="test")
    assert measured["n_queries"] == claimed["n_queries"] > 300
    for name in ("acc@1", "acc@10", "acc@10_cosine"):
        assert measured[name]["value"] == pytest.approx(claimed[name]["value"], abs=ROUNDING)
    assert measured["acc@1"]["value"] >= 0.55
    assert measured["acc@10"]["value"] >= 0.92


@pytest.mark.real_data
def test_metrics_on_human_sketches(claimed: dict[str, Any]) -> None:
    data = Path(os.environ["SKETCHFIND_DATA"])
    measured = evaluate_catalogue(
        model=MODEL,
        root=CATALOGUE,
        split="test",
        quickdraw=data / "quickdraw-345-sample.zip",
        seats=data / "qmul-chairv2-train.zip",
    )
    for name in ("precision@10", "precision@10_cosine", "precision@10_hash", "seats@10"):
        assert measured[name]["value"] == pytest.approx(claimed[name]["value"], abs=ROUNDING)
    assert measured["precision@10"]["value"] >= 0.82
    assert measured["n_doodles"] == claimed["n_doodles"]

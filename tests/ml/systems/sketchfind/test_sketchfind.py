"""System `sketchfind` end to end on a generated catalogue: it learns, and exports the trained model."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from ml.cli import main
from ml.datasets.catalogue import Catalogue
from ml.hardware import processor
from ml.models.sketch_encoder import DOMAINS
from ml.protocols.queries import category_queries
from ml.serving.encoder import Encoder
from ml.sketch.raster import rasterise
from ml.systems.sketchfind.config import SketchfindConfig
from ml.systems.sketchfind.data import SketchfindData
from ml.systems.sketchfind.release import load_encoder
from ml.systems.sketchfind.training import SketchfindSystem
from ml.training.device import pick_device
from ml.training.precision import chosen

pytestmark = pytest.mark.slow

SETTINGS = ["pairs=6", "category_sketches=4", "image_size_px=64", "embedding_dim=32", "code_length=16"]


@pytest.fixture(scope="module")
def model(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("model")
    settings = [*SETTINGS, f"quickdraw={root / 'doodles'}", "steps=4", "validate_every=2"]
    arguments = [
        "train",
        "--system",
        "sketchfind",
        "--format",
        "catalogue",
        "--root",
        str(root),
        "--out",
        str(out),
    ]
    assert main([*arguments, *[part for setting in settings for part in ("--set", setting)]]) == 0
    return out


def test_overfits_one_batch(root: Path) -> None:
    torch.manual_seed(0)
    config = SketchfindConfig(
        quickdraw=root / "doodles",
        pairs=6,
        category_sketches=4,
        image_size_px=64,
        embedding_dim=32,
        code_length=16,
    )
    data = SketchfindData(config, root)
    system = SketchfindSystem(config, data.n_labels)
    system.encoder.trunk.load_imagenet()
    system.encoder.trunk.fold_batch_norm()
    batch = data.batch(np.random.default_rng(0))
    optimizer = torch.optim.AdamW(system.parameters(), lr=2e-3)
    first: dict[str, float] = {}
    for _ in range(25):
        loss, parts = system.loss(batch)
        first = first or parts
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    assert parts["instance"] < 0.2 * first["instance"]
    assert parts["category"] < 0.5 * first["category"]


def test_batches_depend_only_on_the_seed_and_show_only_train_products(root: Path) -> None:
    config = SketchfindConfig(quickdraw=root / "doodles", pairs=6, category_sketches=4, image_size_px=64)
    data = SketchfindData(config, root)
    one, two = (data.batch(np.random.default_rng(3)) for _ in range(2))
    assert np.array_equal(one.images, two.images)
    assert one.labels.any(axis=1).all()
    assert {data.catalogue.products[number].split for number in one.product} == {"train"}


def test_a_doodle_matches_categories_or_single_products(root: Path) -> None:
    catalogue = Catalogue(root)
    right = catalogue.answering("square")
    assert [p.sku for p, is_right in zip(catalogue.products, right, strict=True) if is_right] == [
        p.sku for p in catalogue.products if p.category == "c4" or p.sku == "p1"
    ]
    assert catalogue.answering("submarine").sum() == 0
    assert category_queries(catalogue, [], "test")[0] == []


def test_the_exported_encoder_equals_the_trained_one(root: Path, model: Path) -> None:
    network = load_encoder(model)
    encoder = Encoder.load(model, precision="fp32")
    drawing = Catalogue(root).products[0].views[0].drawing
    assert drawing is not None
    image = rasterise(drawing, encoder.raster)
    planes = torch.from_numpy(image.copy()).float().expand(1, 3, -1, -1)
    with torch.inference_mode():
        embedding, _, _ = network(planes, torch.tensor([DOMAINS.index("sketch")]))
    served = encoder.encode_sketch(drawing)
    np.testing.assert_allclose(served.embedding, embedding[0].numpy(), atol=1e-4)


def test_manifest_and_card_hold_test_metrics_of_the_shipped_precision(root: Path, model: Path) -> None:
    manifest = json.loads((model / "model.json").read_text())
    assert manifest["precision"] == manifest["metrics"]["precision"]
    assert 0 <= manifest["metrics"]["acc@10"]["value"] <= 1
    assert (
        manifest["nothing_close_below"]
        <= manifest["score_words"]["fair"]
        <= manifest["score_words"]["strong"]
    )
    assert "synthetic" in (model / "CARD.md").read_text()


def test_the_manifest_records_training_precision_and_processor(model: Path) -> None:
    manifest = json.loads((model / "model.json").read_text())
    plan = json.loads((model / "run" / "plan.json").read_text())
    assert manifest["config"]["precision"] == "auto"
    used = chosen("auto", pick_device())
    for record in (manifest["training"], plan):
        assert (record["precision"], record["precision_why"]) == (used.precision, used.why)
    assert manifest["training"]["processor"] == manifest["measured_on"] == processor().as_json()


def test_evaluate_prints_one_json_object_as_its_last_line(
    root: Path, model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["evaluate", "--model", str(model), "--format", "catalogue", "--root", str(root), "--json"]
    assert main([*arguments, "--quickdraw", str(root / "doodles")]) == 0
    report = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert report["n_gallery"] == 30
    assert {"acc@1", "acc@5", "acc@10", "precision@10", "categories"} <= report.keys()
    assert report["processor"] == processor().as_json()


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        (["train", "--system", "magic", "--format", "catalogue", "--root", ".", "--out", "x"], "--system"),
        (["datasets", "check", "--format", "catalogue", "--root", "/nowhere"], "--root"),
        (["evaluate", "--model", "/nowhere", "--format", "scrolls", "--root", "."], "--format"),
    ],
)
def test_bad_input_gives_a_one_line_error_naming_the_field(
    arguments: list[str], field: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert error.startswith(field)
    assert error.count("\n") == 1

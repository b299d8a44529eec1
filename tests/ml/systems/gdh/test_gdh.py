"""`gdh` on generated pairs: both modes, codes, exported encoders."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
import onnxruntime as ort
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image

from ml.baselines.hashing.baseline import fit_shallow
from ml.datasets.pairs import PairDataset
from ml.errors import ConfigError, DatasetError
from ml.models.gdh.network import Gdh
from ml.protocols.hashing import Hasher, measure_hashing
from ml.protocols.pairs import measure
from ml.protocols.scorer import AttentiveScorer
from ml.serving.hasher import SketchCodes
from ml.systems.gdh import training as gdh
from ml.systems.gdh.config import PROFILES, GdhSettings
from ml.systems.gdh.data import GdhData, as_input, images, varied
from ml.systems.gdh.export import export_hasher
from ml.systems.gdh.objective import (
    Objective,
)
from ml.systems.gdh.scorer import GdhHasher
from ml.systems.registry import load_scorer
from ml.training.run_files import read_rows
from tests.support.tiny_gdh import learner_of, run, tiny

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)
    torch.manual_seed(0)


@pytest.fixture(scope="module")
def fine(hats: PairDataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.set_num_threads(1)
    out = tmp_path_factory.mktemp("gdh") / "fine"
    run(hats, out)
    return out


def test_fine_grained_run_evaluates_and_writes_pictures(fine: Path, hats: PairDataset) -> None:
    manifest, scorer = load_scorer(fine)
    assert isinstance(scorer, Hasher)
    assert isinstance(scorer, AttentiveScorer)
    metrics = measure(scorer, hats).metrics
    assert metrics["n_gallery"] == 4
    assert metrics["acc@5"]["value"] == 1
    assert {"val/acc@1", "val/acc@10", "val/score"} <= set(manifest["metrics"])
    epochs = 1 + 3 // GdhData(hats, tiny()).steps_per_epoch
    pictures = sorted(path.name for path in (fine / "migrated").iterdir())
    assert pictures == [*(f"epoch-{epoch:03d}.png" for epoch in range(epochs)), "last.png"]
    with Image.open(fine / "migrated" / "last.png") as picture:
        assert picture.size == (2 * 36, 5 * 36)
    losses = {"critic_photo", "critic_sketch", "adversarial_photo", "adversarial_sketch"}
    losses |= {"cycle", "triplet", "contrast", "quantisation", "unification"}
    assert losses <= set(read_rows(fine)[0])
    assert "semantic" not in read_rows(fine)[0]


def test_codes_equal_those_of_the_paths(fine: Path, hats: PairDataset) -> None:
    hasher = gdh.load(fine)
    rows = hats.photo_rows("test")
    with torch.inference_mode():
        photos = as_input(images(hats, "photo", rows, hasher.settings))
        mask = hasher.model.to_sketch.mask(photos)
        expected = hasher.model.hashing(hasher.model.masked(photos, mask), "photo")
    assert mask is not None
    for _ in range(2):  # computed first, then from the cached masks
        np.testing.assert_allclose(hasher.logits(hats, "photo", rows), expected.numpy(), atol=1e-5)
    np.testing.assert_array_equal(hasher.attention(hats, "photo", rows), mask[:, 0].numpy())
    sketches = hats.sketch_rows("test")
    bits = [hasher.logits(hats, kind, part) > 0 for kind, part in (("sketch", sketches), ("photo", rows))]  # type: ignore[arg-type]
    differing = (bits[0][:, None] != bits[1]).sum(axis=2)
    np.testing.assert_array_equal(hasher.distances(hats, sketches, rows), differing)


def test_exported_encoders_agree_with_torch(fine: Path, hats: PairDataset, tmp_path: Path) -> None:
    hasher = gdh.load(fine)
    query, gallery = export_hasher(hasher, tmp_path)
    rows = hats.sketch_rows("test")
    ink = 1 - images(hats, "sketch", rows[:1], hasher.settings)[:, None].astype(np.float32) / 255
    found = ort.InferenceSession(query).run(["logits"], {"ink": ink})[0]
    np.testing.assert_allclose(found, hasher.logits(hats, "sketch", rows[:1]), atol=1e-3)
    photos = hats.photo_rows("test")[:3]
    planes = images(hats, "photo", photos, hasher.settings).transpose(0, 3, 1, 2).astype(np.float32)
    logits, mask = ort.InferenceSession(gallery).run(["logits", "mask"], {"photo": planes})
    np.testing.assert_allclose(logits, hasher.logits(hats, "photo", photos), atol=1e-3)
    np.testing.assert_array_equal(mask[:, 0], hasher.attention(hats, "photo", photos))
    assert SketchCodes(tmp_path).code_length == 16


@pytest.mark.parametrize("side", [64, 128])
def test_the_pretrained_trunk_exports_too(hats: PairDataset, tmp_path: Path, side: int) -> None:
    settings = tiny("backbone=lite0", f"image_size_px={side}")
    hasher = GdhHasher(Gdh(settings.network()), settings)
    query, _ = export_hasher(hasher, tmp_path)
    rows = hats.sketch_rows("test")[:1]
    ink = 1 - images(hats, "sketch", rows, settings)[:, None].astype(np.float32) / 255
    found = ort.InferenceSession(query).run(["logits"], {"ink": ink})[0]
    np.testing.assert_allclose(found, hasher.logits(hats, "sketch", rows), rtol=1e-3, atol=1e-3)


def test_shallow_hashers_use_its_features(fine: Path, hats: PairDataset) -> None:
    hasher = gdh.load(fine)
    kinds: tuple[tuple[Literal["sketch", "photo"], NDArray[np.intp]], ...]
    kinds = (("sketch", hats.sketch_rows("test")), ("photo", hats.photo_rows("test")))
    for kind, rows in kinds:
        seen = torch.from_numpy(hasher.features(hats, kind, rows))
        with torch.inference_mode():
            outputs = hasher.model.hashing.code(seen).numpy()
        np.testing.assert_allclose(outputs, hasher.logits(hats, kind, rows), atol=1e-4)
    fitted = fit_shallow("pca-itq", hats, ["features=deep", f"model={fine}", "code_length=8"])
    assert fitted.made_by == "as typed"
    assert measure_hashing(fitted.scorer, hats).metrics["code_length"] == 8  # type: ignore[arg-type]


def test_category_level_run_evaluates(sketchy: PairDataset, tmp_path: Path) -> None:
    hasher = run(sketchy, tmp_path)
    metrics = measure_hashing(hasher, sketchy).metrics
    assert metrics["code_length"] == 16
    assert 0 < metrics["mAP"]["value"] <= 1
    row = read_rows(tmp_path)[0]
    assert {"semantic", "quantisation", "unification"} <= set(row)
    assert "triplet" not in row


def test_both_modes_combined_rank_and_factorise(sketchy: PairDataset) -> None:
    learner, data = learner_of(sketchy, tiny("mode=both"))
    _, parts = Objective(learner, data, tiny("mode=both"))(data.batch(0))
    assert {"triplet", "quantisation"} <= set(parts)
    assert len(learner.photo_codes) == len(data.photos)


def test_batches_are_reproducible_and_paired_by_the_mode(hats: PairDataset, sketchy: PairDataset) -> None:
    for dataset, mode in ((hats, "fine-grained"), (sketchy, "category")):
        data = GdhData(dataset, tiny(f"mode={mode}"))
        first, again = data.batch(3), data.batch(3)
        assert torch.equal(first.sketches, again.sketches)
        assert torch.equal(first.photos, again.photos)
        sketches = data.sketches[first.sketch_places.numpy()]
        photos = data.photos[first.photo_places.numpy()]
        if mode == "fine-grained":
            np.testing.assert_array_equal(dataset.true_photos[sketches], photos)
        np.testing.assert_array_equal(data.sketch_labels[sketches], data.photo_labels[photos])
        assert not first.other.diagonal().any()
        assert {dataset.sketches[row].split for row in data.sketches} == {"train"}


def test_plain_images_equal_the_framed_ones(hats: PairDataset) -> None:
    data = GdhData(hats, replace(tiny("augment=0", "recolour=false", "erase_prob=0"), negatives="triplets"))
    batch = data.batch(0)
    assert batch.photos.shape == (8, 3, 32, 32)
    shown = as_input(images(hats, "photo", data.photos[batch.photo_places.numpy()], tiny()))
    torch.testing.assert_close(batch.photos[:4], shown)


def test_the_hashing_rate_falls_at_the_end(hats: PairDataset, tmp_path: Path) -> None:
    """With the drop of the hashing rate, the last weights differ from those without."""
    plain = run(hats, tmp_path / "plain", "hash_lr_drop_at=1", "final=true", "ema_decay=none")
    dropped = run(hats, tmp_path / "dropped", "hash_lr_drop_at=0.75", "final=true", "ema_decay=none")
    differs = {
        name.split(".")[0]
        for (name, one), other in zip(plain.model.named_parameters(), dropped.model.parameters(), strict=True)
        if not torch.equal(one, other)
    }
    assert differs == {"hashing"}  # after one step with another rate the generators are still equal


def test_an_interrupted_run_resumes_to_the_same_model(sketchy: PairDataset, tmp_path: Path) -> None:
    from ml.training.watch import Cancelled, watched

    run(sketchy, tmp_path / "whole")
    rows: list[object] = []
    with pytest.raises(Cancelled), watched(on_row=rows.append, cancelled=lambda: len(rows) >= 2):
        run(sketchy, tmp_path / "cut")
    resumed = run(sketchy, tmp_path / "cut").model.state_dict()
    whole = gdh.load(tmp_path / "whole").model.state_dict()
    assert all(torch.equal(whole[name], resumed[name]) for name in whole)


def test_unsuitable_datasets_and_settings_are_refused(doodles: PairDataset) -> None:
    with pytest.raises(DatasetError, match="no photos"):
        GdhData(doodles, tiny())
    for wrong in (
        "image_size_px=48",
        "margin=0",
        "hash_lr_drop_at=2",
        "batch_size=1",
        "backbone=lite0",
        "shorter=12",
        "shorter=16",
    ):
        with pytest.raises(ConfigError):
            tiny(wrong)


def test_pairs_are_transformed_together_and_photos_recoloured() -> None:
    """A mark at the same place of sketch and photo moves further than the distance between the two."""
    image = np.full((40, 64, 64, 3), 255, np.uint8)
    image[:, 30:34, 44:48] = 0
    settings = replace(GdhSettings(), erase_prob=0.0)
    drawn, filmed = varied(image[..., 0], image, settings, np.random.default_rng(0))

    def places(pixels: NDArray[np.float64]) -> NDArray[np.float64]:
        ink = 255.0 - pixels
        grid = np.moveaxis(np.mgrid[:64, :64], 0, -1)
        return np.asarray((ink[..., None] * grid).sum((1, 2)) / ink.sum((1, 2))[:, None])

    sketch, photo = places(drawn.astype(np.float64)), places(filmed.mean(axis=3))
    moved = np.linalg.norm(sketch - [31.5, 45.5], axis=1).mean()
    assert np.linalg.norm(sketch - photo, axis=1).mean() < 0.5 * moved
    assert filmed.max() == 255
    black = np.zeros((1, 64, 64, 3), np.uint8)
    assert varied(black[..., 0], black + 90, settings, np.random.default_rng(1))[1].std(axis=(1, 2)).max() > 0


def test_shorter_codes_are_prefixes(hats: PairDataset, tmp_path: Path) -> None:
    hasher = run(hats, tmp_path, "shorter=8")
    short = gdh.load(tmp_path / "8-bit")
    manifest, _ = load_scorer(tmp_path / "8-bit")
    assert short.code_length == 8
    assert "val/8-bit/acc@1" not in manifest["metrics"]
    assert 0 <= manifest["metrics"]["val/acc@1"] <= 1
    kinds: tuple[Literal["sketch", "photo"], ...] = ("sketch", "photo")
    for kind in kinds:
        rows = hats.sketch_rows("test") if kind == "sketch" else hats.photo_rows("test")
        np.testing.assert_allclose(
            short.logits(hats, kind, rows), hasher.logits(hats, kind, rows)[:, :8], atol=1e-5
        )


def test_the_papers_profile() -> None:
    paper = PROFILES["gpu"]
    assert paper.network().image_size_px == 256
    assert (paper.learning_rate, paper.hash_lr, paper.cycle_weight) == (2e-4, 2e-4, 10)
    assert (paper.alpha, paper.quantisation_weight, paper.unification_weight) == (1e-5, 1e-5, 1e-5)
    assert (paper.margin, paper.adversarial_form, paper.backbone) == (0.5, "minimax", "resnet18")

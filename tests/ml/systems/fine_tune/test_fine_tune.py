"""Profile `fine-tune`: the head learns, the trunk stays identical, and the trained model is written."""

import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn

from ml.cli import main
from ml.datasets.formats import open_dataset
from ml.datasets.pairs import PairDataset
from ml.errors import ConfigError, DatasetError, ModelError
from ml.models.sketch_encoder import DOMAINS, SketchEncoder, SketchEncoderConfig
from ml.retrieval.centres import Centres
from ml.retrieval.files import sha256_of
from ml.serving.encoder import Encoder
from ml.serving.manifest import ModelManifest, Precision
from ml.sketch.raster import RasterSpec, rasterise
from ml.systems.fine_tune import training as fine_tune
from ml.systems.fine_tune.config import FineTuneConfig
from ml.systems.fine_tune.data import bank
from ml.systems.sketchfind import release
from ml.systems.sketchfind.scorer import ServedScorer, drawn
from ml.training.export import export_onnx, write_manifest
from ml.training.onnx_head import FEATURES, with_features, with_head
from ml.training.run_files import read_rows
from ml.training.watch import Cancelled, watched
from tests.support import layouts

pytestmark = pytest.mark.slow

SETTINGS = ["steps=12", "validate_every=6", "views=3", "votes=16", "batch_size=8"]


def servable(folder: Path, config: SketchEncoderConfig, *, centred: bool = False) -> Path:
    """Write a small untrained model. centred: with centres of its own that are not zero."""
    torch.manual_seed(0)
    encoder = SketchEncoder(config)
    encoder.trunk.load_imagenet()
    encoder.trunk.fold_batch_norm()
    if centred:
        encoder.centres.copy_(torch.randn_like(encoder.centres))
    rng = np.random.default_rng(0)
    samples = [(rng.integers(0, 255, (64, 64, 3)).astype(np.uint8), domain) for domain in (0, 1, 2)] * 2
    export_onnx(encoder, folder, samples, samples)
    facts = {
        "name": "small",
        "version": "1",
        "system": "sketchfind",
        "precision": "int8",
        "score_words": {"strong": 0.5, "fair": 0.3},
        "nothing_close_below": 0.2,
        "metrics": {"acc@1": {"value": 0.5, "ci95": [0.4, 0.6]}},
        "card": "CARD.md",
    }
    write_manifest(encoder, folder, RasterSpec(size=64), facts)
    return folder


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small untrained model that can be served."""
    return servable(tmp_path_factory.mktemp("base"), SketchEncoderConfig(64, 4, 32, 16))


@pytest.fixture(scope="module")
def layout_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with a layout part and centres of its own."""
    config = SketchEncoderConfig(64, 4, 40, 16, layout_dim=24, layout_weight=0.6)
    return servable(tmp_path_factory.mktemp("layout"), config, centred=True)


@pytest.fixture
def early_base(base: Path, tmp_path: Path) -> Path:
    """The base as an earlier version exported it: without centres."""
    folder = Path(shutil.copytree(base, tmp_path / "early"))
    weights = load_file(folder / "weights.safetensors")
    save_file(
        {name: tensor for name, tensor in weights.items() if "centres" not in name},
        folder / "weights.safetensors",
    )
    for name in ("encoder.fp32.onnx", "encoder.int8.onnx"):
        model = onnx.load(folder / name)
        del model.graph.input[2:], model.graph.output[2:]
        for node in model.graph.node:
            node.input[:] = [f"constant_{each}" if "centres" in each else each for each in node.input]
        for initialiser in model.graph.initializer:
            if "centres" in initialiser.name:
                initialiser.name = f"constant_{initialiser.name}"
        onnx.save(model, folder / name)
    manifest = json.loads((folder / "model.json").read_text())
    for key in ("layout_dim", "layout_weight"):
        del manifest["encoder"][key]
    manifest["files"] = {name: sha256_of(folder / name) for name in manifest["files"]}
    (folder / "model.json").write_text(json.dumps(manifest))
    return folder


def train(dataset: PairDataset, base: Path, out: Path, *settings: str) -> dict[str, Any]:
    overrides: Sequence[str] = [f"base={base}", *SETTINGS, *settings]
    return dict(
        fine_tune.train(dataset=dataset, out=out, profile="fine-tune", overrides=overrides, command="x")
    )


@pytest.fixture(scope="module")
def tuned(hats: PairDataset, base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("tuned")
    train(hats, base, out, "steps=40", "keep_weight=0", "learning_rate=2e-3")
    return out


def features(path: Path, image: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    session = onnxruntime.InferenceSession(with_features(path), providers=["CPUExecutionProvider"])
    feed = {"image": image.astype(np.float32)[None], "domain": np.array([0])}
    found: np.ndarray[Any, Any] = session.run([FEATURES], feed)[0]
    return found


def test_it_learns_and_reports_the_metrics_of_its_base(hats: PairDataset, tuned: Path, base: Path) -> None:
    rows = read_rows(tuned / "run")
    assert [row["step"] for row in rows] == list(range(40))
    assert rows[-1]["contrastive"] < 0.7 * rows[0]["contrastive"]
    assert rows[-1]["votes"] < rows[0]["votes"]
    manifest = json.loads((tuned / "model.json").read_text())
    assert {"acc@1", "acc@10", "mrr", "%corr", "base/acc@1", "base/%corr"} <= set(manifest["metrics"])
    assert manifest["parent"] == {"name": "small", "version": "1", "sha256": sha256_of(base / "model.json")}
    weights = sha256_of(tuned / "weights.safetensors")
    assert manifest["version"] == f"1+{hats.format}-{hats.sha256[:12]}.{weights[:6]}"
    assert manifest["dataset"]["n_pairs"] == len(hats.sketch_rows("train"))
    card = (tuned / "CARD.md").read_text()
    assert "retrained on" in card
    assert str(manifest["dataset"]["n_triplets"]) in card


def test_the_trunk_is_unchanged_and_both_files_have_the_new_head(tuned: Path, base: Path) -> None:
    image = np.random.default_rng(1).integers(0, 255, (3, 64, 64)).astype(np.uint8)
    network = release.load_encoder(tuned)
    with torch.inference_mode():
        expected = network(torch.from_numpy(image[None]).float(), torch.tensor([0]))
    tolerances: dict[Precision, float] = {"fp32": 1e-4, "int8": 0.2}
    for precision, tolerance in tolerances.items():
        name = f"encoder.{precision}.onnx"
        assert np.array_equal(features(tuned / name, image), features(base / name, image))
        encoder = Encoder.load(tuned, precision=precision)
        feed = {"image": image.astype(np.float32)[None], "domain": np.array([0])}
        embedding, logits, _ = encoder.run_bare(feed)
        assert embedding == pytest.approx(expected[0].numpy(), abs=tolerance)
        assert embedding != pytest.approx(Encoder.load(base, precision=precision).run_bare(feed)[0], abs=1e-3)
        assert logits.shape == (1, 16)


def test_training_uses_the_inputs_of_the_served_encoder(
    hats: PairDataset, base: Path, tmp_path: Path
) -> None:
    config = FineTuneConfig(base=base, views=1)
    held = bank(hats, config, ModelManifest.read(base), tmp_path)
    network = release.load_encoder(base)
    network.trunk = nn.Identity()  # type: ignore[assignment]
    seen = fine_tune.standardised(network, held)
    encoder = Encoder.load(base)
    rows = [row for row in range(len(hats.sketches)) if hats.sketches[row].split in ("train", "val")]
    with torch.inference_mode():
        sketches = fine_tune.sketches(network, seen, np.arange(4), np.zeros(4, np.intp))[0].numpy()
        photos = fine_tune.all_photos(network, seen).numpy()
    for place in range(4):
        served = encoder.encode_sketch(drawn(hats, rows[place])).embedding
        assert sketches[place] == pytest.approx(served, abs=5e-3)
        photo = hats.photo(int(hats.true_photos[rows[place]]))
        assert photos[held.own[place]] == pytest.approx(
            encoder.encode_photos([photo]).embeddings[0], abs=5e-3
        )


def test_an_interrupted_run_resumes_to_the_same_model(hats: PairDataset, base: Path, tmp_path: Path) -> None:
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    metrics = train(hats, base, whole)
    with pytest.raises(Cancelled), watched(cancelled=lambda: len(read_rows(cut / "run")) >= 5):
        train(hats, base, cut)
    assert not (cut / "model.json").exists()
    assert train(hats, base, cut) == metrics
    assert [row["loss"] for row in read_rows(cut / "run")] == [
        row["loss"] for row in read_rows(whole / "run")
    ]
    assert (cut / "encoder.int8.onnx").read_bytes() == (whole / "encoder.int8.onnx").read_bytes()


def test_a_large_keep_weight_keeps_the_base(hats: PairDataset, base: Path, tmp_path: Path) -> None:
    before = release.load_encoder(base).embed.weight
    distance = {}
    for weight in ("0", "1e6"):
        train(hats, base, tmp_path / weight, f"keep_weight={weight}", "learning_rate=1e-3", "adopted=0")
        after = release.load_encoder(tmp_path / weight)
        distance[weight] = (after.embed.weight - before).norm().item()
        assert torch.equal(after.feature_mean, release.load_encoder(base).feature_mean)
    assert distance["1e6"] < 0.5 * distance["0"]


def test_votes_without_pairs_are_sufficient(base: Path, frame_cache: Path, tmp_path: Path) -> None:
    """As in a campaign on visitors' sketches, whose intended products are unknown."""
    root = layouts.write_snapshot(tmp_path / "snapshot")
    rows = [json.loads(line) for line in (root / "sketches.ndjson").read_text().splitlines()]
    layouts.write_lines(
        root / "sketches.ndjson",
        [row | {"photo": None, "split": row.get("split") or ["train"] * 3 + ["val"]} for row in rows[5:]]
        + [row | {"photo": None, "split": "train"} for row in rows[:5]],
    )
    triplets = [json.loads(line) for line in (root / "triplets.jsonl").read_text().splitlines()]
    layouts.write_lines(
        root / "triplets.jsonl",
        [
            row | {"split": "train", "negative": "p1" if row["negative"] == "p0" else row["negative"]}
            for row in triplets[:2]
        ],
    )
    metrics = train(open_dataset("snapshot", root), base, tmp_path / "out")
    assert metrics == {}  # without validation data the last weights are kept
    manifest = json.loads((tmp_path / "out" / "model.json").read_text())
    assert (manifest["dataset"]["n_pairs"], manifest["dataset"]["n_triplets"]) == (0, 2)
    assert manifest["dataset"]["name"] == ""
    snapshot = sha256_of(root / "manifest.json")  # the id that the site and exports show
    assert manifest["version"].startswith(f"1+snapshot-{snapshot[:12]}.")
    assert manifest["dataset"]["snapshot"] == snapshot
    assert f"(`{snapshot[:12]}`)" in (tmp_path / "out" / "CARD.md").read_text()


def test_clicks_teach_only_if_asked(base: Path, frame_cache: Path, tmp_path: Path) -> None:
    root = layouts.write_snapshot(tmp_path / "snapshot")
    rows = [
        {
            "sketch": f"s{one}",
            "opened": f"p{one}",
            "passed_over": f"p{(one + 1) % 3}",
            "weight": 1.0,
            "split": "train",
        }
        for one in range(3)
    ]
    layouts.write_lines(root / "clicks.jsonl", rows)
    dataset = open_dataset("snapshot", root)
    versions = set()
    for weight, n_clicks in (("0", 0), ("1", 3)):
        out = tmp_path / weight
        train(dataset, base, out, f"click_weight={weight}", "steps=30", "keep_weight=0", "learning_rate=2e-3")
        manifest = json.loads((out / "model.json").read_text())
        assert manifest["dataset"]["n_clicks"] == n_clicks
        versions.add(manifest["version"])
        assert f"{n_clicks} weak triplets from clicks" in (out / "CARD.md").read_text()
        parts = read_rows(out / "run")
        assert ("clicks" in parts[0]) is bool(n_clicks)
    assert parts[-1]["clicks"] < parts[0]["clicks"]
    assert len(versions) == 2  # two models of one snapshot


def test_the_image_limit_reduces_views_then_sketches(hats: PairDataset, base: Path, tmp_path: Path) -> None:
    manifest = ModelManifest.read(base)
    few = bank(hats, FineTuneConfig(base=base, views=6, images=130), manifest, tmp_path / "a")
    assert few.sketch.shape[:2] == (20, 2)
    fewer = bank(hats, FineTuneConfig(base=base, views=6, images=100), manifest, tmp_path / "b")
    assert fewer.sketch.shape[:2] == (20, 1)
    config = FineTuneConfig(base=base, views=6)
    object.__setattr__(config, "images", 40)
    fewest = bank(hats, config, manifest, tmp_path / "c")
    assert fewest.sketch.shape[1] == 1
    assert len(fewest.sketch) == 8


def test_unsuitable_datasets_are_refused(
    hats: PairDataset, base: Path, tmp_path: Path, packs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ConfigError, match="leaves nothing to learn from"):
        replace(FineTuneConfig(), pair_weight=0.0, vote_weight=0.0)
    with pytest.raises(ConfigError, match="adopted"):
        FineTuneConfig(adopted=1.5)
    with pytest.raises(ConfigError, match="dropout"):
        FineTuneConfig(dropout=1.0)
    with pytest.raises(ModelError, match=r"model\.json: missing"):
        train(hats, tmp_path, tmp_path / "out")
    train(hats, base, tmp_path / "run", "steps=1")
    with pytest.raises(ConfigError, match="use another folder"):
        train(hats, base, tmp_path / "run", "steps=2")
    unjudged = PairDataset(format="qmul-v1", files=hats.files, photos=hats.photos[:1], sketches=())
    with pytest.raises(DatasetError, match="no judged triplets and no pairs"):
        train(unjudged, base, tmp_path / "empty")
    arguments = ["train", "--system", "sketchfind", "--format", "catalogue", "--root", str(packs)]
    assert main([*arguments, "--out", str(tmp_path), "--profile", "fine-tune"]) == 2
    assert "--profile: 'fine-tune' is unknown; expected one of cpu, gpu" in capsys.readouterr().err


def test_another_graph_is_refused(base: Path) -> None:
    path = base / "encoder.fp32.onnx"
    with pytest.raises(ModelError, match=r"no float initialiser embed\.weight of shape \(2, 2\)"):
        with_head(path, {"embed.weight": np.zeros((2, 2), np.float32)})


def test_a_served_model_is_evaluated_as_served(hats: PairDataset, tuned: Path) -> None:
    scorer = release.load(tuned)
    assert isinstance(scorer, ServedScorer)
    sketches, photos = hats.sketch_rows("test"), hats.photo_rows("test")
    distances = scorer.distances(hats, sketches, photos)
    encoder = Encoder.load(tuned)
    one = encoder.encode_sketch(drawn(hats, int(sketches[1]))).embedding
    other = encoder.encode_photos([hats.photo(int(photos[2]))]).embeddings[0]
    assert distances.shape == (4, 4)
    assert distances[1, 2] == pytest.approx(1 - one @ other, abs=1e-4)
    assert DOMAINS[0] == "sketch"
    assert rasterise(drawn(hats, 0), RasterSpec(size=64)).shape == (64, 64)


def test_an_exported_encoder_takes_a_catalogues_centres(layout_base: Path) -> None:
    network = release.load_encoder(layout_base)
    image = np.random.default_rng(1).integers(0, 255, (3, 64, 64)).astype(np.uint8)
    planes = torch.from_numpy(image[None]).float()
    with torch.inference_mode():
        own = network(planes, torch.tensor([2]))
        centres = Centres.estimated(own[2].numpy() + np.random.default_rng(2).normal(size=(3, 40)), 60)
        network.catalogue_centres.copy_(torch.from_numpy(centres.by_domain()))
        centred = network(planes, torch.tensor([2]))
    feed = {"image": image.astype(np.float32)[None], "domain": np.array([2])}
    encoder = Encoder.load(layout_base, precision="fp32")
    assert encoder.takes_centres
    for expected, found in ((own, encoder), (centred, encoder.centred(centres))):
        for wanted, output in zip(expected, found.run_bare(feed), strict=True):
            assert output == pytest.approx(wanted.numpy(), abs=1e-3)
    assert not torch.allclose(own[0], centred[0], atol=1e-2)
    assert Encoder.load(layout_base, precision="int8").takes_centres


def test_both_parts_of_an_embedding_learn_and_keep_their_weights(
    hats: PairDataset, layout_base: Path, tmp_path: Path
) -> None:
    train(hats, layout_base, tmp_path / "out", "keep_weight=0", "learning_rate=2e-3")
    before, after = release.load_encoder(layout_base), release.load_encoder(tmp_path / "out")
    assert after.config == before.config
    assert torch.equal(after.centres, before.centres)
    assert not after.catalogue_centres.any()
    for part in (slice(None, 16), slice(16, None)):
        assert not torch.allclose(after.embed.weight[part], before.embed.weight[part])
    served = Encoder.load(tmp_path / "out", precision="fp32")
    assert served.takes_centres
    sketch = served.encode_sketch(drawn(hats, 0))
    assert np.square(sketch.embedding[16:]).sum() == pytest.approx(0.6, abs=1e-4)
    with torch.inference_mode():
        image = torch.from_numpy(served.rasterised(drawn(hats, 0)).image.copy()).float()
        expected = after(image.expand(1, 3, -1, -1), torch.tensor([0]))
    assert sketch.embedding == pytest.approx(expected[0][0].numpy(), abs=1e-3)
    assert sketch.projection == pytest.approx(expected[2][0].numpy(), abs=1e-2)


def test_a_base_of_an_earlier_version_can_be_tuned(
    hats: PairDataset, early_base: Path, tmp_path: Path
) -> None:
    train(hats, early_base, tmp_path / "out")
    served = Encoder.load(tmp_path / "out")
    assert not served.takes_centres
    assert served.encode_sketch(drawn(hats, 0)).projection is None
    network = release.load_encoder(tmp_path / "out")
    assert not network.centres.any()

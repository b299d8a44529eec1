"""Make a model folder for release from a catalogue folder: train, export, calibrate, measure, describe."""

import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from ml.command import portable
from ml.datasets.catalogue import Catalogue
from ml.errors import ConfigError
from ml.hardware import processor
from ml.models.sketch_encoder import SketchEncoder
from ml.protocols.catalogue import best_name_weight, evaluate_catalogue
from ml.serving.encoder import Encoder
from ml.serving.manifest import NAME_WEIGHT_KEY, Precision
from ml.serving.reference import Agreement
from ml.systems.sketchfind.card import write_card
from ml.systems.sketchfind.config import PROFILES
from ml.systems.sketchfind.data import SketchfindData
from ml.systems.sketchfind.layout import with_layout
from ml.systems.sketchfind.scorer import ServedScorer
from ml.systems.sketchfind.thresholds import score_thresholds
from ml.systems.sketchfind.training import train_sketchfind
from ml.training.checkpoint import write_atomically
from ml.training.config import as_json, with_overrides
from ml.training.device import training_facts
from ml.training.export import MANIFEST, Sample, export_onnx, write_manifest
from ml.training.renamed import current_names

PRECISIONS: tuple[Precision, ...] = ("fp32", "int8")
SHIPPED_LOSS = 0.005  # int8 is used if it costs at most half a point on validation
SHIPPED_SHIFT = 0.01  # and if none of its score thresholds differs by more from fp32's


def train(
    *, dataset: Catalogue, out: Path, profile: str, overrides: Sequence[str], command: str
) -> dict[str, Any]:
    """Train, then write a model folder to `out`; resumes. Returns the test metrics in fp32.

    Raises ConfigError on a wrong profile or setting, DatasetError on unusable data.
    """
    if profile not in PROFILES:
        raise ConfigError("--profile", f"{profile!r} is unknown; expected one of {', '.join(PROFILES)}")
    config = with_overrides(PROFILES[profile], overrides)
    started = time.monotonic()
    root = dataset.root
    trained, best = train_sketchfind(config, root, out / "run")
    facts: dict[str, Any] = {
        "name": "sketchfind",
        "version": time.strftime("%Y.%m.%d"),
        "system": "sketchfind",
        "config": {key: portable(v) if isinstance(v, str) else v for key, v in as_json(config).items()},
        "card": "CARD.md",
        "training": {
            "minutes": round(_accumulated_minutes(out, time.monotonic() - started), 1),
            "best_validation": best,
            "command": command,
            **training_facts(config.precision),
        },
    }
    data = SketchfindData(config, root)
    facts["data"] = data.counts
    return write_release(with_layout(trained, data), out, data, facts)


def load(folder: Path) -> ServedScorer:
    """Load the model of a folder as it is served. Raises ModelError."""
    return ServedScorer(Encoder.load(folder))


def export_again(*, model: Path, root: Path, quickdraw: Path, seats: Path | None) -> dict[str, Any]:
    """Rewrite a trained model folder from its weights, with today's date as version.

    Returns the test metrics in fp32. Raises ConfigError if the folder is not a `sketchfind` model.
    """
    encoder = load_encoder(model)
    manifest = json.loads((model / MANIFEST).read_text())
    settings = current_names(manifest["config"])
    only_trained_on = {"more": (), "pictures": None, "start": None}
    config = replace(
        with_overrides(PROFILES["cpu"], []), **{**settings, **only_trained_on, "quickdraw": quickdraw}
    )
    kept = ("name", "system", "card", "training", "data")
    facts = {key: manifest[key] for key in kept}
    facts |= {"config": settings, "version": time.strftime("%Y.%m.%d")}
    data = SketchfindData(config, root)
    if not encoder.config.layout_dim:
        encoder = with_layout(encoder, data)
    return write_release(encoder, model, data, facts, seats=seats)


def write_release(
    encoder: SketchEncoder,
    out: Path,
    data: SketchfindData,
    facts: dict[str, Any],
    *,
    seats: Path | None = None,
) -> dict[str, Any]:
    """Export, calibrate, measure and describe a trained encoder. Returns the test metrics in fp32.

    All choices are made on the validation split in fp32, whose outputs differ between processors only by rounding. int8
    is used if it agrees with fp32 in outputs, ranking and thresholds.
    """
    config, root = data.config, data.catalogue.root
    export_onnx(encoder, out, _samples(data, range(10, 16)), _samples(data, range(3, 5)))
    unset = {"score_words": {"strong": 0.0, "fair": 0.0}, "nothing_close_below": 0.0, "metrics": {}}
    facts = {**unset, **facts, "precision": "fp32"}
    write_manifest(encoder, out, data.spec, facts)
    if config.quickdraw is not None:
        facts[NAME_WEIGHT_KEY] = best_name_weight(
            model=out, root=root, precision="fp32", quickdraw=config.quickdraw
        )
        write_manifest(encoder, out, data.spec, facts)
    thresholds = {
        precision: score_thresholds(out, data.catalogue, data.doodles, precision=precision)
        for precision in PRECISIONS
    }
    facts |= thresholds["fp32"]
    measured = _measured(out, data, split="val")
    int8 = {
        "loss_on_validation": round(_loss(measured["fp32"], measured["int8"]), 4),
        "threshold_shift": round(_shift(thresholds["fp32"], thresholds["int8"]), 4),
    }
    holds = int8["loss_on_validation"] <= SHIPPED_LOSS and int8["threshold_shift"] <= SHIPPED_SHIFT
    facts["precision"] = "int8" if holds and agreement(out, "int8").within("int8") else "fp32"
    facts["int8"] = {**int8, **asdict(agreement(out, "int8"))}
    metrics = _measured(out, data, split="test", seats=seats)
    facts |= {"metrics": metrics["fp32"], "metrics_int8": metrics["int8"]}
    facts["measured_on"] = processor().as_json()
    write_manifest(encoder, out, data.spec, facts)
    write_card(out)
    return metrics["fp32"]


def agreement(folder: Path, precision: Precision) -> Agreement:
    """Return the agreement of an exported file with the folder's reference on this processor."""
    found = Encoder.load(folder, precision=precision).agreement
    assert found is not None, "write the reference first"
    return found


def _measured(
    model: Path, data: SketchfindData, *, split: str, seats: Path | None = None
) -> dict[str, dict[str, Any]]:
    return {
        precision: evaluate_catalogue(
            model=model,
            root=data.catalogue.root,
            split=split,
            precision=precision,
            quickdraw=data.config.quickdraw,
            seats=seats,
        )
        for precision in PRECISIONS
    }


def _loss(fp32: dict[str, Any], int8: dict[str, Any]) -> float:
    """Return the larger loss of int8 in acc@1 and precision@10, by shape: the recogniser has its own check."""
    suffix = "_shape" if "acc@1_shape" in fp32 else ""
    names = [name for name in (f"acc@1{suffix}", f"precision@10{suffix}") if name in fp32]
    return float(max(fp32[name]["value"] - int8[name]["value"] for name in names))


def _shift(fp32: dict[str, Any], int8: dict[str, Any]) -> float:
    """Return the largest difference between the thresholds of both."""

    def scores(found: dict[str, Any]) -> Iterable[float]:
        return (*found["score_words"].values(), found["nothing_close_below"])

    return float(max(abs(a - b) for a, b in zip(scores(fp32), scores(int8), strict=True)))


def _samples(data: SketchfindData, batches: Iterable[int]) -> list[Sample]:
    """Return training images of all three domains, about 136 per batch."""
    samples = []
    for index in batches:
        batch = data.batch(np.random.default_rng([data.config.seed, 2, index]))
        samples += list(zip(batch.images, batch.domain.tolist(), strict=True))
    return samples


def _accumulated_minutes(out: Path, seconds: float) -> float:
    """Return the minutes of training over all parts of an interrupted run, stored beside its checkpoint."""
    path = out / "run" / "minutes.json"
    total = (json.loads(path.read_text()) if path.exists() else 0.0) + seconds / 60
    write_atomically(path, json.dumps(total).encode())
    return float(total)


def record_metrics(folder: Path, root: Path, quickdraw: Path | None, seats: Path | None) -> dict[str, Any]:
    """Measure a model folder on the test split in both precisions and write the metrics to its manifest and card.

    With doodles, the weight of recognised names is chosen on validation first. Returns the metrics in fp32.
    """
    manifest = json.loads((folder / MANIFEST).read_text())
    if quickdraw is not None:
        manifest[NAME_WEIGHT_KEY] = best_name_weight(
            model=folder, root=root, precision="fp32", quickdraw=quickdraw
        )
        write_atomically(folder / MANIFEST, (json.dumps(manifest, indent=2) + "\n").encode())
    for precision, key in zip(PRECISIONS, ("metrics", "metrics_int8"), strict=True):
        manifest[key] = evaluate_catalogue(
            model=folder, root=root, split="test", precision=precision, quickdraw=quickdraw, seats=seats
        )
    manifest["measured_on"] = processor().as_json()
    write_atomically(folder / MANIFEST, (json.dumps(manifest, indent=2) + "\n").encode())
    write_card(folder)
    metrics: dict[str, Any] = manifest["metrics"]
    return metrics


def load_encoder(folder: Path) -> SketchEncoder:
    """Load the trained network of a model folder from its safetensors weights, in eval mode.

    Raises ConfigError if the folder is not a `sketchfind` model.
    """
    from safetensors.torch import load_file

    from ml.models.sketch_encoder import SketchEncoderConfig

    manifest = json.loads((folder / MANIFEST).read_text())
    if manifest.get("system") != "sketchfind":
        raise ConfigError("--model", f"{folder} is a {manifest.get('system')!r} model, expected sketchfind")
    encoder = SketchEncoder(SketchEncoderConfig(**manifest["encoder"]))
    encoder.trunk.fold_batch_norm()
    encoder.load_state_dict(load_file(folder / "weights.safetensors"), strict=False)
    return encoder.eval()

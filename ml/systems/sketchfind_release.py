"""From a catalogue folder to a model folder that can be shipped: train, export, calibrate, measure, describe."""

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ml.command import portable
from ml.errors import ConfigError
from ml.evaluation.catalogue import evaluate_catalogue, shelf_temperature
from ml.evaluation.thresholds import score_thresholds
from ml.hardware import processor
from ml.models.sketch_encoder import SketchEncoder
from ml.systems.sketchfind import train_sketchfind
from ml.systems.sketchfind_card import write_card
from ml.systems.sketchfind_config import SketchfindConfig
from ml.systems.sketchfind_data import SketchfindData
from ml.training.checkpoint import write_atomically
from ml.training.config import as_json, with_overrides
from ml.training.device import training_facts
from ml.training.export import MANIFEST, export_onnx, write_manifest

PROFILES = {
    "cpu": SketchfindConfig(),
    "gpu": SketchfindConfig(
        steps=12_000, pairs=128, category_sketches=96, frozen_blocks=0, validate_every=1000
    ),
}
SHIPPED_LOSS = 0.005  # int8 ships if it costs at most half a point


def train_and_export(
    *, root: Path, out: Path, profile: str, overrides: Sequence[str], command: str
) -> dict[str, Any]:
    """Train, then write a model folder to `out`; a killed run resumes. Returns the shipped model's test metrics.

    Precision is chosen on the validation split, the metrics reported on the test split.
    """
    if profile not in PROFILES:
        raise ConfigError("--profile", f"{profile!r} is unknown; one of {', '.join(PROFILES)}")
    config = with_overrides(PROFILES[profile], overrides)
    started = time.monotonic()
    encoder, best = train_sketchfind(config, root, out / "run")
    minutes = _accumulated_minutes(out, time.monotonic() - started)
    data = SketchfindData(config, root)
    export_onnx(encoder, out, _calibration(data))
    facts: dict[str, Any] = {
        "name": "sketchfind",
        "version": time.strftime("%Y.%m.%d"),
        "system": "sketchfind",
        "precision": "fp32",
        "score_words": {"strong": 0.0, "fair": 0.0},
        "nothing_close_below": 0.0,
        "config": {key: portable(v) if isinstance(v, str) else v for key, v in as_json(config).items()},
        "metrics": {},
        "card": "CARD.md",
    }
    write_manifest(encoder, out, data.spec, facts)
    measured = {
        precision: evaluate_catalogue(
            model=out, root=root, split="val", precision=precision, quickdraw=config.quickdraw
        )
        for precision in ("fp32", "int8")
    }
    names = [name for name in ("acc@1", "precision@10") if name in measured["fp32"]]
    loss = max(measured["fp32"][name]["value"] - measured["int8"][name]["value"] for name in names)
    facts["precision"] = "int8" if round(loss, 6) <= SHIPPED_LOSS else "fp32"  # 0.5 points is 0.5 points
    if config.quickdraw is not None:
        facts["shelf_temperature"] = shelf_temperature(
            model=out, root=root, precision=facts["precision"], quickdraw=config.quickdraw
        )
        write_manifest(encoder, out, data.spec, facts)
    facts |= score_thresholds(out, data.catalogue, data.doodles, precision=facts["precision"])
    metrics = evaluate_catalogue(
        model=out, root=root, split="test", precision=facts["precision"], quickdraw=config.quickdraw
    )
    facts |= {"metrics": metrics, "measured_on": processor().as_json()}
    facts["training"] = {
        "minutes": round(minutes, 1),
        "best_validation": best,
        "int8_loss_on_validation": round(loss, 4),
        "command": command,
        **training_facts(config.precision),
    }
    write_manifest(encoder, out, data.spec, facts)
    write_card(out)
    return metrics


def _calibration(data: SketchfindData) -> list[tuple[np.ndarray[Any, np.dtype[np.uint8]], int]]:
    """About 400 training images of all three domains."""
    samples = []
    for index in range(3):
        batch = data.batch(np.random.default_rng([data.config.seed, 2, index]))
        samples += list(zip(batch.images, batch.domain.tolist(), strict=True))
    return samples


def _accumulated_minutes(out: Path, seconds: float) -> float:
    """Minutes of training over all parts of an interrupted run, kept beside its checkpoint."""
    path = out / "run" / "minutes.json"
    total = (json.loads(path.read_text()) if path.exists() else 0.0) + seconds / 60
    write_atomically(path, json.dumps(total).encode())
    return float(total)


def record_metrics(folder: Path, metrics: dict[str, Any]) -> None:
    """Put newly measured metrics of the shipped precision into a model folder's manifest and card."""
    manifest = json.loads((folder / MANIFEST).read_text())
    if metrics["precision"] != manifest["precision"]:
        raise ConfigError(
            "--record", f"measured in {metrics['precision']}, the model ships {manifest['precision']}"
        )
    manifest |= {"metrics": metrics, "measured_on": processor().as_json()}
    write_atomically(folder / MANIFEST, (json.dumps(manifest, indent=2) + "\n").encode())
    write_card(folder)


def record_shelf_temperature(folder: Path, root: Path, quickdraw: Path) -> None:
    """Choose the temperature of the shelves' vote for a trained model, and put it into its manifest."""
    manifest = json.loads((folder / MANIFEST).read_text())
    manifest["shelf_temperature"] = shelf_temperature(
        model=folder, root=root, precision=manifest["precision"], quickdraw=quickdraw
    )
    write_atomically(folder / MANIFEST, (json.dumps(manifest, indent=2) + "\n").encode())


def load_encoder(folder: Path) -> SketchEncoder:
    """The trained network of a model folder, from its safetensors weights, in eval mode."""
    from safetensors.torch import load_file

    from ml.models.sketch_encoder import SketchEncoderConfig

    manifest = json.loads((folder / MANIFEST).read_text())
    if manifest.get("system") != "sketchfind":
        raise ConfigError("--model", f"{folder} is a {manifest.get('system')!r} model, not sketchfind")
    encoder = SketchEncoder(SketchEncoderConfig(**manifest["encoder"]))
    encoder.trunk.fold_batch_norm()
    encoder.load_state_dict(load_file(folder / "weights.safetensors"))
    return encoder.eval()

"""Make the model folder of a recogniser from drawings: train, export, calibrate, measure, describe."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.command import portable
from ml.datasets.pairs import PairDataset
from ml.errors import ConfigError
from ml.hardware import processor
from ml.protocols.recognition import logits_of, measure_recognition, named_drawings
from ml.serving.fields import Precision
from ml.serving.recogniser import Recogniser
from ml.serving.recogniser_files import OTHER
from ml.sketch.nonsense import KINDS, nonsense
from ml.systems.recogniser.calibration import Chosen
from ml.systems.recogniser.card import write_card
from ml.systems.recogniser.config import PROFILES, RecogniserConfig
from ml.systems.recogniser.data import RecogniserData, raster_spec
from ml.systems.recogniser.export import export_recogniser, write_manifest
from ml.systems.recogniser.training import train_recogniser
from ml.training.config import as_json, with_overrides
from ml.training.device import training_facts
from ml.training.run_files import claim_folder

PRECISIONS: tuple[Precision, ...] = ("fp32", "int8")
SHIPPED_LOSS = 0.005  # int8 is used if it costs at most half a point of top-1 and of top-5 on validation
N_CALIBRATION, N_REFERENCE = 384, 64  # images
N_NONSENSE = 200  # drawings of each kind


def train(
    *, dataset: PairDataset, out: Path, profile: str, overrides: Sequence[str], command: str
) -> Mapping[str, Any]:
    """Train, then write a model folder to `out`; resumes. Returns the test metrics in fp32.

    Raises ConfigError on a wrong profile or setting, DatasetError on unusable data.
    """
    if profile not in PROFILES:
        raise ConfigError("--profile", f"{profile!r} is unknown; expected one of {', '.join(PROFILES)}")
    config = with_overrides(PROFILES[profile], overrides)
    claim_folder(out, {**as_json(config), "dataset": dataset.sha256})
    data = RecogniserData(config, dataset)
    trained = train_recogniser(config, data, out / "run")
    calibration, reference = _images(data, N_CALIBRATION, 0), _images(data, N_REFERENCE, 1)
    export_recogniser(
        trained.network, out, config.image_size_px, calibration=calibration, reference=reference
    )
    facts: dict[str, Any] = {
        "name": "recogniser",
        "version": time.strftime("%Y.%m.%d"),
        "system": "recogniser",
        "config": {name: _portable(value) for name, value in as_json(config).items()},
        "card": "CARD.md",
        "names": data.names,
        "data": {
            "train": data.sources,
            **{split: len(dataset.sketch_rows(split)) for split in ("val", "test")},
        },
        "training": {
            "minutes": round(trained.minutes, 1),
            "best_validation": trained.best,
            "command": command,
            **training_facts(config.precision),
        },
    }
    return write_release(out, config, dataset, facts)


def load(folder: Path) -> Recogniser:
    """Load the model of a folder as it is served. Raises ModelError."""
    return Recogniser.load(folder)


def write_release(
    out: Path, config: RecogniserConfig, dataset: PairDataset, facts: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Calibrate, measure and describe exported files. Returns the test metrics in fp32.

    All choices are made on the validation split in fp32, whose outputs differ between processors only by rounding. int8
    is used if it agrees with fp32 in outputs and accuracy.
    """
    spec = raster_spec(config)
    facts = {**facts, "precision": "fp32", "metrics": {}}
    write_manifest(out, spec, {**facts, **asdict(Chosen(1.0, 1.0, 0.0))})
    facts |= asdict(_chosen(Recogniser.load(out, precision="fp32"), dataset))
    write_manifest(out, spec, facts)
    models = {precision: Recogniser.load(out, precision=precision) for precision in PRECISIONS}
    validated = {name: measure_recognition(model, dataset, split="val") for name, model in models.items()}
    loss = max(
        validated["fp32"][name]["value"] - validated["int8"][name]["value"] for name in ("top-1", "top-5")
    )
    agreement = models["int8"].agreement
    assert agreement is not None, "the reference was exported"
    facts["int8"] = {"loss_on_validation": round(loss, 4), **asdict(agreement)}
    facts["precision"] = "int8" if loss <= SHIPPED_LOSS and agreement.within("int8") else "fp32"
    facts["nonsense"] = _on_nonsense(models["fp32"])
    tested = {name: measure_recognition(model, dataset, split="test") for name, model in models.items()}
    facts |= {"metrics": tested["fp32"], "metrics_int8": tested["int8"]}
    facts["measured_on"] = processor().as_json()
    write_manifest(out, spec, facts)
    write_card(out)
    return tested["fp32"]


def _chosen(recogniser: Recogniser, dataset: PairDataset) -> Chosen:
    whole = named_drawings(recogniser.names, dataset, "val")
    logits = [logits_of(recogniser, drawn.sketches) for drawn in (whole, whole.half_drawn())]
    others = [column for column, name in enumerate(recogniser.names) if name == OTHER]
    return Chosen.on(np.concatenate(logits), np.tile(whole.labels, 2), others=others)


def _on_nonsense(recogniser: Recogniser) -> dict[str, dict[str, float]]:
    """Return, by kind of drawing without a name, the best probability and how often it suffices."""
    found = {}
    for kind in KINDS:
        logits = logits_of(recogniser, nonsense(kind, N_NONSENSE))
        best = recogniser.probabilities(logits).max(axis=1)
        found[kind] = {
            "n": len(best),
            "median": round(float(np.median(best)), 3),
            "offered": round(float((best >= recogniser.manifest.nothing_below).mean()), 3),
            "sure": round(float((best >= recogniser.manifest.sure_from).mean()), 3),
        }
    return found


def _images(data: RecogniserData, n: int, stream: int) -> NDArray[np.uint8]:
    """Return n training images, uint8 (n, S, S); another stream holds others."""
    rng = np.random.default_rng([data.config.seed, 2, stream])
    found: list[NDArray[np.uint8]] = []
    while len(found) < n:
        found += list(data.batch(rng).images)
    return np.stack(found[:n])


def _portable(value: Any) -> Any:
    if isinstance(value, list):
        return [_portable(item) for item in value]
    return portable(value) if isinstance(value, str) else value

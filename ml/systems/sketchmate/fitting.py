"""Shared parts of the stages of SketchMate and of the deep hashing baselines: loop, encoding, validation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ml.datasets.pairs import PairDataset
from ml.metrics.hashing import counted_average_precision, distance_counts
from ml.models.sketchmate.network import SketchMate
from ml.retrieval.packing import pack
from ml.systems.sketchmate.config import SketchMateSettings
from ml.systems.sketchmate.data import Drawings, Rows, SketchBatch, SketchBatches
from ml.training.config import as_json
from ml.training.device import autocast, pick_device, placed
from ml.training.loop import Loop, Metrics
from ml.training.model_folder import save_model
from ml.training.optimisers import build_optimizer
from ml.training.prefetch import Prefetched

_BATCH = 256
Floats = NDArray[np.float32]
Objective = Callable[[SketchBatch], tuple[Tensor, Metrics]]
Groups = list[tuple[Iterable[nn.Parameter], float]]


@dataclass(frozen=True)
class Encoded:
    """Outputs of a network for N drawings, float32: hash logits (N, K), class scores (N, L), optional features (N, F)."""

    logits: Floats
    scores: Floats
    fused: Floats


def encode(
    model: SketchMate, data: Drawings, rows: Rows, settings: SketchMateSettings, *, fused: bool = False
) -> Encoded:
    """Encode drawings without augmentation and without gradients; the model must be in eval mode."""
    device = next(model.parameters()).device
    parts: list[tuple[Tensor, ...]] = []
    with torch.inference_mode(), autocast(device, settings.precision):
        for start in range(0, len(rows), _BATCH):
            features = model.fused(data.inputs(rows[start : start + _BATCH]).to(device))
            outputs = *model.heads(features), features if fused else features[:, :0]
            parts.append(tuple(output.float().cpu() for output in outputs))
    if not parts:
        empty = np.zeros((0, model.config.embedding_dim), np.float32)
        return Encoded(empty, np.zeros((0, model.config.n_categories), np.float32), empty[:, :0])
    return Encoded(*(torch.cat(part).numpy() for part in zip(*parts, strict=True)))


def fit(
    model: nn.Module,
    objective: Objective,
    data: SketchBatches,
    settings: SketchMateSettings,
    folder: Path,
    *,
    steps: int,
    groups: Groups,
    validate: Callable[[nn.Module], Metrics],
) -> Metrics:
    """Train the parameters of `groups` for `steps` by `objective`; resumes. Returns the best validation and minutes."""
    device = pick_device()
    placed(model, device, channels_last=settings.channels_last)
    optimizer = build_optimizer(
        settings.optimizer, groups, weight_decay=settings.weight_decay, momentum=settings.momentum
    )

    def step(index: int) -> tuple[Tensor, Metrics]:
        batch = batches(index).to(device)
        with autocast(device, settings.precision):
            return objective(batch)

    with Prefetched.of(settings, data.batch) as batches:
        loop = Loop.of(
            replace(settings, steps=steps, validate_every=max(1, -(-steps // settings.validations))),
            model=model,
            optimizer=optimizer,
            step=step,
            validate=validate if len(data.val) else None,
            folder=folder,
            title=folder.name,
        )
        best = loop.run()
    return {**best, "minutes": loop.minutes}


def hashing_validation(data: SketchBatches, settings: SketchMateSettings) -> Callable[[SketchMate], Metrics]:
    """Return the validation: `score` is the mAP of validation drawings among each other, or a recognition accuracy."""
    labels = data.labels[data.val]

    def validate(model: SketchMate) -> Metrics:
        encoded = encode(model, data, data.val, settings)
        metrics: Metrics = {}
        if encoded.scores.shape[1]:
            metrics["accuracy"] = float((encoded.scores.argmax(1) == labels).mean())
        if settings.head == "recognition":
            return {"score": metrics["accuracy"], **metrics}
        codes = pack(encoded.logits)
        counts = distance_counts(codes, codes, labels, labels, own=np.arange(len(codes)))
        return {"score": float(np.nanmean(counted_average_precision(counts))), **metrics}

    return validate


def train_whole(
    model: SketchMate,
    objective: Objective,
    data: SketchBatches,
    settings: SketchMateSettings,
    folder: Path,
    steps: int,
    *,
    whole: nn.Module | None = None,
    factor: float = 1.0,
) -> Metrics:
    """Train branches and head with their learning rates, both multiplied by `factor`, and validate by retrieval.

    whole: a module with the network as `model`, and all other state of the objective that must survive interruptions.
    """
    branches: list[nn.Parameter] = []
    for branch in (model.cnn, model.rnn):
        branches += [] if branch is None else list(branch.parameters())
    known = set(map(id, branches))
    rest = [parameter for parameter in model.parameters() if id(parameter) not in known]
    groups: Groups = [(branches, factor * settings.branch_lr), (rest, factor * settings.head_lr)]
    validate_model = hashing_validation(data, settings)

    def validate(module: nn.Module) -> Metrics:
        averaged = module if isinstance(module, SketchMate) else module.model
        assert isinstance(averaged, SketchMate)
        return validate_model(averaged)

    trained = model if whole is None else whole
    return fit(trained, objective, data, settings, folder, steps=steps, groups=groups, validate=validate)


def save_run(
    model: SketchMate,
    dataset: PairDataset,
    settings: SketchMateSettings,
    out: Path,
    *,
    system: str,
    seen: tuple[str, ...],
    unseen: tuple[str, ...],
    done: Mapping[str, Metrics],
    command: str,
) -> dict[str, Any]:
    """Write the model folder: weights, settings, categories in the order of the class scores. Returns the manifest."""
    last = list(done.values())[-1] if done else {}
    manifest = {
        "name": f"{system}-{settings.code_length}",
        "system": system,
        "version": "1",
        "format": dataset.format,
        "category": "all",
        "config": dict(as_json(settings)),
        "network": asdict(model.config),
        "categories": list(seen),
        "unseen": list(unseen),
        "metrics": {f"val/{name}": value for name, value in last.items()},
        "dataset_sha256": dataset.sha256,
        "training": {
            "minutes": sum(metrics.get("minutes", 0.0) for metrics in done.values()),
            "stages": {name: dict(metrics) for name, metrics in done.items()},
            "command": command,
        },
    }
    return save_model(out, model, manifest)

"""Train a ranking model on triplets, in one or two resumable stages.

    train   on the train split; the number of steps is chosen on the validation split
    final   optional: from the same initial weights, on train + val, for that many steps

The test split is not used.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ml.contracts.split import Split
from ml.datasets.pairs import PairDataset
from ml.datasets.triplets import TripletSource
from ml.losses.triplet import triplet_loss
from ml.protocols.pairs import measure
from ml.systems.fine_grained.config import RankingConfig
from ml.systems.fine_grained.data import Batch, RankingData
from ml.systems.fine_grained.model import RankingModel
from ml.systems.fine_grained.scorer import RankingScorer
from ml.training.config import as_json
from ml.training.device import autocast, pick_device, placed
from ml.training.loop import Loop, Metrics
from ml.training.model_folder import save_model
from ml.training.optimisers import build_optimizer
from ml.training.prefetch import Prefetched
from ml.training.stages import Stage, run_stages

Loss = Callable[[RankingModel, Batch, RankingConfig], tuple[Tensor, Metrics]]


def embedded(model: RankingModel, batch: Batch, config: RankingConfig) -> tuple[Tensor, Tensor]:
    """Return the embeddings of a batch's sketches (M, D) and photos (N, D), float32."""
    device = next(model.parameters()).device
    sketches, photos = (torch.from_numpy(images).to(device) for images in (batch.sketches, batch.photos))
    with autocast(device, config.precision):
        sketch_vectors, photo_vectors = model.embed_pairs(sketches, photos)
    return sketch_vectors.float(), photo_vectors.float()


def triplets_of(distances: Tensor, batch: Batch, config: RankingConfig) -> tuple[Tensor, Metrics]:
    """Return the weighted loss of annotated and easy triplets, from the batch's distances (M, N), and its parts."""
    losses, weights, parts = [], [], {}
    for name, triplets, weight in (
        ("annotated", batch.annotated, config.annotated),
        ("easy", batch.easy, 1 - config.annotated),
    ):
        if len(triplets) and weight:
            anchor, positive, negative = torch.from_numpy(triplets).to(distances.device).unbind(1)
            near, far = distances[anchor, positive], distances[anchor, negative]
            loss = triplet_loss(near, far, margin=config.margin, violating=config.violating)
            losses.append(loss)
            weights.append(weight)
            parts[name] = loss.item()
    if not losses:  # a zero loss that still has a gradient
        return 0 * distances.sum(), parts
    share = torch.tensor(weights, device=distances.device) / sum(weights)
    return share @ torch.stack(losses), parts


def triplet_objective(model: RankingModel, batch: Batch, config: RankingConfig) -> tuple[Tensor, Metrics]:
    """Return the triplet loss of the model's distances plus the model's penalty, if it has one, and the parts."""
    loss, parts = triplets_of(model.distances(*embedded(model, batch, config)), batch, config)
    penalty = model.penalty()
    if penalty is None:
        return loss, parts
    return loss + penalty, parts | {"penalty": penalty.item()}


def validation(model: RankingModel, dataset: PairDataset, config: RankingConfig) -> Metrics:
    """Return single-crop acc@1, acc@10 and %corr of the validation split, and `score`, their mean.

    With several categories the accuracies are those among all photos, because a category may have only a few.
    """
    metrics = measure(RankingScorer(model, config, crops=1), dataset, split="val").metrics
    among = "_all" if "acc@1_all" in metrics else ""
    names = [name for name in (f"acc@1{among}", f"acc@10{among}", "%corr") if name in metrics]
    kept = {name: float(metrics[name]["value"]) for name in names}
    return kept | {"score": sum(kept.values()) / len(kept), "n_queries": float(metrics["n_queries"])}


def rank(
    model: RankingModel,
    dataset: PairDataset,
    config: RankingConfig,
    folder: Path,
    splits: tuple[Split, ...],
    *,
    objective: Loss = triplet_objective,
    steps: int | None = None,
    source: TripletSource | None = None,
    title: str = "ranking",
) -> Metrics:
    """Train `model` in place on triplets of `splits`; validates, unless the validation split is trained on.

    Returns the best validation with its `step`, and the `minutes` of training. Resumes from `folder`.
    """
    device = pick_device()
    placed(model, device, channels_last=config.channels_last)
    data = RankingData(
        dataset, config, *splits, photo_kind=model.photo_kind, input_px=model.input_px, source=source
    )
    optimizer = build_optimizer(
        config.optimizer,
        model.groups(config.learning_rate, config.pretrained_lr),
        weight_decay=config.weight_decay,
        momentum=config.momentum,
    )

    def validate(module: Any) -> Metrics:
        return validation(module, dataset, config)

    with Prefetched.of(config, data.batch) as batches:
        loop = Loop.of(
            config,
            model=model,
            optimizer=optimizer,
            step=lambda step: objective(model, batches(step), config),
            validate=None if "val" in splits else validate,
            folder=folder,
            steps=steps or config.steps,
            title=title,
        )
        best = loop.run()
    return {**best, "minutes": loop.minutes}


def train_and_select(
    model: RankingModel,
    dataset: PairDataset,
    config: RankingConfig,
    out: Path,
    *,
    objective: Loss = triplet_objective,
    final_start: Mapping[str, Tensor] | None = None,
) -> dict[str, Metrics]:
    """Run the stages `train`, unless `choose_steps` is false, and, with final=true, `final` in `out`.

    The model has the weights of the last one.

    final_start: initial weights of the final stage, by default those of `train`. Returns the metrics of each stage.
    """
    start = final_start or copy.deepcopy(model.state_dict())
    chosen: Metrics = {"step": float(config.steps)}

    def train(folder: Path) -> Metrics:
        return rank(model, dataset, config, folder, ("train",), objective=objective, title="train")

    def final(folder: Path) -> Metrics:
        model.load_state_dict(start)
        steps = int(chosen["step"])
        both: tuple[Split, ...] = ("train", "val")
        done = rank(model, dataset, config, folder, both, objective=objective, steps=steps, title="final")
        return done | {"step": float(steps)}

    done: dict[str, Metrics] = {}
    if config.choose_steps:
        done = run_stages([Stage("train", train)], model, out)
        chosen = done["train"]
    if config.final:
        stages = [Stage("train", train), Stage("final", final)]
        done |= run_stages(stages, model, out, skip=(1,))
    return done


def save_run(
    model: RankingModel,
    dataset: PairDataset,
    config: RankingConfig,
    out: Path,
    *,
    system: str,
    stages: Mapping[str, Metrics],
    network: Any,
    command: str,
) -> dict[str, Any]:
    """Write the model folder: weights, settings, the network's sizes and validation metrics. Returns the manifest."""
    return save_model(
        out,
        model,
        {
            "name": f"{system}-{'-'.join(dataset.categories[:3])}",
            "system": system,
            "version": "1",
            "format": dataset.format,
            "category": dataset.categories[0] if len(dataset.categories) == 1 else "all",
            "config": dict(as_json(config)),
            "network": asdict(network),
            "metrics": {f"val/{name}": value for name, value in stages.get("train", {}).items()},
            "dataset_sha256": dataset.sha256,
            "training": {
                "minutes": sum(metrics.get("minutes", 0.0) for metrics in stages.values()),
                "stages": {name: dict(metrics) for name, metrics in stages.items()},
                "command": command,
            },
        },
    )

"""System `gdh`: a generator migrates sketches to photos, and one network hashes both.

Source: "Generative Domain-Migration Hashing for Sketch-to-Image Retrieval", ECCV 2018. Algorithm 1:

    B^I, B^S random, or from the network's outputs (codes_init)
    each epoch      D, then B^I, B^S in closed form                    category level (Eqs. 9, 12, 13)
    each step       L_gan + lambda L_tri + alpha L_q + beta L_c        (Eq. 14)
    query           sgn(H(G_I(sketch)))
    gallery         sgn(H(photo * mask)), the mask of G_S's attention

sgn(0) = -1. lambda is 0 at category level and 1 for fine-grained retrieval, which omits D and B and quantises towards
the signs of the outputs; mode=both has all of it, like Sketchy in the supplement. Adam is AdamW without decay. After 25
of 30 epochs, the learning rate of the hashing network is divided by 10. Every epoch writes `migrated/epoch-000.png`
(Fig. 4).

Divergences are settings: the `gpu` profile has the paper's values, the `cpu` profile is for minutes of training on a CPU.
Losses are means over pairs, where the paper has sums.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from ml.datasets.pairs import PairDataset
from ml.errors import ConfigError
from ml.metrics.hashing import counted_average_precision, distance_counts
from ml.metrics.ranking import accuracy_at, expected_ranks
from ml.models.gdh.network import Gdh
from ml.retrieval.packing import Codes, pack
from ml.systems.gdh import terms
from ml.systems.gdh.codes import init_from_discriminant_axes, renew_codes
from ml.systems.gdh.config import PROFILES, GdhSettings
from ml.systems.gdh.data import GdhBatch, GdhData, as_input, images
from ml.systems.gdh.figures import write_migrated
from ml.systems.gdh.learner import GdhLearner, encode
from ml.systems.gdh.objective import Objective
from ml.systems.gdh.scorer import GdhHasher, hamming_distances
from ml.systems.gdh.warm import save_critics, start_from
from ml.training.checkpoint import write_atomically
from ml.training.config import as_json, with_overrides
from ml.training.device import autocast, pick_device, placed
from ml.training.distributed import is_main
from ml.training.loop import CHECKPOINT, Loop, Metrics
from ml.training.model_folder import save_model
from ml.training.optimisers import build_optimizer
from ml.training.prefetch import Prefetched
from ml.training.run_files import claim_folder

SYSTEM = "gdh"
HASH_DROP = 0.1


def train(
    *, dataset: PairDataset, out: Path, profile: str, overrides: Sequence[str], command: str
) -> Mapping[str, Any]:
    """Train on a dataset of pairs; resumes. Returns the manifest of the model folder `out`.

    Raises ConfigError on a wrong profile or setting, DatasetError on unusable data.
    """
    if profile not in PROFILES:
        raise ConfigError("--profile", f"{profile!r} is unknown; expected one of {', '.join(PROFILES)}")
    settings = with_overrides(PROFILES[profile], overrides)
    claim_folder(out, {**as_json(settings), "dataset": dataset.sha256})
    data = GdhData(dataset, settings)
    torch.manual_seed(settings.seed)
    learner = GdhLearner(Gdh(settings.network(), pretrained=True), data, settings)
    record = _prepared(learner, data, settings, out)
    loop = training_loop(learner, data, settings, out)
    with Prefetched.of(settings, data.batch) as batches:
        best = loop(batches)
    if settings.record_terms:
        record = terms.with_current(record, learner, data, settings)
    minutes = best.pop("minutes")
    save_critics(out, learner)
    draw_migrated(learner.model, data, settings, out / "migrated" / "last.png")
    single = len(dataset.categories) == 1
    metrics = {f"val/{name}": value for name, value in best.items()}
    manifest = {
        "name": f"{SYSTEM}-{settings.code_length}",
        "system": SYSTEM,
        "version": "1",
        "format": dataset.format,
        "category": dataset.categories[0] if single else "all",
        "config": dict(as_json(settings)),
        "network": asdict(learner.model.config),
        "metrics": metrics,
        "dataset_sha256": dataset.sha256,
        "training": {"minutes": minutes, "command": command},
    }
    if record:
        manifest["terms"] = record[str(settings.code_length)]
    for bits in settings.shorter:
        short = learner.model.shortened(bits)
        prefix = f"val/{bits}-bit/"
        own = {f"val/{name.removeprefix(prefix)}": value for name, value in metrics.items() if prefix in name}
        own_settings = as_json(replace(settings, code_length=bits, shorter=()))
        named = {
            "name": f"{SYSTEM}-{bits}",
            "config": dict(own_settings),
            "network": asdict(short.config),
            "metrics": own,
        }
        if record:
            named["terms"] = record[str(bits)]
        save_model(out / f"{bits}-bit", short, manifest | named)
    return save_model(out, learner.model, manifest)


def _prepared(learner: GdhLearner, data: GdhData, settings: GdhSettings, out: Path) -> terms.Record:
    """Set the weights that a new run starts with. Returns the terms before training, if they are recorded."""
    path = out / terms.FILE
    if (out / CHECKPOINT).exists():
        return terms.read(path) if settings.record_terms else {}
    placed(learner, pick_device(), channels_last=settings.channels_last)
    record: terms.Record = {}
    if settings.warm_start is not None:
        if settings.record_terms:
            record = terms.with_untrained_generators(learner, data, settings)
        start_from(learner, settings.warm_start)
    if settings.init_from_discriminant_axes:
        init_from_discriminant_axes(learner, data, settings)
    if settings.record_terms:
        record = terms.with_current(record, learner, data, settings)
        write_atomically(path, json.dumps(record).encode())
    return record


def training_loop(
    learner: GdhLearner, data: GdhData, settings: GdhSettings, folder: Path
) -> Callable[[Callable[[int], GdhBatch]], Metrics]:
    """Return the run of Algorithm 1, a function of the batches that returns the best validation and minutes."""
    device = pick_device()
    placed(learner, device, channels_last=settings.channels_last)
    hashing = set(map(id, learner.model.hashing.parameters()))
    rest = [parameter for parameter in learner.parameters() if id(parameter) not in hashing]
    optimizer = build_optimizer(
        settings.optimizer,
        [(learner.model.hashing.parameters(), settings.hash_lr), (rest, settings.learning_rate)],
        weight_decay=settings.weight_decay,
        momentum=settings.momentum,
    )
    objective = Objective(learner, data, settings)
    validate = validation(data, settings) if len(data.val_sketches) and objective.hashes else None

    def run(batches: Callable[[int], GdhBatch]) -> Metrics:
        def step(index: int) -> tuple[Tensor, Metrics]:
            more: Metrics = {}
            epoch, within = divmod(index, data.steps_per_epoch)
            if within == 0:
                if data.factorises and objective.hashes:
                    learner.semantic_value.fill_(renew_codes(learner, data, settings))
                draw_migrated(learner.model, data, settings, folder / "migrated" / f"epoch-{epoch:03d}.png")
            if data.factorises:
                more["semantic"] = learner.semantic_value.item()
            if index >= settings.hash_lr_drop_at * settings.steps:
                optimizer.param_groups[0]["lr"] *= (
                    HASH_DROP  # the loop sets the schedule's rate before each step
                )
            batch = batches(index).to(device)
            with autocast(device, settings.precision):
                loss, parts = objective(batch)
            return loss, {**parts, **more}

        loop = Loop.of(
            settings,
            model=learner,
            optimizer=optimizer,
            step=step,
            validate=validate,
            folder=folder,
            title=f"{SYSTEM} {settings.code_length} bit",
        )
        best = loop.run()
        return {**best, "minutes": loop.minutes}

    return run


def validation(data: GdhData, settings: GdhSettings) -> Callable[[nn.Module], Metrics]:
    """Return the validation: `score` is the mean reciprocal rank in the category, or mAP at category level."""
    true = data.dataset.true_photos[data.val_sketches]
    labels = data.sketch_labels[data.val_sketches], data.photo_labels[data.val_photos]

    columns = np.searchsorted(data.val_photos, true)

    def validate(module: nn.Module) -> Metrics:
        assert isinstance(module, GdhLearner)
        queries = encode(module.model, data, "sketch", data.val_sketches, settings)
        gallery = encode(module.model, data, settings.photo_kind, data.val_photos, settings)
        metrics: Metrics = {}
        for bits in settings.lengths:
            found = scores(pack(queries[:, :bits]), pack(gallery[:, :bits]))
            prefix = "" if bits == settings.code_length else f"{bits}-bit/"
            metrics |= {prefix + name: value for name, value in found.items()}
        return {"score": metrics["reciprocal_rank" if data.ranks else "mAP"], **metrics}

    def scores(queries: Codes, gallery: Codes) -> Metrics:
        found: Metrics = {}
        if data.factorises:
            counts = distance_counts(queries, gallery, *labels)
            found["mAP"] = float(np.nanmean(counted_average_precision(counts)))
        if data.ranks:
            distances = hamming_distances(queries, gallery)
            distances[labels[0][:, None] != labels[1]] = np.inf
            found |= {f"acc@{k}": float(accuracy_at(distances, columns, k).mean()) for k in (1, 10)}
            found["reciprocal_rank"] = float((1 / expected_ranks(distances, columns)).mean())
        return found

    return validate


def draw_migrated(model: Gdh, data: GdhData, settings: GdhSettings, path: Path) -> None:
    """Write the figure of evenly spread validation sketches and photos, or training ones if there are none."""
    if not (settings.pictures and is_main()):
        return
    held_out = bool(len(data.val_sketches))
    sketches = data.val_sketches if held_out else data.sketches
    photos = data.val_photos if held_out else data.photos
    columns = min(settings.pictures, len(sketches), len(photos))
    shown = [rows[np.linspace(0, len(rows) - 1, columns).astype(np.intp)] for rows in (sketches, photos)]
    write_migrated(
        path,
        model,
        as_input(images(data.dataset, "sketch", shown[0], settings)),
        as_input(images(data.dataset, settings.photo_kind, shown[1], settings)),
    )


def load(folder: Path) -> GdhHasher:
    """Load the hasher of a model folder. Raises ModelError."""
    return GdhHasher.load(folder)

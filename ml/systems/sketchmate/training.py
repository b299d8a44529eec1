"""System `sketchmate`: hash codes of sketches from their images and strokes.

Source: Xu et al., "SketchMate: Deep Hashing for Million-Scale Human Sketch Retrieval", CVPR 2018. Algorithm 1:

    1 cnn       the image branch from scratch, cross-entropy L_cel           shared by runs, in `pretraining`
    2 rnn       the stroke branch from scratch, L_cel                        "
    3 fuse      both branches and the hash layer, L_cel
    4 centres   class centres c of f by the model of stage 3; L_cel + 0.01 L_scl
    5 full      L_cel + 0.01 L_scl + 0.0001 L_ql, where b = [f > 0.5] is constant in a step, then updated

Stages 1 and 2, and stage 3, can be shared by runs that differ later, so that each loss starts from the same network.
The centres stay those of stage 3, the mean f of each class's noise-free sketches. The rows of Table 1 are centre=none
quantisation_weight=0 (CEL), centre=common quantisation_weight=0 (CL), and quantisation_weight=0 (SCL), with as many steps
as the full model. Divergences are settings, whose defaults are for minutes of training on a CPU; the `gpu` profile has
the paper's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ml.datasets.pairs import PairDataset
from ml.errors import ConfigError
from ml.losses.quantisation import quantisation_loss
from ml.losses.sketch_centre import class_centres, follow_centres, sketch_centre_loss
from ml.models.sketchmate.network import SketchMate
from ml.systems.sketchmate.branches import SHARED, pretrain_branches
from ml.systems.sketchmate.config import PROFILES, SketchMateSettings
from ml.systems.sketchmate.data import SketchBatch, SketchBatches, seen_batches
from ml.systems.sketchmate.discriminant_init import init_from_discriminant_axes
from ml.systems.sketchmate.fitting import encode, save_run, train_whole
from ml.systems.sketchmate.scorer import SketchHasher
from ml.training.config import as_json, with_overrides
from ml.training.device import pick_device, placed
from ml.training.loop import CHECKPOINT, Metrics
from ml.training.run_files import claim_folder
from ml.training.stages import Stage, run_stages

SYSTEM = "sketchmate"
_ENCODED_AT_ONCE = 16_384
_OF_STAGE_3 = (  # settings that stage 3 depends on, beside those of stages 1 and 2
    *SHARED,
    *("fuse_steps", "branch_lr", "head_lr", "hash_init", "ema_decay", "validations", "validation_sketches"),
    *("code_length", "branches", "head", "recognition_dim"),
)


def train(
    *, dataset: PairDataset, out: Path, profile: str, overrides: Sequence[str], command: str
) -> Mapping[str, Any]:
    """Train on a dataset of strokes; resumes. Returns the manifest of the model folder `out`.

    Raises ConfigError on a wrong profile or setting, DatasetError on a dataset without strokes.
    """
    if profile not in PROFILES:
        raise ConfigError("--profile", f"{profile!r} is unknown; expected one of {', '.join(PROFILES)}")
    settings = with_overrides(PROFILES[profile], overrides)
    claim_folder(out, {**as_json(settings), "dataset": dataset.sha256})
    data, unseen = seen_batches(dataset, settings)
    torch.manual_seed(settings.seed)
    model = SketchMate(settings.network(len(data.seen)), pretrained=True)
    done = pretrain_branches(model, data, settings, out)
    done |= fuse_and_hash(model, data, settings, out)
    return save_run(
        model,
        dataset,
        settings,
        out,
        system=SYSTEM,
        seen=data.seen,
        unseen=unseen,
        done=done,
        command=command,
    )


def fuse_and_hash(
    model: SketchMate, data: SketchBatches, settings: SketchMateSettings, out: Path
) -> dict[str, Metrics]:
    """Run stages 3, 4 and 5 and return their metrics.

    Raises ConfigError if the folder of stage 3 was written with other settings.
    """

    def fuse(own: Path) -> Metrics:
        if settings.hash_init == "discriminant" and not (own / CHECKPOINT).exists():
            init_from_discriminant_axes(model, data, settings)
        return stage(model, data, settings, own, settings.fuse_steps, factor=settings.fuse_factor)

    def centres(own: Path) -> Metrics:
        if settings.centre != "none":
            set_centres(model, data, settings)
        return stage(model, data, settings, own, settings.centre_steps, centred=True)

    def full(own: Path) -> Metrics:
        return stage(model, data, settings, own, settings.steps, centred=True, quantised=True)

    stages = [Stage(name, _elsewhere) for name in ("cnn", "rnn")]
    stages += [Stage("fuse", fuse), Stage("centres", centres), Stage("full", full)]
    if settings.fused is None:
        return run_stages(stages, model, out, skip=sorted({1, 2, *settings.skip}))
    done: dict[str, Metrics] = {}
    if 3 not in settings.skip:
        shared = {key: getattr(settings, key) for key in _OF_STAGE_3}
        claim_folder(settings.fused, {**shared, "fuse_factor": settings.fuse_factor})
        done = run_stages(stages, model, settings.fused, skip=[1, 2, 4, 5])
    return done | run_stages(stages, model, out, skip=sorted({1, 2, 3, *settings.skip}))


def stage(
    model: SketchMate,
    data: SketchBatches,
    settings: SketchMateSettings,
    folder: Path,
    steps: int,
    *,
    centred: bool = False,
    quantised: bool = False,
    factor: float | None = None,
) -> Metrics:
    """Run one of the stages that train the whole network and return its metrics.

    factor: of the learning rates; None is that of stages 4 and 5.
    """

    def objective(batch: SketchBatch) -> tuple[Tensor, Metrics]:
        logits, scores = model(batch.inputs)
        relaxed = model.relaxed(logits)  # f
        loss = F.cross_entropy(scores, batch.labels)
        parts = {"cel": loss.item()}
        if centred and settings.centre != "none":
            if settings.centre == "common":
                follow_centres(model.centres, relaxed.detach(), batch.labels)
            near = sketch_centre_loss(relaxed, batch.labels, model.centres)
            loss, parts["scl"] = loss + settings.centre_weight * near, near.item()
        if quantised and settings.quantisation_weight and settings.head == "hash":
            # ||b - f||^2 of f in (0, 1) is K / 4 times the mean over bits of that of 2 f - 1.
            rounding = logits.shape[1] / 4 * quantisation_loss(2 * relaxed - 1)
            loss, parts["ql"] = loss + settings.quantisation_weight * rounding, rounding.item()
        return loss, parts

    factor = settings.refine_lr_factor if factor is None else factor
    return train_whole(model, objective, data, settings, folder, steps, factor=factor)


def set_centres(model: SketchMate, data: SketchBatches, settings: SketchMateSettings) -> None:
    """Set the model's centres to the mean f of each class's noise-free training sketches."""
    placed(model, pick_device(), channels_last=settings.channels_last).eval()
    rows = data.centre_rows()

    def batches() -> Iterator[tuple[Tensor, Tensor]]:
        for part in np.array_split(rows, -(-len(rows) // _ENCODED_AT_ONCE)):
            logits = torch.from_numpy(encode(model, data, part, settings).logits)
            yield model.relaxed(logits), data.labels_of(part)

    centres = class_centres(batches(), len(data.seen))
    model.centres.copy_(centres.to(model.centres.device))


def load(folder: Path) -> SketchHasher:
    """Load the hasher of a model folder of any deep hashing system. Raises ModelError."""
    return SketchHasher.load(folder)


def _elsewhere(folder: Path) -> Metrics:
    raise AssertionError(f"{folder.name} is trained in the folder of pretraining")

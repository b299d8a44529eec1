"""Stages 1 and 2 of `sketchmate`: train each branch to classify the categories, with a temporary head.

They do not depend on the code length or the later losses, so runs can share them in one folder.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ml.models.sketchmate.network import SketchInputs, SketchMate, as_ink
from ml.models.sketchmate.strokes import StrokeGru
from ml.systems.sketchmate.config import SketchMateSettings
from ml.systems.sketchmate.data import SketchBatch, SketchBatches
from ml.systems.sketchmate.fitting import fit
from ml.training.device import autocast
from ml.training.loop import Metrics
from ml.training.run_files import claim_folder
from ml.training.stages import Stage, run_stages

_BATCH = 256
SHARED = (  # settings that stages 1 and 2 depend on
    *(
        "seed",
        "final",
        "batch_size",
        "learning_rate",
        "rnn_lr",
        "weight_decay",
        "optimizer",
        "schedule",
        "warmup",
    ),
    *("cnn_steps", "rnn_steps", "image_branch", "image_size_px", "width", "fc_dim", "batch_norm", "dropout"),
    *("rnn_hidden", "rnn_dropout", "max_points", "stroke_width_px", "squareness", "frame_margin", "augment"),
    *("unseen", "per_category"),
)


class BranchClassifier(nn.Module):
    """One branch under a linear classifier: SketchInputs to class scores (B, L)."""

    def __init__(self, branch: nn.Module, features: int, n_categories: int) -> None:
        super().__init__()
        self.branch = branch
        self.head = nn.Linear(features, n_categories)

    def forward(self, inputs: SketchInputs) -> Tensor:
        strokes = isinstance(self.branch, StrokeGru)
        features = self.branch(inputs.steps, inputs.lengths) if strokes else self.branch(as_ink(inputs.ink))
        scores: Tensor = self.head(features)
        return scores.float()


def pretrain_branches(
    model: SketchMate, data: SketchBatches, settings: SketchMateSettings, out: Path
) -> dict[str, Metrics]:
    """Load the pretrained weights of the model's branches, training them first if necessary.

    Returns the metrics of each stage. Raises ConfigError if the folder was written with other settings.
    """
    folder = settings.pretraining or out / "pretraining"
    kinds = {"cnn": (model.cnn, settings.cnn_steps), "rnn": (model.rnn, settings.rnn_steps)}
    done: dict[str, Metrics] = {}
    for number, (branch, steps) in enumerate(kinds.values(), start=1):
        if branch is None or number in settings.skip:
            continue
        claim_folder(folder, {key: getattr(settings, key) for key in SHARED})
        if isinstance(branch, StrokeGru):
            branch.offset_std.fill_(data.offset_std())
        stages = [Stage(kind, _trained(branch, data, settings, steps)) for kind in kinds]
        done |= run_stages(stages, branch, folder, skip=[3 - number])
    return done


def _trained(
    branch: nn.Module, data: SketchBatches, settings: SketchMateSettings, steps: int
) -> Callable[[Path], Metrics]:
    """Return the function of a stage that trains a branch."""

    def run(folder: Path) -> Metrics:
        return _classify(branch, data, settings, folder, steps)

    return run


def _classify(
    branch: nn.Module, data: SketchBatches, settings: SketchMateSettings, folder: Path, steps: int
) -> Metrics:
    """Train a branch; `score` is the accuracy on validation drawings."""
    torch.manual_seed(settings.seed)
    classifier = BranchClassifier(branch, int(branch.out_dim), len(data.seen))  # type: ignore[arg-type]
    labels = data.labels_of(data.val)
    rate = settings.rnn_lr if isinstance(branch, StrokeGru) else settings.learning_rate

    def objective(batch: SketchBatch) -> tuple[Tensor, Metrics]:
        return F.cross_entropy(classifier(batch.inputs), batch.labels), {}

    def validate(module: nn.Module) -> Metrics:
        device = next(module.parameters()).device
        right = 0
        with torch.inference_mode(), autocast(device, settings.precision):
            for start in range(0, len(data.val), _BATCH):
                part = slice(start, start + _BATCH)
                guessed = module(data.inputs(data.val[part]).to(device)).argmax(1).cpu()
                right += int((guessed == labels[part]).sum())
        return {"score": right / len(data.val)}

    return fit(
        classifier,
        objective,
        data,
        settings,
        folder,
        steps=steps,
        groups=[(list(classifier.parameters()), rate)],
        validate=validate,
    )

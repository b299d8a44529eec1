"""What the deep hashers share that SketchMate is compared with: its image branch and its data.

Source: Xu et al., *SketchMate*, CVPR 2018, section 4.2: "we evaluate all competitors under same base network". Each
starts from the image branch of SketchMate's stage 1, in the same folder, its last layer from random weights, and trains
at least as many steps as SketchMate's stages 3 to 5 together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal

import torch
from torch import nn

from ml.datasets.pairs import PairDataset
from ml.errors import ConfigError
from ml.models.sketchmate import SketchMate
from ml.systems import sketchmate_config
from ml.systems.sketchmate_branches import pretrain_branches
from ml.systems.sketchmate_config import SketchMateSettings
from ml.systems.sketchmate_data import SketchBatches, seen_batches
from ml.systems.sketchmate_training import Objective, save_run, train_whole
from ml.training.config import as_json, documented, with_overrides
from ml.training.loop import Metrics
from ml.training.run_files import claim_folder
from ml.training.stages import Stage, run_stages


@dataclass(frozen=True, kw_only=True)
class DeepHashingSettings(SketchMateSettings):
    """SketchMate's settings, of which stages 1 and 2 give the branch, and what the losses need."""

    steps: int = documented(450, "steps after the image branch's pretraining")
    branches: Literal["cnn"] = documented("cnn", "the image branch alone")
    begin: Literal["random"] = documented("random", "where the hash layer begins")
    margin: float = documented(2.0, "dsh-supervised: margin of the contrastive loss, in code lengths")
    regularisation: float = documented(0.01, "dsh-supervised: weight that pulls outputs towards +-1")
    alpha: float = documented(1e-5, "dsh-sketch: weight of the network's outputs when codes are chosen")
    word_vectors: Path | None = documented(
        None, "dsh-sketch: a text file of a word and its numbers a line (GloVe); none: label vectors"
    )

    def __post_init__(self) -> None:
        if self.head != "hash":
            raise ConfigError("head", f"{self.head!r}, only SketchMate has a recognition head")
        super().__post_init__()
        if self.margin <= 0:
            raise ConfigError("margin", f"{self.margin}, must be above 0")
        for name in ("regularisation", "alpha"):
            if getattr(self, name) < 0:
                raise ConfigError(name, f"{getattr(self, name)}, must not be negative")


def _from(profile: SketchMateSettings, steps: int) -> DeepHashingSettings:
    shared = {field.name: getattr(profile, field.name) for field in fields(SketchMateSettings)}
    return DeepHashingSettings(**(shared | {"branches": "cnn", "begin": "random", "steps": steps}))


PROFILES: Mapping[str, DeepHashingSettings] = {
    "cpu": _from(sketchmate_config.PROFILES["cpu"], 450),
    "gpu": _from(sketchmate_config.PAPER, 31_000),
}


@dataclass(frozen=True)
class Learner:
    """What a system trains: `whole` holds `model` and whatever else must survive an interruption."""

    whole: nn.Module
    objective: Objective


MakeLearner = Callable[[SketchMate, SketchBatches, DeepHashingSettings], Learner]


def train_deep_hasher(
    make: MakeLearner,
    *,
    system: str,
    classifies: bool,
    dataset: PairDataset,
    out: Path,
    profile: str,
    overrides: Sequence[str],
    command: str,
) -> Mapping[str, Any]:
    """Train a deep hasher; resumes. Returns the manifest of the model folder `out`."""
    if profile not in PROFILES:
        raise ConfigError("--profile", f"{profile!r} is unknown; one of {', '.join(PROFILES)}")
    settings = with_overrides(PROFILES[profile], overrides)
    claim_folder(out, {**as_json(settings), "dataset": dataset.sha256})
    data, unseen = seen_batches(dataset, settings)
    torch.manual_seed(settings.seed)
    model = SketchMate(settings.network(len(data.seen) if classifies else 0), pretrained=True)
    done = pretrain_branches(model, data, settings, out)

    def hashing(folder: Path) -> Metrics:
        learner = make(model, data, settings)
        return train_whole(
            model, learner.objective, data, settings, folder, settings.steps, whole=learner.whole
        )

    done |= run_stages([Stage("hash", hashing)], model, out)
    return save_run(
        model,
        dataset,
        settings,
        out,
        system=system,
        seen=data.seen,
        unseen=unseen,
        done=done,
        command=command,
    )

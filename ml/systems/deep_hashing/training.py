"""Training of the deep hashing baselines with SketchMate's image branch and data.

Source: Xu et al., *SketchMate*, CVPR 2018, section 4.2: "we evaluate all competitors under same base network". Each
starts from the image branch of SketchMate's stage 1, in the same folder, with a random last layer, and trains for at
least as many steps as SketchMate's stages 3 to 5 together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from ml.datasets.pairs import PairDataset
from ml.errors import ConfigError
from ml.models.sketchmate.network import SketchMate
from ml.systems.deep_hashing.config import PROFILES, DeepHashingSettings
from ml.systems.sketchmate.branches import pretrain_branches
from ml.systems.sketchmate.data import SketchBatches, seen_batches
from ml.systems.sketchmate.fitting import Objective, save_run, train_whole
from ml.training.config import as_json, with_overrides
from ml.training.loop import Metrics
from ml.training.run_files import claim_folder
from ml.training.stages import Stage, run_stages


@dataclass(frozen=True)
class Learner:
    """What a system trains: `whole` contains the model and all other state that must survive an interruption."""

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
    """Train a deep hasher; resumes. Returns the manifest of the model folder `out`.

    Raises ConfigError on a wrong profile or setting, DatasetError on a dataset without strokes.
    """
    if profile not in PROFILES:
        raise ConfigError("--profile", f"{profile!r} is unknown; expected one of {', '.join(PROFILES)}")
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

"""System `dlbhc`: a sigmoid layer of K units before the classifier, trained only by cross-entropy.

Source: Lin, Yang, Hsiao, Chen, "Deep Learning of Binary Hash Codes for Fast Image Retrieval", CVPR workshops 2015. It is
SketchMate without the stroke branch, the centre loss and the quantisation loss.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch.nn.functional as F
from torch import Tensor

from ml.datasets.pairs import PairDataset
from ml.models.sketchmate.network import SketchMate
from ml.systems.deep_hashing.config import DeepHashingSettings
from ml.systems.deep_hashing.training import Learner, train_deep_hasher
from ml.systems.sketchmate.data import SketchBatch, SketchBatches
from ml.systems.sketchmate.scorer import SketchHasher
from ml.training.loop import Metrics


def learner(model: SketchMate, data: SketchBatches, settings: DeepHashingSettings) -> Learner:
    """Return the learner with the cross-entropy of class scores computed from the relaxed code."""

    def objective(batch: SketchBatch) -> tuple[Tensor, Metrics]:
        return F.cross_entropy(model(batch.inputs)[1], batch.labels), {}

    return Learner(model, objective)


def train(
    *, dataset: PairDataset, out: Path, profile: str, overrides: Sequence[str], command: str
) -> Mapping[str, Any]:
    """Train on a dataset of strokes; resumes. Returns the manifest of the model folder `out`.

    Raises ConfigError on a wrong profile or setting, DatasetError on a dataset without strokes.
    """
    return train_deep_hasher(
        learner,
        system="dlbhc",
        classifies=True,
        dataset=dataset,
        out=out,
        profile=profile,
        overrides=overrides,
        command=command,
    )


def load(folder: Path) -> SketchHasher:
    """Load the hasher of a model folder. Raises ModelError."""
    return SketchHasher.load(folder)

"""System `dsh-supervised`: a contrastive loss over all pairs of a batch, with outputs pulled towards +-1.

Source: Liu, Wang, Shan, Chen, "Deep Supervised Hashing for Fast Image Retrieval", CVPR 2016. As in SketchMate's
comparison, pairs are formed online within each batch; with hundreds of categories, nearly all of them are negative.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from torch import Tensor

from ml.datasets.pairs import PairDataset
from ml.losses.pairwise_hashing import pairwise_hashing_loss
from ml.models.sketchmate.network import SketchMate
from ml.systems.deep_hashing.config import DeepHashingSettings
from ml.systems.deep_hashing.training import Learner, train_deep_hasher
from ml.systems.sketchmate.data import SketchBatch, SketchBatches
from ml.systems.sketchmate.scorer import SketchHasher
from ml.training.loop import Metrics


def learner(model: SketchMate, data: SketchBatches, settings: DeepHashingSettings) -> Learner:
    """Return the learner with the pairwise loss of the hash logits, with a margin of 2 K by default."""
    margin = settings.margin * settings.code_length

    def objective(batch: SketchBatch) -> tuple[Tensor, Metrics]:
        logits, _ = model(batch.inputs)
        loss = pairwise_hashing_loss(
            logits, batch.labels, margin=margin, regularisation=settings.regularisation
        )
        return loss, {}

    return Learner(model, objective)


def train(
    *, dataset: PairDataset, out: Path, profile: str, overrides: Sequence[str], command: str
) -> Mapping[str, Any]:
    """Train on a dataset of strokes; resumes. Returns the manifest of the model folder `out`.

    Raises ConfigError on a wrong profile or setting, DatasetError on a dataset without strokes.
    """
    return train_deep_hasher(
        learner,
        system="dsh-supervised",
        classifies=False,
        dataset=dataset,
        out=out,
        profile=profile,
        overrides=overrides,
        command=command,
    )


def load(folder: Path) -> SketchHasher:
    """Load the hasher of a model folder. Raises ModelError."""
    return SketchHasher.load(folder)

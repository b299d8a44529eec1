"""A `gdh` small enough to train in a test."""

from __future__ import annotations

from pathlib import Path

from ml.datasets.pairs import PairDataset
from ml.models.gdh.network import Gdh
from ml.systems.gdh import training as gdh
from ml.systems.gdh.config import GdhSettings
from ml.systems.gdh.data import GdhData
from ml.systems.gdh.learner import GdhLearner
from ml.systems.gdh.scorer import GdhHasher
from ml.training.config import with_overrides

TINY = (
    *(
        "steps=4",
        "batch_size=4",
        "validate_every=2",
        "code_length=16",
        "precision=fp32",
        "channels_last=false",
    ),
    *(
        "image_size_px=32",
        "channels=4",
        "photo_blocks=1",
        "sketch_blocks=1",
        "backbone=resnet18",
        "pictures=2",
        "dilate_px=0",
    ),
)


def tiny(*overrides: str) -> GdhSettings:
    return with_overrides(GdhSettings(), [*TINY, *overrides])


def run(dataset: PairDataset, out: Path, *overrides: str) -> GdhHasher:
    gdh.train(dataset=dataset, out=out, profile="cpu", overrides=[*TINY, *overrides], command="as typed")
    return gdh.load(out)


def learner_of(dataset: PairDataset, settings: GdhSettings) -> tuple[GdhLearner, GdhData]:
    data = GdhData(dataset, settings)
    return GdhLearner(Gdh(settings.network()), data, settings).train(), data

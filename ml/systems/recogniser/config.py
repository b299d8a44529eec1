"""Settings of system `recogniser`."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ml.errors import ConfigError
from ml.training.config import BaseConfig, documented


@dataclass(frozen=True, kw_only=True)
class RecogniserConfig(BaseConfig):
    """All settings of a run of `recogniser`."""

    steps: int = documented(8_000, "optimiser steps")
    frozen_blocks: int = documented(3, "frozen first blocks of the trunk, in addition to the stem")
    learning_rate: float = documented(8e-4, "AdamW learning rate of the trunk")
    head_lr: float = documented(2e-3, "AdamW learning rate of the head")
    weight_decay: float = documented(0.02, "AdamW weight decay")
    ema_decay: float | None = documented(0.998, "decay of the weights' moving average")
    validate_every: int = documented(500, "steps between validations")
    more: tuple[Path, ...] = documented(
        (), "further folders or zips of QuickDraw <name>.ndjson files, used only for training"
    )
    teacher: Path | None = documented(
        None, "DoodleNet's weights as npz, whose soft labels are learned as well"
    )
    teacher_weight: float = documented(0.6, "weight of the teacher's soft labels against the true names")
    teacher_temperature: float = documented(1.5, "temperature of the teacher's and the student's soft labels")
    label_smoothing: float = documented(0.05, "label smoothing of the true names")
    image_size_px: int = documented(80, "side of the square input, at least 32")
    stroke_width_px: float = documented(2.2, "width of a rasterised stroke, in pixels")
    hidden: int = documented(1024, "width of the head")
    dropout: float = documented(0.2, "dropout before the last layer")
    catalogue: Path | None = documented(
        None, "catalogue folder whose line drawings are learned under the names that its products' words mean"
    )
    catalogue_share: float = documented(0.15, "share of a batch: line drawings of the catalogue's products")
    icons: Path | None = documented(
        None,
        "folder or zip of detailed <name>.ndjson drawings, such as traced icons, learned without the teacher",
    )
    icon_share: float = documented(0.1, "share of a batch: drawings of `icons`")
    nonsense_share: float = documented(
        0.03, "share of a batch, if there is a catalogue: scribbles and letters, which no name fits"
    )
    other_discount: float = documented(
        2.0,
        "by how much the logit of drawings without a name is lowered after training, which saw many of them",
    )
    start: Path | None = documented(
        None, "folder of a recogniser whose weights the run starts from; none: ImageNet's"
    )
    start_share: float = documented(
        0.0, "share of the start's weights in the final ones, from 0 to below 1: what it knew is kept"
    )
    partial_prob: float = documented(0.3, "probability that a drawing is cut to its first part")

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 <= self.start_share < 1 or (self.start_share and self.start is None):
            raise ConfigError(
                "start_share", f"{self.start_share}, must be from 0 to below 1, and 0 without start"
            )
        if self.image_size_px < 32:
            raise ConfigError("image_size_px", f"{self.image_size_px}, must be at least 32")


PROFILES: Mapping[str, RecogniserConfig] = {
    "cpu": RecogniserConfig(),
    "gpu": RecogniserConfig(
        steps=60_000, batch_size=512, frozen_blocks=0, image_size_px=112, stroke_width_px=3.0
    ),
}

"""Settings of system `sketchfind`."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ml.errors import ConfigError
from ml.training.config import PRECISION_HELP, Precision, documented


@dataclass(frozen=True)
class SketchfindConfig:
    """All settings of a run of `sketchfind`."""

    quickdraw: Path | None = documented(
        None, "folder of QuickDraw <category>.ndjson files; none trains only on the catalogue's drawings"
    )
    more: tuple[Path, ...] = documented(
        (), "further folders or zips of QuickDraw <name>.ndjson files, used only for training"
    )
    start: Path | None = documented(
        None, "model folder of this system whose weights the run starts from; none: ImageNet's"
    )
    keep_weight: float = documented(
        0.0, "weight of the squared distance of the trunk's weights from their start, relative to their size"
    )
    pictures: Path | None = documented(
        None, "folder or zip of further pictures; their traced edges are learned as sketches of them"
    )
    picture_pairs: int = documented(40, "pictures per batch, each with one sketch, if there are pictures")
    seed: int = documented(0, "seed of sampling, augmentation and initialisation")
    steps: int = documented(2400, "optimiser steps")
    pairs: int = documented(40, "products per batch, each with one sketch and one gallery image")
    category_sketches: int = documented(56, "QuickDraw sketches per batch")
    image_size_px: int = documented(128, "side of the square input; a multiple of 32, at least 64")
    stroke_width_px: float = documented(3.0, "width of a rasterised stroke, in pixels")
    embedding_dim: int = documented(256, "length of the embedding")
    code_length: int = documented(64, "bits of the hash code; a multiple of 8")
    frozen_blocks: int = documented(5, "frozen first blocks of the trunk, in addition to the stem")
    trunk_lr: float = documented(5e-4, "AdamW learning rate of the trunk")
    head_lr: float = documented(1e-3, "AdamW learning rate of the heads")
    weight_decay: float = documented(1e-4, "AdamW weight decay")
    temperature: float = documented(0.07, "temperature of the instance InfoNCE")
    category_weight: float = documented(1.0, "weight of the category losses")
    hash_weight: float = documented(0.5, "weight of the hash head's losses")
    quantisation_weight: float = documented(0.05, "weight of the quantisation loss")
    other_view_prob: float = documented(
        0.3, "probability that a pair's gallery image shows the main view instead of the sketch's"
    )
    partial_prob: float = documented(0.3, "probability that a sketch is cut to its first strokes")
    abstract_prob: float = documented(0.6, "probability that crowded lines of a drawing are reduced to one")
    sold_prob: float = documented(0.6, "probability that a doodle's category is sold in the shop")
    asked_prob: float = documented(
        0.3, "probability that a pair shows a product that one of the batch's doodles may mean"
    )
    background_prob: float = documented(
        0.3, "probability that a photo's white ground gets a colour and a shadow"
    )
    dropout: float = documented(0.1, "dropout of the heads' input features")
    precision: Precision = documented("auto", PRECISION_HELP)
    checkpoint_interval_s: float = documented(120.0, "seconds between checkpoints")
    validate_every: int = documented(300, "steps between validations")

    def __post_init__(self) -> None:
        if self.image_size_px % 32 or self.image_size_px < 64:
            raise ConfigError(
                "image_size_px", f"{self.image_size_px}, must be a multiple of 32 and at least 64"
            )
        if self.code_length % 8:
            raise ConfigError("code_length", f"{self.code_length}, must be a multiple of 8")
        if self.steps < 1 or self.pairs < 2:
            raise ConfigError(
                "steps", f"{self.steps} with pairs={self.pairs}, must be at least 1 with pairs=2"
            )


PROFILES: Mapping[str, SketchfindConfig] = {
    "cpu": SketchfindConfig(),
    "gpu": SketchfindConfig(
        steps=12_000, pairs=128, category_sketches=96, frozen_blocks=0, validate_every=1000
    ),
}

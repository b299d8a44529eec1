"""Settings of system `sketchfind-pairs`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ml.errors import ConfigError
from ml.models.grid_encoder.config import GridEncoderConfig
from ml.training.config import BaseConfig, documented

Gallery = Literal["photo", "edge", "both"]
WIDTHS = (0, 1, 2)  # pixels by which lines may grow on each side
USUAL_WIDTH = 1  # index of the default width


@dataclass(frozen=True, kw_only=True)
class PairsConfig(BaseConfig):
    """All settings of a run."""

    steps: int = documented(240, "optimiser steps")
    batch_size: int = documented(64, "pairs per step, of as few categories as can fill it")
    learning_rate: float = documented(1e-3, "AdamW learning rate of the head")
    trunk_lr: float = documented(5e-4, "AdamW learning rate of the trunk")
    weight_decay: float = documented(1e-4, "weight decay")
    warmup: float = documented(0.05, "share of the steps with linear warm-up of the learning rate")
    ema_decay: float | None = documented(0.97, "decay of the weights' moving average; none for no average")
    validate_every: int = documented(80, "steps between validations")
    image_size_px: int = documented(160, "side of the square input; a multiple of 32")
    grid: int = documented(4, "cells per side of the pooled feature map")
    last_block: int = documented(10, "trunk block whose map is pooled")
    embedding_dim: int = documented(256, "length of the embedding")
    frozen_blocks: int = documented(5, "frozen first blocks of the trunk, in addition to the stem")
    train_depthwise: bool = documented(False, "also train the depthwise convolutions, which have few weights")
    temperature: float = documented(0.07, "temperature of the contrastive loss")
    photo_prob: float = documented(
        0.5, "probability that a pair's gallery image is the photo instead of its edge map"
    )
    vote_weight: float = documented(0.0, "weight of the likelihood of human triplets within a batch")
    vote_temperature: float = documented(0.2, "temperature of the likelihood")
    hard_share: float = documented(0.0, "share of a batch that looks similar to its other products")
    warp: float = documented(1.0, "strength of geometric augmentation")
    erase_prob: float = documented(0.5, "probability that a rectangle is erased from an image")
    also: tuple[str, ...] = documented(
        (), "additional datasets to train on, FORMAT:PATH or PATH, comma-separated"
    )
    also_prob: float = documented(0.5, "probability that a step trains on additional datasets")
    gallery: Gallery = documented(
        "photo", "image that sketches are compared with: photo, edge map, or both averaged"
    )
    flip_views: bool = documented(True, "also compare mirrored images, at twice the cost per query")
    width_views: bool = documented(
        True, "average the embeddings of three stroke widths, at three times the cost per query"
    )
    query_bank: int = documented(
        256,
        "number of training sketches to correct for photos that are near every sketch; 0 disables it",
    )
    bank_temperature: float = documented(
        0.1, "temperature of the query bank; lower values only count the nearest sketches"
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        self.encoder  # noqa: B018  (checks the sizes)
        if self.batch_size < 2:
            raise ConfigError("batch_size", f"{self.batch_size}, must be at least 2")
        for name in ("photo_prob", "hard_share", "also_prob", "erase_prob"):
            if not 0 <= getattr(self, name) <= 1:
                raise ConfigError(name, f"{getattr(self, name)}, must be in [0, 1]")
        for name in ("temperature", "vote_temperature", "bank_temperature", "trunk_lr"):
            if getattr(self, name) <= 0:
                raise ConfigError(name, f"{getattr(self, name)}, must be above 0")
        if self.query_bank < 0:
            raise ConfigError("query_bank", f"{self.query_bank}, must not be negative")
        if not 0 <= self.frozen_blocks <= self.last_block + 1:
            raise ConfigError(
                "frozen_blocks", f"{self.frozen_blocks}, the trunk has {self.last_block + 1} blocks"
            )

    @property
    def encoder(self) -> GridEncoderConfig:
        """Sizes of the encoder."""
        return GridEncoderConfig(self.image_size_px, self.grid, self.last_block, self.embedding_dim)


PROFILES: Mapping[str, PairsConfig] = {
    "cpu": PairsConfig(),
    "gpu": PairsConfig(steps=600, image_size_px=192, frozen_blocks=0),
}

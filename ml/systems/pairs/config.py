"""Settings of system `sketchfind-pairs`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ml.errors import ConfigError
from ml.models.grid_encoder.config import GridEncoderConfig
from ml.training.config import BaseConfig, documented

Gallery = Literal["photo", "edge", "both"]
WIDTHS = (0, 1, 2)  # pixels that lines may grow by on each side
USUAL_WIDTH = 1  # its number, where there is no choice


@dataclass(frozen=True, kw_only=True)
class PairsConfig(BaseConfig):
    """Every number that a run depends on besides its data."""

    steps: int = documented(240, "optimiser steps")
    batch_size: int = documented(64, "pairs a step, of one category where it has that many products")
    learning_rate: float = documented(1e-3, "AdamW learning rate of the head")
    trunk_lr: float = documented(5e-4, "AdamW learning rate of the trunk")
    weight_decay: float = documented(1e-4, "weight decay")
    warmup: float = documented(0.05, "share of the steps over which the rate rises linearly")
    ema_decay: float | None = documented(0.97, "decay of the weights' moving average; none for no average")
    validate_every: int = documented(80, "steps between validations")
    image_size_px: int = documented(160, "side of the square input; a multiple of 32")
    grid: int = documented(4, "cells a side of the pooled feature map")
    last_block: int = documented(10, "trunk block whose map is pooled")
    embedding_dim: int = documented(256, "length of the embedding")
    frozen_blocks: int = documented(5, "trunk blocks that keep their ImageNet weights, with the stem")
    train_depthwise: bool = documented(False, "train the depthwise convolutions, too: few weights")
    temperature: float = documented(0.07, "temperature of the contrastive loss")
    photo_prob: float = documented(
        0.5, "probability that a pair's gallery image is the photo, not its edge map"
    )
    vote_weight: float = documented(0.0, "weight of the likelihood of the human triplets within a batch")
    vote_temperature: float = documented(0.2, "temperature of that likelihood")
    hard_share: float = documented(0.0, "share of a batch that are look-alikes of its other products")
    warp: float = documented(1.0, "strength of all geometric augmentation; 1 is the recipe's")
    erase_prob: float = documented(0.5, "probability that a rectangle is erased from an image")
    also: tuple[str, ...] = documented(
        (), "further datasets to train on, FORMAT:PATH or PATH, comma-separated"
    )
    also_prob: float = documented(0.5, "probability that a step trains on those")
    gallery: Gallery = documented(
        "photo", "what sketches are compared with: photo, edge map, or both averaged"
    )
    flip_views: bool = documented(True, "compare mirrored images, too: twice the work a query")
    width_views: bool = documented(
        True, "average the embeddings of three stroke widths: thrice the work a query"
    )
    query_bank: int = documented(
        256,
        "training sketches that say which photos are near to any sketch, and are held back for it; 0 is off",
    )
    bank_temperature: float = documented(0.1, "how near to one of them counts; lower: only the nearest")

    def __post_init__(self) -> None:
        super().__post_init__()
        self.encoder  # noqa: B018  (checks the sizes)
        if self.batch_size < 2:
            raise ConfigError("batch_size", "at least two pairs are needed to tell apart")
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
                "frozen_blocks", f"{self.frozen_blocks}, there are {self.last_block + 1} blocks"
            )

    @property
    def encoder(self) -> GridEncoderConfig:
        """The sizes of the encoder."""
        return GridEncoderConfig(self.image_size_px, self.grid, self.last_block, self.embedding_dim)


PROFILES: Mapping[str, PairsConfig] = {
    "cpu": PairsConfig(),
    "gpu": PairsConfig(steps=600, image_size_px=192, frozen_blocks=0),
}

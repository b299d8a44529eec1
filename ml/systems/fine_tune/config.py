"""Settings of `sketchfind`'s profile `fine-tune`: the head of a served model, on what people judged and drew since."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ml.errors import ConfigError
from ml.training.config import BaseConfig, documented

SHIPPED = Path(__file__).parents[2] / "zoo" / "sketchfind"


@dataclass(frozen=True, kw_only=True)
class FineTuneConfig(BaseConfig):
    """Every number that a run depends on besides its data and its base."""

    base: Path = documented(SHIPPED, "folder of the served model that it starts from")
    steps: int = documented(300, "optimiser steps")
    batch_size: int = documented(64, "pairs a step, of one category where it has that many products")
    votes: int = documented(64, "judged triplets a step")
    learning_rate: float = documented(5e-4, "AdamW learning rate")
    weight_decay: float = documented(0.0, "weight decay; `keep_weight` pulls towards the base instead")
    ema_decay: float | None = documented(0.95, "decay of the weights' moving average; none for no average")
    validate_every: int = documented(20, "steps between validations")
    precision: Literal["fp32"] = documented("fp32", "the head, which alone is trained, is too small for bf16")
    views: int = documented(6, "views of a sketch: as it is, mirrored, and deformed ones of both")
    images: int = documented(
        12_000,
        "images that are put through the trunk: fewer views, then fewer sketches, where there are more",
    )
    pair_weight: float = documented(
        1.0, "weight of the contrastive loss over sketches and their own products"
    )
    temperature: float = documented(0.07, "temperature of that loss")
    vote_weight: float = documented(1.0, "weight of the likelihood of the judged triplets")
    vote_temperature: float = documented(0.1, "temperature of that likelihood")
    hash_weight: float = documented(0.5, "weight of the same two losses on the hash codes")
    quantisation_weight: float = documented(0.05, "weight of the quantisation loss")
    keep_weight: float = documented(
        1.0, "weight of the head's squared distance from the base's, relative to its size"
    )
    adopted: float = documented(
        0.5,
        "how far the features' mean and deviation move from the base's to the snapshot's; 0 keeps the base's",
    )
    dropout: float = documented(0.1, "share of features left out while training")

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("pair_weight", "vote_weight", "hash_weight", "quantisation_weight", "keep_weight"):
            if getattr(self, name) < 0:
                raise ConfigError(name, f"{getattr(self, name)}, must not be negative")
        if not self.pair_weight and not self.vote_weight:
            raise ConfigError("vote_weight", "0 beside pair_weight=0: nothing is left to learn from")
        for name in ("temperature", "vote_temperature"):
            if getattr(self, name) <= 0:
                raise ConfigError(name, f"{getattr(self, name)}, must be above 0")
        for name in ("adopted", "dropout"):
            if not 0 <= getattr(self, name) <= 1 - (name == "dropout") * 0.01:
                raise ConfigError(name, f"{getattr(self, name)}, must be in [0, 1]")
        for name in ("views", "votes"):
            if getattr(self, name) < 1:
                raise ConfigError(name, f"{getattr(self, name)}, must be at least 1")
        if self.batch_size < 2:
            raise ConfigError("batch_size", "at least two pairs are needed to tell apart")
        if self.images < 100:
            raise ConfigError("images", f"{self.images}, at least 100 are needed")


PROFILES: Mapping[str, FineTuneConfig] = {"fine-tune": FineTuneConfig()}

"""Settings of `sketchfind`'s profile `fine-tune`: retrain the head of a served model on new judgements and sketches."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ml.errors import ConfigError
from ml.training.config import BaseConfig, documented

SHIPPED = Path(__file__).parents[2] / "zoo" / "sketchfind"


@dataclass(frozen=True, kw_only=True)
class FineTuneConfig(BaseConfig):
    """All settings of a run."""

    base: Path = documented(SHIPPED, "folder of the served model to start from")
    steps: int = documented(300, "optimiser steps")
    batch_size: int = documented(64, "pairs per step, all of one category; fewer if it has fewer products")
    votes: int = documented(64, "judged triplets per step")
    learning_rate: float = documented(5e-4, "AdamW learning rate")
    weight_decay: float = documented(0.0, "weight decay; `keep_weight` pulls towards the base instead")
    ema_decay: float | None = documented(0.95, "decay of the weights' moving average; none for no average")
    validate_every: int = documented(20, "steps between validations")
    precision: Literal["fp32"] = documented("fp32", "only the head is trained, which is too small for bf16")
    views: int = documented(6, "views of a sketch: original, mirrored, and deformed versions of both")
    images: int = documented(
        12_000,
        "images encoded by the trunk, at most; reduces views first, then sketches",
    )
    pair_weight: float = documented(
        1.0, "weight of the contrastive loss over sketches and their own products"
    )
    temperature: float = documented(0.07, "temperature of the contrastive loss")
    vote_weight: float = documented(1.0, "weight of the likelihood of the judged triplets")
    vote_temperature: float = documented(0.1, "temperature of the likelihood")
    click_weight: float = documented(
        0.0, "weight of the likelihood of clicks, if the snapshot has any; 0 leaves them out"
    )
    hash_weight: float = documented(0.5, "weight of the same two losses on hash codes")
    quantisation_weight: float = documented(0.05, "weight of the quantisation loss")
    keep_weight: float = documented(
        1.0, "weight of the squared distance of the head from the base's, relative to its norm"
    )
    adopted: float = documented(
        0.5,
        "how far feature statistics move from the base's (0) to the snapshot's (1)",
    )
    dropout: float = documented(0.1, "dropout of features in training")

    def __post_init__(self) -> None:
        super().__post_init__()
        parts = ("pair_weight", "vote_weight", "click_weight")
        for name in (*parts, "hash_weight", "quantisation_weight", "keep_weight"):
            if getattr(self, name) < 0:
                raise ConfigError(name, f"{getattr(self, name)}, must not be negative")
        if not any(getattr(self, name) for name in parts):
            raise ConfigError(
                "vote_weight", "0 together with pair_weight=0 and click_weight=0 leaves nothing to learn from"
            )
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
            raise ConfigError("batch_size", f"{self.batch_size}, must be at least 2")
        if self.images < 100:
            raise ConfigError("images", f"{self.images}, must be at least 100")


PROFILES: Mapping[str, FineTuneConfig] = {"fine-tune": FineTuneConfig()}

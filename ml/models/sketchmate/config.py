"""Sizes of SketchMate's network. Imports no torch, so that settings can be listed without it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ml.errors import ConfigError

ImageBranch = Literal["alexnet", "lite0", "sketch-a-net", "resnet50"]
SKETCH_A_NET_PX = 225
Branches = Literal["both", "cnn", "rnn"]
Head = Literal["hash", "recognition"]


@dataclass(frozen=True)
class SketchMateConfig:
    """Sizes of the network. embedding_dim: code length in bits, or width of the recognition layer."""

    embedding_dim: int
    n_categories: int  # 0 without a classifier
    branches: Branches = "both"
    head: Head = "hash"
    image_branch: ImageBranch = "alexnet"
    image_size_px: int = 224
    width: float = 1.0
    fc_dim: int = 4096
    batch_norm: bool = False
    dropout: float = 0.5
    rnn_hidden: int = 512
    rnn_dropout: float = 0.0

    def __post_init__(self) -> None:
        if self.head == "hash" and (self.embedding_dim < 8 or self.embedding_dim % 8):
            raise ConfigError("code_length", f"{self.embedding_dim}, must be a multiple of 8")
        if self.image_branch == "sketch-a-net" and self.image_size_px != SKETCH_A_NET_PX:
            raise ConfigError(
                "image_size_px",
                f"{self.image_size_px}, must be {SKETCH_A_NET_PX} for the sketch-a-net branch",
            )
        if self.image_branch == "lite0" and self.image_size_px % 32:
            raise ConfigError(
                "image_size_px", f"{self.image_size_px}, must be a multiple of 32 for the lite0 branch"
            )

"""Sizes and switches of DSSA's networks. Imports no torch, so that settings can be listed without it."""

from dataclasses import dataclass
from typing import Literal

from ml.errors import ConfigError

MaskNorm = Literal["softmax", "sigmoid"]


@dataclass(frozen=True)
class DssaConfig:
    """One branch: Sketch-a-Net's sizes, and what of attention and fusion it has."""

    embedding_dim: int = 256
    batch_norm: bool = True
    attention: bool = True
    mask_norm: MaskNorm = "softmax"
    coarse_fine: bool = True
    coarse_weight: float = 1.0

    def __post_init__(self) -> None:
        if self.mask_norm not in ("softmax", "sigmoid"):
            raise ConfigError("mask_norm", f"{self.mask_norm!r} is neither softmax nor sigmoid")


@dataclass(frozen=True)
class HybridConfig:
    """Sizes; `hidden_dim` is FC6's and FC7's width, `coarse_fine` as in `DssaConfig`."""

    n_categories: int
    embedding_dim: int = 256
    hidden_dim: int = 4096
    batch_norm: bool = True
    mask_norm: MaskNorm = "softmax"
    coarse_fine: bool = True
    coarse_weight: float = 1.0

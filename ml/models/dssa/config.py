"""Sizes and switches of DSSA's networks. Imports no torch, so that settings can be listed without it."""

from dataclasses import dataclass
from typing import Literal

from ml.errors import ConfigError
from ml.models.branches.config import LITE0_PX, BranchName

MaskNorm = Literal["softmax", "sigmoid"]


@dataclass(frozen=True)
class DssaConfig:
    """One branch and its sizes, and switches for attention and fusion."""

    embedding_dim: int = 256
    batch_norm: bool = True
    attention: bool = True
    mask_norm: MaskNorm = "softmax"
    coarse_fine: bool = True
    coarse_weight: float = 1.0
    branch: BranchName = "sketch-a-net"
    lite0_px: int = LITE0_PX

    def __post_init__(self) -> None:
        if self.mask_norm not in ("softmax", "sigmoid"):
            raise ConfigError("mask_norm", f"{self.mask_norm!r} is unknown; expected softmax or sigmoid")


@dataclass(frozen=True)
class HybridConfig:
    """Sizes of the hybrid network; `hidden_dim` is the width of FC6 and FC7, other fields as in `DssaConfig`."""

    n_categories: int
    embedding_dim: int = 256
    hidden_dim: int = 4096
    batch_norm: bool = True
    mask_norm: MaskNorm = "softmax"
    coarse_fine: bool = True
    coarse_weight: float = 1.0

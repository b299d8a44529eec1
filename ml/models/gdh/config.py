"""Sizes and switches of GDH's networks. Imports no torch, so that settings can be listed without it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ml.errors import ConfigError

Embedding = Literal["photo", "sketch", "none"]
MixUp = Literal["none", "linear", "concatenation", "kronecker"]
Norm = Literal["batch", "instance"]
LITE0_BLOCKS = 16


@dataclass(frozen=True)
class HashNetConfig:
    """Sizes of the hashing network. code_length: K bits.

    For the lite0 trunk, last_block: the block whose map is pooled to grid x grid cells; 10 encodes position, at 1/16 of
    the side, 15 encodes categories, at 1/32. frozen_blocks: how many first blocks are frozen, together with the stem.
    """

    code_length: int = 64
    backbone: Literal["resnet18", "lite0"] = "resnet18"
    domain_norm: bool = False
    frozen_blocks: int = 5
    last_block: int = 10
    grid: int = 4

    def __post_init__(self) -> None:
        if self.code_length < 8 or self.code_length % 8:
            raise ConfigError("code_length", f"{self.code_length}, must be a multiple of 8")
        if not 0 <= self.last_block < LITE0_BLOCKS:
            raise ConfigError("last_block", f"{self.last_block}, lite0 has blocks 0 to {LITE0_BLOCKS - 1}")
        if not 0 <= self.frozen_blocks <= self.last_block + 1:
            raise ConfigError(
                "frozen_blocks", f"{self.frozen_blocks}, the trunk has {self.last_block + 1} blocks"
            )
        if self.grid < 1:
            raise ConfigError("grid", f"{self.grid}, must be at least 1")


@dataclass(frozen=True)
class GdhConfig:
    """Sizes and switches of the networks.

    embedding: the domain in which codes are computed: "photo", with migrated sketches (the paper's); "sketch", with
    migrated photos (Table 5); "none", without migration. background: the value of masked pixels, "grey" (0, as in the
    paper) or "white", as in drawings. residual: generators add to their input instead of producing a new image. mix_up:
    how a photo's code is fused with that of its image after a cycle (Table 5).
    """

    hashing: HashNetConfig
    image_size_px: int = 256
    channels: int = 32
    photo_blocks: int = 9
    sketch_blocks: int = 6
    norm: Norm = "batch"
    attention: bool = True
    threshold: float = 1.0
    straight_through: bool = True
    background: Literal["grey", "white"] = "grey"
    residual: bool = False
    embedding: Embedding = "photo"
    mix_up: MixUp = "none"

    def __post_init__(self) -> None:
        if self.image_size_px < 32 or self.image_size_px % 32:
            raise ConfigError("image_size_px", f"{self.image_size_px}, must be a multiple of 32")
        for name in ("channels", "photo_blocks", "sketch_blocks"):
            if getattr(self, name) < 1:
                raise ConfigError(name, f"{getattr(self, name)}, must be at least 1")
        if not 0 < self.threshold <= 1:
            raise ConfigError("threshold", f"{self.threshold}, must be in (0, 1], so that something is kept")
        if self.mix_up != "none" and self.embedding != "photo":
            raise ConfigError("mix_up", f"{self.mix_up} requires embedding=photo")

"""Sizes of the grid encoder. Imports no torch, so that settings can be listed without it."""

from dataclasses import dataclass

from ml.errors import ConfigError


@dataclass(frozen=True)
class GridEncoderConfig:
    """Sizes of the encoder: `grid` cells per side, which overlap if they do not divide the map of `last_block`."""

    image_size_px: int = 160
    grid: int = 4
    last_block: int = 10
    embedding_dim: int = 256

    def __post_init__(self) -> None:
        if self.image_size_px % 32:
            raise ConfigError("image_size_px", f"{self.image_size_px}, must be a multiple of 32")
        if not 0 <= self.last_block <= 15:
            raise ConfigError("last_block", f"{self.last_block}, must be between 0 and 15")
        if self.grid < 1:
            raise ConfigError("grid", f"{self.grid}, must be at least 1")

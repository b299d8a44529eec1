"""Settings of system `dssa`."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ml.errors import ConfigError
from ml.models.dssa.config import MaskNorm
from ml.systems.fine_grained.config import Gallery, RankingConfig
from ml.training.config import documented


@dataclass(frozen=True, kw_only=True)
class DssaSettings(RankingConfig):
    """All settings of a run of `dssa`."""

    network: Literal["sketch-a-net", "hybrid"] = documented(
        "sketch-a-net", "sketch-a-net on edge maps, or hybrid on photos of many categories"
    )
    gallery: Gallery = documented(
        "edge", "image of a product to rank: edge, or photo with branch=lite0; the hybrid always ranks photos"
    )
    warm_start: Path | None = documented(
        None, "run folder of triplet-san whose weights to start from; none: random initialisation"
    )
    attention: bool = documented(True, "re-weight the maps by attention")
    mask_norm: MaskNorm = documented("softmax", "softmax over places, or sigmoid")
    coarse_fine: bool = documented(True, "join the pooled attended maps to the embedding (CFF)")
    coarse_weight: float = documented(
        0.3, "length of the pooled half in CFF, relative to the other half; 1 in the paper"
    )
    holef: bool = documented(True, "learn the second-order distance HOLEF; false uses the Euclidean distance")
    holef_weight: float = documented(5e-4, "weight of HOLEF's regulariser")
    holef_lr: float = documented(1e-4, "learning rate of HOLEF's matrix")
    classification: float = documented(0.1, "weight of the hybrid network's classification loss")

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("holef_weight", "classification"):
            if getattr(self, name) < 0:
                raise ConfigError(name, f"{getattr(self, name)}, must not be negative")
        if self.coarse_weight <= 0:
            raise ConfigError(
                "coarse_weight",
                f"{self.coarse_weight}, must be above 0; use coarse_fine=false to leave the half out",
            )
        if self.holef_lr <= 0:
            raise ConfigError(
                "holef_lr", f"{self.holef_lr}, must be above 0; use holef=false to leave HOLEF out"
            )
        if self.frozen and self.warm_start is None:
            raise ConfigError(
                "frozen", f"{self.frozen} convolutions would keep random weights; set warm_start, or frozen=0"
            )
        if self.gallery == "photo" and self.branch == "sketch-a-net":
            raise ConfigError("gallery", "photo needs branch=lite0, because edge maps have one channel")
        if self.network == "hybrid":
            if self.branch != "sketch-a-net":
                raise ConfigError("branch", "contradicts network=hybrid, which has its own branches")
            if self.warm_start is not None:
                raise ConfigError("warm_start", "contradicts network=hybrid, which has other layers")
            if self.frozen:
                raise ConfigError("frozen", "contradicts network=hybrid, which has random initial weights")
            if not self.attention:
                raise ConfigError("attention", "must be true for network=hybrid")


ABLATION: Mapping[str, tuple[str, ...]] = {  # rows of Table 4 of the supplement, as settings
    "base": ("attention=false", "coarse_fine=false", "holef=false"),  # the triplet network
    "base + CFF": ("holef=false",),  # attention is a part of CFF
    "base + HOLEF": ("attention=false", "coarse_fine=false"),
    "full": (),
}
PROFILES: Mapping[str, DssaSettings] = {
    "cpu": DssaSettings(),  # chosen on validation, for minutes of training on a CPU
    "gpu": DssaSettings(  # the paper's, or those of the published code if the paper does not state them
        batches="triplets",
        batch_size=128,
        steps=20_000,
        validate_every=1000,
        optimizer="sgd",
        learning_rate=1e-3,
        holef_lr=1e-3,
        weight_decay=5e-4,
        schedule="constant",
        ema_decay=None,
        coarse_weight=1.0,
        violating=False,
        batch_norm=False,
        domain_norm=False,
        pose=0.0,
        stroke_removal_prob=12 / 13,
        squareness=0.0,
    ),
}

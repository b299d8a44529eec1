"""Shared settings of the two ranking systems, `triplet-san` and `dssa`."""

from dataclasses import dataclass
from typing import Literal

from ml.datasets.frames import FrameSpec
from ml.errors import ConfigError
from ml.models.branches.config import FROZEN_BLOCKS, LITE0_BLOCKS, LITE0_PX, BranchName
from ml.training.config import BaseConfig, documented

Batches = Literal["products", "triplets"]
Gallery = Literal["edge", "photo"]
CANVAS_PX = 256  # images are framed at this side, then cropped to Sketch-a-Net's 225 pixels


@dataclass(frozen=True, kw_only=True)
class RankingConfig(BaseConfig):
    """How triplets are drawn, images framed and varied, and distances averaged.

    With batches=products, a step sees `batch_size` products, each as a sketch and a photo, and uses every triplet among
    them: annotated ones and all easy negatives. With batches=triplets it sees `batch_size` triplets, as in the papers,
    which takes about six times as many images for the same number of triplets.
    """

    branch: BranchName = documented(
        "sketch-a-net", "sketch-a-net, the papers', or lite0: EfficientNet-Lite0 with ImageNet weights"
    )
    pretrained_lr: float = documented(5e-4, "learning rate of a pretrained branch")
    pretrained_px: int = documented(LITE0_PX, "side of a pretrained branch's input, a multiple of 32")
    frozen_blocks: int = documented(
        FROZEN_BLOCKS, f"number of a pretrained branch's first blocks, of {LITE0_BLOCKS}, that are frozen"
    )
    steps: int = documented(600, "optimiser steps on the target category")
    batch_size: int = documented(48, "products, or triplets, per step")
    batches: Batches = documented("products", "what a batch consists of: products or triplets")
    weight_decay: float = documented(1e-4, "weight decay")
    validate_every: int = documented(50, "steps between validations")
    ema_decay: float | None = documented(0.95, "decay of the weights' moving average; none for no average")
    margin: float = documented(0.3, "margin of the triplet loss, in squared distance")
    annotated: float = documented(0.5, "weight of annotated triplets; the remainder is for easy negatives")
    violating: bool = documented(True, "average over violating triplets only")
    batch_norm: bool = documented(True, "BatchNorm after every layer except the last")
    domain_norm: bool = documented(
        True, "standardise embeddings separately for sketches and photos, before L2 normalisation"
    )
    frozen: int = documented(0, "number of first convolutions, of 5, that are frozen on the target category")
    squareness: float = documented(0.5, "framing: 0 keeps the aspect, 1 stretches the object to a square")
    frame_margin: float = documented(0.06, "framing: margin on each side, as a fraction of the image")
    dilate_px: int = documented(1, "pixels by which lines of released images grow on each side")
    stroke_width_px: float = documented(3.0, "width of lines drawn from strokes, in pixels of 256")
    stroke_removal_prob: float = documented(0.25, "probability that a training sketch loses strokes (Eq. 4)")
    pose: float = documented(1.0, "strength of random rotation, scale, shear and warp; 0 as in the papers")
    shared_pose: float = documented(
        0.0,
        "strength of random deformations that a sketch and its photo share, with weaker ones of each alone, instead "
        "of crops and pose",
    )
    erase_prob: float = documented(0.0, "probability that a rectangle is erased from a training image")
    choose_steps: bool = documented(
        True,
        "with final=true: choose the number of steps on the validation split first; false takes all steps",
    )
    test_crops: int = documented(10, "crops that a test distance is averaged over: 10 or 1")

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("annotated", "stroke_removal_prob", "erase_prob"):
            if not 0 <= getattr(self, name) <= 1:
                raise ConfigError(name, f"{getattr(self, name)}, must be in [0, 1]")
        if not 0 <= self.frozen <= 5:
            raise ConfigError("frozen", f"{self.frozen}, must be between 0 and 5")
        if self.branch == "lite0" and self.frozen:
            raise ConfigError("frozen", "is of Sketch-a-Net; use frozen_blocks with branch=lite0")
        if self.pretrained_lr <= 0:
            raise ConfigError("pretrained_lr", f"{self.pretrained_lr}, must be above 0")
        if self.margin <= 0:
            raise ConfigError("margin", f"{self.margin}, must be above 0")
        if self.pretrained_px < 32 or self.pretrained_px % 32:
            raise ConfigError("pretrained_px", f"{self.pretrained_px}, must be a multiple of 32")
        if not 0 <= self.frozen_blocks <= LITE0_BLOCKS:
            raise ConfigError("frozen_blocks", f"{self.frozen_blocks}, must be between 0 and {LITE0_BLOCKS}")
        if not self.choose_steps and not self.final:
            raise ConfigError("choose_steps", "must be true without final=true, which trains on all splits")
        for name in ("pose", "shared_pose"):
            if getattr(self, name) < 0:
                raise ConfigError(name, f"{getattr(self, name)}, must not be negative")
        if self.test_crops not in (1, 10):
            raise ConfigError("test_crops", f"{self.test_crops}, must be 1 or 10")
        if self.batches == "products" and self.batch_size < 2:
            raise ConfigError("batch_size", f"{self.batch_size}, must be at least 2")

    @property
    def canvas_px(self) -> int:
        """Side of framed images, from which crops are taken."""
        return CANVAS_PX if self.branch == "sketch-a-net" else round(self.pretrained_px * 8 / 7)

    @property
    def frame_spec(self) -> FrameSpec:
        """The frame of sketches, edge maps and photos."""
        return FrameSpec(
            size_px=self.canvas_px,
            crop="ink",
            squareness=self.squareness,
            margin=self.frame_margin,
            dilate_px=self.dilate_px,
            stroke_width_px=self.stroke_width_px,
        )

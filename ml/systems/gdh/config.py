"""Settings of system `gdh`."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from ml.datasets.frames import FrameSpec
from ml.errors import ConfigError
from ml.losses.forms import AdversarialForm, CycleDistance
from ml.models.gdh.config import Embedding, GdhConfig, HashNetConfig, MixUp, Norm
from ml.training.config import BaseConfig, ScheduleName, documented

Mode = Literal["auto", "category", "fine-grained", "both"]
SHIPPED_PX = (32, 64, 96, 128, 160, 192, 224, 256)


@dataclass(frozen=True, kw_only=True)
class GdhSettings(BaseConfig):
    """All settings of a run. The defaults are the `cpu` profile.

    The rows of Table 5 are unification_weight=0; quantisation_weight=0; gan=false; attention=false; mix_up=linear,
    concatenation, kronecker; embedding=sketch.
    """

    steps: int = documented(180, "optimiser steps")
    batch_size: int = documented(
        32, "sketch-photo pairs, or triplets, per step; in the paper 32, or 64 if fine-grained"
    )
    learning_rate: float = documented(2e-4, "learning rate of generators and discriminators")
    hash_lr: float = documented(3e-4, "learning rate of the hashing network")
    hash_lr_drop_at: float = documented(5 / 6, "share of the steps after which hash_lr is divided by 10")
    weight_decay: float = documented(0.0, "weight decay")
    schedule: ScheduleName = documented("constant", "learning-rate schedule: cosine, step or constant")
    grad_clip_norm: float | None = documented(None, "maximum norm of the gradient; none for no clipping")
    ema_decay: float | None = documented(0.98, "decay of the weights' moving average; none for no average")
    validate_every: int = documented(30, "steps between validations")
    mode: Mode = documented(
        "auto",
        "category (codes factorise labels), fine-grained (triplets) or both; auto: fine-grained for a single category",
    )
    code_length: int = documented(128, "bits of a hash code, a multiple of 8; 32, 64 and 128 in the paper")
    shorter: tuple[int, ...] = documented(
        (), "shorter codes made of the first bits, each in a folder <out>/<bits>-bit, such as 32,64"
    )
    image_size_px: int = documented(128, "side of images; 256 in the paper")
    channels: int = documented(8, "channels of the generators' first layer; 32 in the paper")
    photo_blocks: int = documented(3, "residual blocks of G_I; 9 in the paper")
    sketch_blocks: int = documented(2, "residual blocks of G_S; 6 in the paper")
    norm: Norm = documented("batch", "batch or instance normalisation of generators and discriminators")
    residual: bool = documented(True, "generators start as the identity; false in the paper")
    attention: bool = documented(True, "mask photos by attention")
    threshold: float = documented(0.5, "attention above which a place is kept, relative to the mean")
    straight_through: bool = documented(True, "straight-through gradient of the mask")
    background: Literal["grey", "white"] = documented(
        "white", "background of masked photos; grey (0) in the paper"
    )
    backbone: Literal["resnet18", "lite0"] = documented(
        "lite0", "hashing network: resnet18 from scratch, or lite0 with ImageNet weights"
    )
    domain_norm: bool = documented(True, "standardise hashing features separately for sketches and photos")
    frozen_blocks: int = documented(5, "frozen first blocks of lite0, in addition to the stem")
    last_block: int = documented(10, "block of lite0 whose map is pooled, 0 to 15")
    grid: int = documented(4, "cells per side that the map is pooled to")
    init_from_discriminant_axes: bool = documented(
        True, "initialise the hashing network's last layer from discriminant axes of its untrained features"
    )
    hash_first: int = documented(
        0, "first steps, which only train the hashing network, without migration; 0 in the paper"
    )
    gan: bool = documented(True, "adversarial and cycle losses")
    migrated_pairs: int = documented(
        8, "pairs per step, at most, that train the generators; the others only train the hashing network"
    )
    adversarial_form: AdversarialForm = documented(
        "non-saturating", "form of the adversarial loss: minimax (Eq. 1) or non-saturating"
    )
    cycle_weight: float = documented(10.0, "v, weight of the cycle loss")
    cycle_distance: CycleDistance = documented(
        "l1", "distance of the cycle loss: frobenius (Eq. 2) or l1 (CycleGAN)"
    )
    gan_weight: float = documented(1.0, "weight of adversarial and cycle losses together")
    triplet_weight: float = documented(0.02, "lambda, weight of the triplet loss, if fine-grained")
    margin: float = documented(0.5, "margin of the triplet loss, in code lengths")
    negatives: Literal["batch", "triplets"] = documented(
        "batch", "triplets: a triplet's own negative; batch: every other product of the batch"
    )
    violating: bool = documented(True, "average the triplet loss over violating triplets only")
    contrast_weight: float = documented(
        1.0, "weight of a contrastive loss over the batch; items of the same category are not negatives"
    )
    contrast_codes: Literal["binary", "relaxed"] = documented(
        "relaxed",
        "input of the contrastive loss: binary codes, with the gradient of tanh, or tanh of outputs",
    )
    temperature: float = documented(0.1, "temperature of the contrastive loss")
    annotated: float = documented(0.0, "share of annotated triplets, if there are any")
    codes_init: Literal["random", "outputs"] = documented(
        "outputs",
        "initial codes B: random, as in the paper, or signs of categories' mean outputs, which needs "
        "init_from_discriminant_axes",
    )
    alpha: float = documented(1e-5, "weight of the outputs in the code step (Eqs. 12, 13)")
    quantisation_weight: float = documented(0.01, "weight of L_q; alpha, 1e-5, in the paper; 0 disables it")
    unification_weight: float = documented(0.01, "beta, weight of L_c; 1e-5 in the paper; 0 disables it")
    joint: bool = documented(True, "hashing losses also train the generators")
    embedding: Embedding = documented(
        "photo", "domain of the codes: photo or sketch, or none for no migration"
    )
    mix_up: MixUp = documented("none", "fusion of a photo's code with that of its cycled image")
    photo_kind: Literal["photo", "edge"] = documented("photo", "gallery images: photos or their edge maps")
    augment: float = documented(
        1.0, "strength of random poses, for a pair together and for each image; 0 in the paper"
    )
    recolour: bool = documented(True, "random colours and brightness of training photos")
    erase_prob: float = documented(0.5, "probability that a rectangle is erased from a training image")
    stroke_removal_prob: float = documented(0.0, "probability that a training sketch loses strokes")
    squareness: float = documented(0.5, "framing: 0 keeps the aspect, 1 stretches the object to a square")
    frame_margin: float = documented(0.06, "framing: margin on each side, as a fraction of the image")
    stroke_width_px: float = documented(3.0, "width of lines drawn from strokes")
    dilate_px: int = documented(1, "pixels by which lines of released images grow on each side")
    warm_start: Path | None = documented(
        None, "finished run whose generators and discriminators to start from; none: untrained ones"
    )
    record_terms: bool = documented(
        False, "record the value of each term before and after training, of those that are off, too"
    )
    pictures: int = documented(4, "columns of the figure of migrated images written every epoch; 0 for none")

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.image_size_px not in SHIPPED_PX:
            raise ConfigError(
                "image_size_px", f"{self.image_size_px}, must be one of {', '.join(map(str, SHIPPED_PX))}"
            )
        stride = 16 if self.last_block <= 10 else 32
        if self.backbone == "lite0" and self.image_size_px % (stride * self.grid):
            reason = f"for grid={self.grid} of lite0's block {self.last_block}"
            raise ConfigError(
                "image_size_px", f"{self.image_size_px}, must be a multiple of {stride * self.grid} {reason}"
            )
        if wrong := [bits for bits in self.shorter if bits % 8 or not 0 < bits < self.code_length]:
            raise ConfigError("shorter", f"{wrong[0]}, must be a multiple of 8 below code_length")
        if self.shorter and self.mix_up in ("concatenation", "kronecker"):
            raise ConfigError(
                "shorter", f"not possible with mix_up={self.mix_up}, whose first bits are not a code"
            )
        weights = (
            "cycle_weight",
            "gan_weight",
            "triplet_weight",
            "contrast_weight",
            "quantisation_weight",
            "unification_weight",
        )
        for name in (*weights, "alpha", "augment", "pictures", "hash_first"):
            if getattr(self, name) < 0:
                raise ConfigError(name, f"{getattr(self, name)}, must not be negative")
        for name in ("hash_lr_drop_at", "annotated", "stroke_removal_prob", "erase_prob"):
            if not 0 <= getattr(self, name) <= 1:
                raise ConfigError(name, f"{getattr(self, name)}, must be in [0, 1]")
        for name in ("margin", "hash_lr", "temperature", "migrated_pairs"):
            if getattr(self, name) <= 0:
                raise ConfigError(name, f"{getattr(self, name)}, must be above 0")
        if self.warm_start is not None and not self.gan:
            raise ConfigError("warm_start", "contradicts gan=false: these generators learned by L_gan")
        if self.batch_size < 2:
            raise ConfigError("batch_size", f"{self.batch_size}, must be at least 2")
        self.frame_spec  # noqa: B018  (checks the frame)
        self.network()

    @property
    def lengths(self) -> tuple[int, ...]:
        """All code lengths; the full one is last."""
        return (*self.shorter, self.code_length)

    @property
    def frame_spec(self) -> FrameSpec:
        """The frame of sketches and photos."""
        return FrameSpec(
            size_px=self.image_size_px,
            crop="ink",
            squareness=self.squareness,
            margin=self.frame_margin,
            dilate_px=self.dilate_px,
            stroke_width_px=self.stroke_width_px,
        )

    def network(self) -> GdhConfig:
        """Return the networks' sizes and switches."""
        hashing = HashNetConfig(
            self.code_length, self.backbone, self.domain_norm, self.frozen_blocks, self.last_block, self.grid
        )
        return GdhConfig(
            hashing,
            image_size_px=self.image_size_px,
            channels=self.channels,
            photo_blocks=self.photo_blocks,
            sketch_blocks=self.sketch_blocks,
            norm=self.norm,
            attention=self.attention,
            threshold=self.threshold,
            straight_through=self.straight_through,
            background=self.background,
            residual=self.residual,
            embedding=self.embedding,
            mix_up=self.mix_up,
        )


# The paper's sizes and learning rates. Its 30 epochs of 73,002 photos are 68,000 steps of 32, and its 200 epochs of
# Shoe-V1 are 1,300 steps of 64.
PAPER = GdhSettings(
    steps=20_000,
    hash_lr=2e-4,
    ema_decay=None,
    validate_every=500,
    code_length=64,
    image_size_px=256,
    channels=32,
    photo_blocks=9,
    sketch_blocks=6,
    residual=False,
    background="grey",
    backbone="resnet18",
    domain_norm=False,
    init_from_discriminant_axes=False,
    migrated_pairs=64,
    triplet_weight=1.0,
    contrast_weight=0.0,
    adversarial_form="minimax",
    cycle_distance="frobenius",
    negatives="triplets",
    violating=False,
    codes_init="random",
    quantisation_weight=1e-5,
    unification_weight=1e-5,
    augment=0.0,
    recolour=False,
    erase_prob=0.0,
    squareness=0.0,
    dilate_px=0,
)
# Features of categories instead of positions; categories are learned before anything is migrated.
CATEGORY = GdhSettings(
    steps=280,
    hash_first=220,
    validate_every=35,
    last_block=15,
    grid=2,
    quantisation_weight=0.1,
)
# For comparing the terms: small images, so that every pair can train the generators. They start as the identity, since
# the hashing network, which starts with ImageNet's features, does not learn from images of random generators in so few
# steps. With L_q and L_c at 0.002, their values hardly fall.
ABLATION = replace(
    CATEGORY,
    steps=160,
    learning_rate=5e-4,
    hash_first=0,
    validate_every=160,
    batch_size=16,
    migrated_pairs=16,
    image_size_px=64,
    channels=16,
    photo_blocks=2,
    sketch_blocks=2,
    norm="instance",
    quantisation_weight=0.008,
    unification_weight=0.008,
    record_terms=True,
)
PROFILES: Mapping[str, GdhSettings] = {
    "cpu": GdhSettings(),
    "cpu-category": CATEGORY,
    "cpu-ablation": ABLATION,
    "gpu": PAPER,
}

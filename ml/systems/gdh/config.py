"""Settings of system `gdh`."""

from collections.abc import Mapping
from dataclasses import dataclass
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
    """Every number that a run depends on besides its data. The defaults are the `cpu` profile.

    Rows of Table 5: unification_weight=0; quantisation_weight=0; gan=false; attention=false; mix_up=linear,
    concatenation, kronecker; embedding=sketch.
    """

    steps: int = documented(180, "optimiser steps")
    batch_size: int = documented(
        32, "sketch-photo pairs, or triplets, a step; the paper has 32, fine-grained 64"
    )
    learning_rate: float = documented(
        2e-4, "learning rate of generators and discriminators, and of a resnet18"
    )
    hash_lr: float = documented(3e-4, "learning rate of the hashing network")
    hash_lr_drop_at: float = documented(
        5 / 6, "share of the steps after which the hashing network's rate is a tenth"
    )
    weight_decay: float = documented(0.0, "weight decay")
    schedule: ScheduleName = documented("constant", "cosine, step or constant")
    grad_clip_norm: float | None = documented(None, "largest norm of the gradient; none for no clipping")
    ema_decay: float | None = documented(0.98, "decay of the weights' moving average; none for no average")
    validate_every: int = documented(30, "steps between validations")
    mode: Mode = documented(
        "auto",
        "category (codes factorise the labels), fine-grained (triplets) or both; auto: fine-grained where there is one "
        "category",
    )
    code_length: int = documented(128, "bits, a multiple of 8; the paper has 32, 64, 128")
    shorter: tuple[int, ...] = documented(
        (), "code lengths that the first bits serve, too, each in a folder <out>/<bits>-bit: shorter=32,64"
    )
    image_size_px: int = documented(128, "side of images; the paper has 256")
    channels: int = documented(8, "channels of the generators' first layer; the paper has 32")
    photo_blocks: int = documented(3, "residual blocks of G_I; the paper has 9")
    sketch_blocks: int = documented(2, "residual blocks of G_S; the paper has 6")
    norm: Norm = documented("batch", "batch or instance normalisation of generators and discriminators")
    residual: bool = documented(True, "generators start as the identity; false is the paper's")
    attention: bool = documented(True, "the attention mask")
    threshold: float = documented(0.5, "attention that a place needs, in units of the mean")
    straight_through: bool = documented(True, "losses reach the mask's scores")
    background: Literal["grey", "white"] = documented(
        "white", "of masked photos; grey is the paper's product with 0"
    )
    backbone: Literal["resnet18", "lite0"] = documented(
        "lite0", "hashing network: resnet18 from scratch, or lite0 with ImageNet weights"
    )
    domain_norm: bool = documented(True, "standardise the hashing features apart for sketches and photos")
    frozen_blocks: int = documented(5, "first blocks of lite0, with the stem, that keep their weights")
    last_block: int = documented(10, "block of lite0 whose map is pooled, 0 to 15")
    grid: int = documented(4, "cells a side of that map")
    init_from_discriminant_axes: bool = documented(
        True, "initialise the hashing network's last layer from discriminant axes of its untrained features"
    )
    hash_first: int = documented(
        0, "first steps, in which the hashing network learns alone and nothing is migrated; 0 is the paper's"
    )
    gan: bool = documented(True, "adversarial and cycle losses")
    migrated_pairs: int = documented(
        8, "pairs of a step, at most, that train the generators; the others are migrated and hashed alone"
    )
    adversarial_form: AdversarialForm = documented(
        "non-saturating", "minimax is Eq. 1's, non-saturating its usual repair"
    )
    cycle_weight: float = documented(10.0, "v, weight of the cycle loss")
    cycle_distance: CycleDistance = documented("l1", "frobenius is Eq. 2's, l1 CycleGAN's")
    gan_weight: float = documented(1.0, "weight of adversarial and cycle losses together")
    triplet_weight: float = documented(0.02, "lambda, where triplets are trained on")
    margin: float = documented(0.5, "of the triplets, in code lengths")
    negatives: Literal["batch", "triplets"] = documented(
        "batch", "a triplet's own negative, or every other product of the batch"
    )
    violating: bool = documented(True, "average the triplet loss over violating triplets alone")
    contrast_weight: float = documented(
        1.0, "of a contrastive loss over the batch; of categories, only other ones are negatives"
    )
    contrast_codes: Literal["binary", "relaxed"] = documented(
        "relaxed", "what it sees: the codes, with the gradient of tanh, or the outputs' tanh"
    )
    temperature: float = documented(0.1, "of the contrastive loss")
    annotated: float = documented(0.0, "share of triplets that people judged, where there are any")
    codes_init: Literal["random", "outputs"] = documented(
        "outputs",
        "where B starts: at random, as the paper's, or the signs of categories' mean outputs, which needs discriminant",
    )
    alpha: float = documented(1e-5, "weight of the outputs when codes are chosen (Eqs. 12, 13)")
    quantisation_weight: float = documented(0.01, "of L_q; the paper has alpha, 1e-5; 0 leaves it out")
    unification_weight: float = documented(0.01, "beta, of L_c; the paper has 1e-5; 0 leaves it out")
    joint: bool = documented(True, "the hashing losses reach the generators")
    embedding: Embedding = documented(
        "photo", "codes are read in the photos' or the sketches' domain, or without migration (none)"
    )
    mix_up: MixUp = documented("none", "fusion of a photo's code with its cycled image's")
    photo_kind: Literal["photo", "edge"] = documented("photo", "the gallery's images, or their edge maps")
    augment: float = documented(
        1.0, "strength of random poses, of a pair's images together and of each alone; 0 is the paper's"
    )
    recolour: bool = documented(True, "training photos in other colours and another light")
    erase_prob: float = documented(0.5, "probability that a rectangle is erased from a training image")
    stroke_removal_prob: float = documented(0.0, "probability that a training sketch loses strokes")
    squareness: float = documented(0.5, "framing: 0 keeps the aspect, 1 stretches the object to a square")
    frame_margin: float = documented(0.06, "framing: empty share on each side")
    stroke_width_px: float = documented(3.0, "width of lines drawn from strokes")
    dilate_px: int = documented(1, "pixels by which lines of released images grow on each side")
    pictures: int = documented(4, "columns of the migrated images drawn every epoch; 0 draws none")

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.image_size_px not in SHIPPED_PX:
            raise ConfigError(
                "image_size_px", f"{self.image_size_px}, one of {', '.join(map(str, SHIPPED_PX))}"
            )
        stride = 16 if self.last_block <= 10 else 32
        if self.backbone == "lite0" and self.image_size_px % (stride * self.grid):
            needed = f"grid={self.grid} of lite0's block {self.last_block} needs a multiple of {stride * self.grid}"
            raise ConfigError("image_size_px", f"{self.image_size_px}, {needed}")
        if wrong := [bits for bits in self.shorter if bits % 8 or not 0 < bits < self.code_length]:
            raise ConfigError("shorter", f"{wrong[0]}, must be a multiple of 8 below code_length")
        if self.shorter and self.mix_up in ("concatenation", "kronecker"):
            raise ConfigError("shorter", f"mix_up={self.mix_up} gives a code no shorter one within it")
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
        if self.batch_size < 2:
            raise ConfigError("batch_size", "at least two pairs are needed")
        self.frame_spec  # noqa: B018  (checks the frame)
        self.network()

    @property
    def lengths(self) -> tuple[int, ...]:
        """All code lengths, the whole one last."""
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
        """The networks' sizes and switches."""
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


# The paper's sizes and rates; its 30 epochs of 73,002 photos are 68,000 steps of 32, its 200 of Shoe-V1 1,300 of 64.
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
# Kinds of things instead of places; what tells categories apart is learnt before anything is migrated.
CATEGORY = GdhSettings(
    steps=280,
    hash_first=220,
    validate_every=35,
    last_block=15,
    grid=2,
    quantisation_weight=0.1,
)
PROFILES: Mapping[str, GdhSettings] = {"cpu": GdhSettings(), "cpu-category": CATEGORY, "gpu": PAPER}

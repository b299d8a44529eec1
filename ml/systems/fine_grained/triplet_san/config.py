"""Settings of system `triplet-san`."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ml.errors import ConfigError
from ml.systems.fine_grained.config import Gallery, RankingConfig
from ml.training.config import documented


@dataclass(frozen=True, kw_only=True)
class TripletSanConfig(RankingConfig):
    """All settings of a run of `triplet-san`."""

    loss: Literal["triplet", "contrastive"] = documented(
        "triplet", "triplet, or contrastive: the pairwise alternative"
    )
    heterogeneous: bool = documented(False, "a separate branch for gallery images instead of a shared one")
    gallery: Gallery = documented(
        "edge", "image of a product to rank: edge, or photo with heterogeneous=true or branch=lite0"
    )
    skip: tuple[int, ...] = documented(
        (), "stages to skip: 1 gallery images, 2 sketches, 3 ranking of categories, 4 the target category"
    )
    pretraining: Path | None = documented(
        None, "folder of stages 1-3, trained once and shared by runs; none: <out>/pretraining"
    )
    pretrain_photos: Path | None = documented(None, "dataset with photos for stages 1 and 3; none skips them")
    pretrain_photos_format: str = documented("sketchy", "format of pretrain_photos")
    pretrain_sketches: Path | None = documented(None, "dataset with sketches for stage 2; none skips it")
    pretrain_sketches_format: str = documented("quickdraw", "format of pretrain_sketches")
    pretrain_lr: float = documented(1e-3, "learning rate of stages 1-3")
    pretrain_batch: int = documented(96, "images per step of stages 1 and 2")
    edge_steps: int = documented(300, "steps of stage 1")
    sketch_steps: int = documented(800, "steps of stage 2")
    ranking_steps: int = documented(160, "steps of stage 3, which is stopped early in the paper")

    def __post_init__(self) -> None:
        super().__post_init__()
        if wrong := [number for number in self.skip if not 1 <= number <= 4]:
            raise ConfigError("skip", f"{wrong[0]} is not a stage, must be 1 to 4")
        if 4 in self.skip and self.final:
            raise ConfigError("final", "contradicts skip=4, which skips the target category")
        if self.heterogeneous and self.frozen:
            raise ConfigError("frozen", "contradicts heterogeneous=true, which has separate branches")
        if self.gallery == "photo" and not self.heterogeneous and self.branch == "sketch-a-net":
            raise ConfigError("gallery", "photo needs heterogeneous=true, because edge maps have one channel")
        for name in ("edge_steps", "sketch_steps", "ranking_steps", "pretrain_batch"):
            if getattr(self, name) < 1:
                raise ConfigError(name, f"{getattr(self, name)}, must be at least 1; skip leaves a stage out")

    @property
    def skipped(self) -> tuple[int, ...]:
        """Stages of pretraining that are skipped, by `skip` or because they have no dataset."""
        without = {1, 3} if self.pretrain_photos is None else set[int]()
        without |= {2} if self.pretrain_sketches is None else set[int]()
        return tuple(sorted(without | {number for number in self.skip if number < 4}))


PROFILES: Mapping[str, TripletSanConfig] = {
    "cpu": TripletSanConfig(),  # chosen on validation, for minutes of training on a CPU
    "gpu": TripletSanConfig(  # the paper's, or those of the published code if the paper does not state them
        batches="triplets",
        batch_size=128,
        steps=40_000,
        validate_every=1000,
        optimizer="sgd",
        learning_rate=1e-3,
        pretrain_lr=1e-2,
        weight_decay=5e-4,
        schedule="constant",
        ema_decay=None,
        violating=False,
        batch_norm=False,
        domain_norm=False,
        frozen=5,
        pose=0.0,
        stroke_removal_prob=12 / 13,
        squareness=0.0,
        edge_steps=20_000,
        sketch_steps=20_000,
        ranking_steps=1000,
    ),
}

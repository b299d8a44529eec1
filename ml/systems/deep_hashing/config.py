"""Shared settings of the deep hashing baselines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Literal

from ml.errors import ConfigError
from ml.systems.sketchmate.config import PAPER as SKETCHMATE_PAPER
from ml.systems.sketchmate.config import PROFILES as SKETCHMATE_PROFILES
from ml.systems.sketchmate.config import SketchMateSettings
from ml.training.config import documented


@dataclass(frozen=True, kw_only=True)
class DeepHashingSettings(SketchMateSettings):
    """SketchMate's settings, used for the image branch, and the settings of the losses."""

    steps: int = documented(450, "steps after the image branch's pretraining")
    branches: Literal["cnn"] = documented("cnn", "only the image branch")
    hash_init: Literal["random"] = documented("random", "initialisation of the hash layer")
    margin: float = documented(2.0, "dsh-supervised: margin of the contrastive loss, in code lengths")
    regularisation: float = documented(0.01, "dsh-supervised: weight that pulls outputs towards +-1")
    alpha: float = documented(1e-5, "dsh-sketch: weight of the network's outputs in the code step")
    word_vectors: Path | None = documented(
        None, "dsh-sketch: text file with a word and its vector per line (GloVe); none: label vectors"
    )

    def __post_init__(self) -> None:
        if self.head != "hash":
            raise ConfigError("head", f"{self.head!r}, must be hash; only sketchmate has a recognition head")
        super().__post_init__()
        if self.margin <= 0:
            raise ConfigError("margin", f"{self.margin}, must be above 0")
        for name in ("regularisation", "alpha"):
            if getattr(self, name) < 0:
                raise ConfigError(name, f"{getattr(self, name)}, must not be negative")


def _from(profile: SketchMateSettings, steps: int) -> DeepHashingSettings:
    shared = {field.name: getattr(profile, field.name) for field in fields(SketchMateSettings)}
    return DeepHashingSettings(**(shared | {"branches": "cnn", "hash_init": "random", "steps": steps}))


PROFILES: Mapping[str, DeepHashingSettings] = {
    "cpu": _from(SKETCHMATE_PROFILES["cpu"], 450),
    "gpu": _from(SKETCHMATE_PAPER, 31_000),
}

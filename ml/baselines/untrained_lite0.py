"""ImageNet features of EfficientNet-Lite0, not trained on sketches: compared by cosine, or ranked by RankSVM.

Images are cropped to their lines and block 10's map is averaged to a 4x4 grid. Each feature is standardised by its mean
and deviation over the training images of its domain (sketch, edge map, photo), which aligns the domains.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Literal

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray

from ml.baselines.ranked import fit_ranked
from ml.baselines.registry import Fitted
from ml.baselines.scorers import CosineScorer, Features, remembered, unit
from ml.datasets.frames import FrameSpec, Kind, frames
from ml.datasets.pairs import PairDataset
from ml.errors import ConfigError
from ml.models.efficientnet_lite import EfficientNetLite0
from ml.protocols.scorer import Rows
from ml.training.config import as_json, documented, with_overrides

_BATCH = 64
_MIN_STD = 1e-2


@dataclass(frozen=True)
class Lite0Config:
    """How images are framed and features pooled."""

    image_size_px: int = documented(160, "side of the input, a multiple of 32")
    squareness: float = documented(0.5, "0 keeps the aspect of the crop, 1 stretches it to a square")
    margin: float = documented(0.06, "white margin around the crop, as a fraction of the side")
    dilate_px: int = documented(1, "pixels by which lines grow on each side")
    block: int = documented(10, "block of the trunk whose map is used")
    grid: int = documented(4, "cells per side that the map is averaged to")
    gallery: str = documented("edge", "image of a product to rank: edge or photo")

    def __post_init__(self) -> None:
        if self.gallery not in ("edge", "photo"):
            raise ConfigError("gallery", f"{self.gallery!r} is unknown; expected edge or photo")


def fit(dataset: PairDataset, overrides: Sequence[str] = ()) -> Fitted:
    """Compare sketches with edge maps or photos by the cosine of standardised features."""
    config = with_overrides(Lite0Config(), overrides)
    gallery: Literal["edge", "photo"] = "photo" if config.gallery == "photo" else "edge"
    return Fitted(CosineScorer(lite0_features(dataset, config), gallery=gallery), as_json(config))


def fit_ranked_by_svm(dataset: PairDataset, overrides: Sequence[str] = ()) -> Fitted:
    """Fit RankSVM over the same features of sketches and edge maps."""
    config = with_overrides(Lite0Config(), overrides)
    scorer, choice = fit_ranked(lite0_features(dataset, config), dataset)
    return Fitted(scorer, {**as_json(config), **asdict(choice)})


def lite0_features(dataset: PairDataset, config: Lite0Config) -> Features:
    """Return features, float32 (N, 112 grid^2) for block 10, standardised over the domain's train and val images."""
    trunk = EfficientNetLite0(config.block)
    trunk.load_imagenet()
    trunk.eval()
    spec = FrameSpec(
        size_px=config.image_size_px,
        crop="ink",
        squareness=config.squareness,
        margin=config.margin,
        dilate_px=config.dilate_px,
    )
    raw = remembered(
        lambda dataset, kind, rows: grid_features(trunk, frames(dataset, kind, rows, spec), config.grid)
    )
    statistics: dict[Kind, tuple[NDArray[np.float32], NDArray[np.float32]]] = {}

    def features(of: PairDataset, kind: Kind, rows: Rows) -> NDArray[np.float32]:
        if kind not in statistics:
            seen = dataset.sketch_rows if kind == "sketch" else dataset.photo_rows
            training = raw(dataset, kind, seen("train", "val"))
            statistics[kind] = training.mean(axis=0), training.std(axis=0).clip(_MIN_STD)
        mean, std = statistics[kind]
        return unit((raw(of, kind, rows) - mean) / std)

    return features


@torch.inference_mode()
def grid_features(trunk: EfficientNetLite0, images: NDArray[np.uint8], grid: int) -> NDArray[np.float32]:
    """Return block features of images, uint8 (N, S, S[, 3]), averaged to a grid, float32 (N, C grid^2)."""
    pooled = []
    for start in range(0, len(images), _BATCH):
        batch = torch.from_numpy(images[start : start + _BATCH])
        x = batch.permute(0, 3, 1, 2) if batch.ndim == 4 else batch[:, None].expand(-1, 3, -1, -1)
        pooled.append(F.adaptive_avg_pool2d(trunk(x.float().contiguous()), grid).flatten(1))
    return np.asarray(torch.cat(pooled).numpy(), dtype=np.float32)

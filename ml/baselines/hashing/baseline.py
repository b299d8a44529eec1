"""The shallow hashers as baselines on a dataset: over HOG, ImageNet features, or the features of a trained model.

HOG sees the edge maps of photos, the other features the photos.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from ml.baselines.hashing.hashers import HASHERS, Encode
from ml.baselines.hog import HogConfig, hog_vectors
from ml.baselines.registry import Fitted
from ml.baselines.scorers import remembered
from ml.datasets.frames import Kind as FrameKind
from ml.datasets.outline import outline
from ml.datasets.pairs import PairDataset
from ml.errors import ConfigError
from ml.protocols.hashing import Hasher
from ml.protocols.scorer import Distances, Rows
from ml.protocols.selection import Kind
from ml.retrieval.packing import hamming, pack
from ml.training.config import as_json, documented, with_overrides

if TYPE_CHECKING:
    from ml.systems.gdh.scorer import GdhHasher
    from ml.systems.sketchmate.scorer import SketchHasher

Floats = NDArray[np.float32]
Features = Callable[[PairDataset, FrameKind, Rows], Floats]


@dataclass(frozen=True)
class ShallowConfig:
    """A shallow hasher's settings."""

    features: Literal["hog", "lite0", "deep"] = documented(
        "hog", "hog; lite0: EfficientNet-Lite0, ImageNet weights; deep: input of a trained model's last layer"
    )
    model: Path | None = documented(None, "features=deep: folder of a trained sketchmate, deep hasher or gdh")
    image_size_px: int = documented(128, "features=lite0: side of the input")
    block: int = documented(15, "features=lite0: block whose map is used")
    grid: int = documented(1, "features=lite0: cells per side that the map is averaged to")
    code_length: int = documented(64, "bits of a hash code, a multiple of 8")
    cell_px: int = documented(32, "features=hog: cell side of the 256-px image")
    seed: int = documented(0, "seed of the hasher")

    def __post_init__(self) -> None:
        if self.code_length < 8 or self.code_length % 8:
            raise ConfigError("code_length", f"{self.code_length}, must be a multiple of 8")
        if (self.features == "deep") != (self.model is not None):
            raise ConfigError("model", "required with features=deep, and only allowed there")


class ShallowHasher:
    """A hasher (`ml.protocols.hashing`) over fixed features; photo_kind: the image of a photo that they see."""

    def __init__(self, features: Features, encode: Encode, photo_kind: FrameKind = "photo") -> None:
        self._features = features
        self._encode = encode
        self._kinds: dict[Kind, FrameKind] = {"sketch": "sketch", "photo": photo_kind}

    def logits(self, dataset: PairDataset, kind: Kind, rows: Rows) -> Floats:
        """Return hash logits, float32 (N, K)."""
        return self._encode(self._features(dataset, self._kinds[kind], rows))

    def distances(self, dataset: PairDataset, sketch_rows: Rows, photo_rows: Rows) -> Distances:
        """Return the Hamming distances of sketches and photos, float32 (Q, G), as a scorer of pairs."""
        queries = pack(self.logits(dataset, "sketch", sketch_rows))
        gallery = pack(self.logits(dataset, "photo", photo_rows))
        return np.stack([hamming(gallery, query) for query in queries]).astype(np.float32)


def fit_shallow(name: str, dataset: PairDataset, overrides: Sequence[str] = ()) -> Fitted:
    """Fit a hasher to the training sketches, and to the training photos if there are any.

    Validation sketches are left out: nothing is chosen, and with features=deep the network has seen only training ones.
    Raises ConfigError on a wrong setting.
    """
    config = with_overrides(ShallowConfig(), overrides)
    features, made_by = _kept_features(dataset, config)
    photo_kind: FrameKind = "edge" if config.features == "hog" else "photo"
    number = {category: index for index, category in enumerate(dataset.categories)}
    drawn = outline(dataset)
    sketches, photos = drawn.rows("train"), dataset.photo_rows("train")
    X, labels = [features(dataset, "sketch", sketches)], drawn.labels[sketches].tolist()
    if len(photos):
        X.append(features(dataset, photo_kind, photos))
        labels += [number[dataset.photos[row].category] for row in photos]
    encode = HASHERS[name](np.concatenate(X), np.array(labels), config.code_length, config.seed)
    return Fitted(ShallowHasher(features, encode, photo_kind), as_json(config), made_by)


def shallow_hashers(
    names: Sequence[str], code_lengths: Sequence[int], dataset: PairDataset, config: ShallowConfig
) -> dict[tuple[str, int], Hasher]:
    """Return every hasher at every code length, by (name, bits), over features that are computed once."""
    features, _ = fixed_features(dataset, config)
    kept = remembered(features)
    rows = dataset.sketch_rows("train")
    labels = np.array([dataset.categories.index(dataset.sketches[row].category) for row in rows])
    X = kept(dataset, "sketch", rows)
    return {
        (name, bits): ShallowHasher(kept, HASHERS[name](X, labels, bits, config.seed))
        for name in names
        for bits in code_lengths
    }


_KEPT: dict[tuple[str, ShallowConfig], tuple[Features, str]] = {}


def _kept_features(dataset: PairDataset, config: ShallowConfig) -> tuple[Features, str]:
    """Return `fixed_features` with a cache, which the methods and code lengths of one run of a table share."""
    key = dataset.sha256, replace(config, code_length=8, seed=0)
    if key not in _KEPT:
        _KEPT.clear()
        features, made_by = fixed_features(dataset, config)
        _KEPT[key] = remembered(features), made_by
    return _KEPT[key]


def fixed_features(dataset: PairDataset, config: ShallowConfig) -> tuple[Features, str]:
    """Return the features, and the command that trained their network ("" if there is none)."""
    if config.features == "lite0":
        from ml.baselines.untrained_lite0 import Lite0Config, lite0_features

        shown = Lite0Config(image_size_px=config.image_size_px, block=config.block, grid=config.grid)
        return lite0_features(dataset, shown), ""
    if config.model is None:
        return hog_vectors(HogConfig(cell_px=config.cell_px)), ""
    from ml.systems.gdh.scorer import GdhHasher
    from ml.systems.sketchmate.scorer import SketchHasher

    manifest = json.loads((config.model / "model.json").read_text())
    made_by = str(manifest["training"]["command"])
    if manifest["system"] == "gdh":
        return partial(_gdh_features, GdhHasher.load(config.model)), made_by
    return partial(_sketch_hasher_features, SketchHasher.load(config.model)), made_by


def _gdh_features(hasher: GdhHasher, dataset: PairDataset, kind: FrameKind, rows: Rows) -> Floats:
    return hasher.features(dataset, "sketch" if kind == "sketch" else "photo", rows)


def _sketch_hasher_features(
    hasher: SketchHasher, dataset: PairDataset, kind: FrameKind, rows: Rows
) -> Floats:
    if kind != "sketch":
        raise ConfigError("model", "encodes only sketches; this dataset has photos")
    return hasher.features(dataset, rows)


fit_lsh, fit_pcah, fit_pca_itq, fit_sh, fit_sklsh, fit_dsh_density, fit_sdh, fit_cca_itq = (
    partial(fit_shallow, name) for name in HASHERS
)

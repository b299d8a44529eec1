"""The cross-modal methods as baselines on a dataset of sketches and photos, over the features of `hashing.baseline`.

Hashers are measured by their codes, the others by their own distance. All learn from the training sketches and photos;
with a single category, each photo is a class of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from ml.baselines.cross_modal.methods import EMBEDDERS, HASHERS
from ml.baselines.cross_modal.views import Encoders, Matcher, TwoViews
from ml.baselines.hashing.baseline import Features, ShallowConfig, fixed_features
from ml.baselines.registry import Fitted
from ml.baselines.scorers import remembered
from ml.datasets.frames import Kind as FrameKind
from ml.datasets.pairs import PairDataset
from ml.errors import ConfigError, DatasetError
from ml.protocols.scorer import Distances, Rows
from ml.protocols.selection import Kind
from ml.retrieval.packing import hamming, pack
from ml.training.config import as_json, documented, with_overrides

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class CrossModalConfig(ShallowConfig):
    """A cross-modal method's settings."""

    code_length: int = documented(
        64, "bits of a hash code, a multiple of 8; dimensions of cca and xqda, components of plsr"
    )
    ridge: float = documented(
        1.0,
        "regulariser of projections, as a share of the features' mean variance; chosen on Sketchy's validation",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.ridge < 0:
            raise ConfigError("ridge", f"{self.ridge}, must not be negative")


class CrossModalHasher:
    """A hasher (`ml.protocols.hashing`) with a hash function for each modality, and a scorer by Hamming distance."""

    def __init__(self, features: Features, encoders: Encoders, photo_kind: FrameKind) -> None:
        self._features = features
        self._encoders = encoders
        self._photo_kind = photo_kind

    def logits(self, dataset: PairDataset, kind: Kind, rows: Rows) -> Floats:
        """Return hash logits, float32 (N, K)."""
        if kind == "sketch":
            return self._encoders.sketch(self._features(dataset, "sketch", rows))
        return self._encoders.photo(self._features(dataset, self._photo_kind, rows))

    def distances(self, dataset: PairDataset, sketch_rows: Rows, photo_rows: Rows) -> Distances:
        """Return the Hamming distances of sketches and photos, float32 (Q, G)."""
        queries = pack(self.logits(dataset, "sketch", sketch_rows))
        gallery = pack(self.logits(dataset, "photo", photo_rows))
        return np.stack([hamming(gallery, query) for query in queries]).astype(np.float32)


class MatcherScorer:
    """A scorer by the distance that a method has learned."""

    def __init__(self, features: Features, matcher: Matcher, photo_kind: FrameKind) -> None:
        self._features = features
        self._matcher = matcher
        self._photo_kind = photo_kind

    def distances(self, dataset: PairDataset, sketch_rows: Rows, photo_rows: Rows) -> Distances:
        """Return distances, float32 (Q, G)."""
        return self._matcher(
            self._features(dataset, "sketch", sketch_rows),
            self._features(dataset, self._photo_kind, photo_rows),
        )


def fit_hasher(name: str, dataset: PairDataset, overrides: Sequence[str] = ()) -> Fitted:
    """Fit a hasher to the training split. Raises ConfigError on a wrong setting, DatasetError without pairs."""
    config = with_overrides(CrossModalConfig(), overrides)
    features, made_by, photo_kind = _features(dataset, config)
    views = training_views(dataset, features, photo_kind, config.ridge)
    encoders = HASHERS[name](views, config.code_length, config.seed)
    return Fitted(CrossModalHasher(features, encoders, photo_kind), as_json(config), made_by)


def fit_embedder(name: str, dataset: PairDataset, overrides: Sequence[str] = ()) -> Fitted:
    """Fit a real-valued method to the training split. Raises ConfigError, DatasetError as `fit_hasher`."""
    config = with_overrides(CrossModalConfig(), overrides)
    features, made_by, photo_kind = _features(dataset, config)
    views = training_views(dataset, features, photo_kind, config.ridge)
    matcher = EMBEDDERS[name](views, config.code_length, config.seed)
    return Fitted(MatcherScorer(features, matcher, photo_kind), as_json(config), made_by)


def training_views(dataset: PairDataset, features: Features, photo_kind: FrameKind, ridge: float) -> TwoViews:
    """Return the features of training sketches whose photo is there, and of all training photos.

    Raises DatasetError if no sketch has its photo.
    """
    photos = dataset.photo_rows("train")
    sketches = dataset.sketch_rows("train")
    sketches = sketches[np.isin(dataset.true_photos[sketches], photos)]
    if not len(sketches):
        raise DatasetError(
            "--root",
            f"cross-modal methods learn from sketches with photos; this {dataset.format} dataset has none",
        )
    drawn_from = np.searchsorted(photos, dataset.true_photos[sketches])
    if len(dataset.categories) == 1:
        photo_labels = np.arange(len(photos))
        sketch_labels = photo_labels[drawn_from]
    else:
        number = {category: index for index, category in enumerate(dataset.categories)}
        photo_labels = np.array([number[dataset.photos[row].category] for row in photos])
        sketch_labels = np.array([number[dataset.sketches[row].category] for row in sketches])
    return TwoViews(
        features(dataset, "sketch", sketches),
        features(dataset, photo_kind, photos),
        sketch_labels,
        photo_labels,
        drawn_from.astype(np.intp),
        ridge,
    )


def _features(dataset: PairDataset, config: CrossModalConfig) -> tuple[Features, str, FrameKind]:
    features, made_by = fixed_features(dataset, config)
    return remembered(features), made_by, "edge" if config.features == "hog" else "photo"


fit_cmfh, fit_cmssh, fit_scm_seq, fit_scm_orth, fit_cvh, fit_seph, fit_dcmh, fit_dsh = (
    partial(fit_hasher, name) for name in HASHERS
)
fit_cca, fit_xqda, fit_plsr, fit_cvfl = (partial(fit_embedder, name) for name in EMBEDDERS)

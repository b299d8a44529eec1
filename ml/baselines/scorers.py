"""Scorers over fixed features: by cosine, and by a learned weighting of a pair's differences."""

from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ml.baselines.rank_svm import PairForm, pair_features
from ml.datasets.frames import Kind
from ml.datasets.pairs import PairDataset
from ml.protocols.scorer import Distances, Rows

Floats = NDArray[np.float32]
Features = Callable[[PairDataset, Kind, Rows], Floats]  # -> (N, F), each row of unit length


class CosineScorer:
    """One minus the cosine of a sketch's features and those of a photo or its edge map."""

    def __init__(self, features: Features, *, gallery: Literal["edge", "photo"] = "edge") -> None:
        self.features = features
        self.gallery = gallery

    def distances(self, dataset: PairDataset, sketch_rows: Rows, photo_rows: Rows) -> Distances:
        """Return distances, float32 (Q, G) in 0..2."""
        sketches = self.features(dataset, "sketch", sketch_rows)
        photos = self.features(dataset, self.gallery, photo_rows)
        return np.asarray(1 - sketches @ photos.T, dtype=np.float32)


class RankSvmScorer:
    """A trained RankSVM over the features of sketch and edge map."""

    def __init__(self, features: Features, weights: Floats, form: PairForm) -> None:
        self.features = features
        self.weights = weights
        self.form = form

    def distances(self, dataset: PairDataset, sketch_rows: Rows, photo_rows: Rows) -> Distances:
        """Return the SVM's value for each pair, float32 (Q, G)."""
        sketches = self.features(dataset, "sketch", sketch_rows)
        photos = self.features(dataset, "edge", photo_rows)
        return np.stack([pair_features(sketch, photos, self.form) @ self.weights for sketch in sketches])


def remembered(features: Features) -> Features:
    """Return the same features with a cache: those of an image are computed once."""
    kept: dict[tuple[str, Kind, int], Floats] = {}

    def lookup(dataset: PairDataset, kind: Kind, rows: Rows) -> Floats:
        keys = [(dataset.sha256, kind, int(row)) for row in rows]
        new = [key[2] for key in keys if key not in kept]
        if new:
            vectors = features(dataset, kind, np.array(new, dtype=np.intp))
            kept.update(zip([(dataset.sha256, kind, row) for row in new], vectors, strict=True))
        return np.stack([kept[key] for key in keys])

    return lookup


def unit(features: NDArray[np.floating]) -> Floats:
    """Return rows (N, F) scaled to unit length, float32; a row of zeros is unchanged."""
    length = np.linalg.norm(features, axis=1, keepdims=True)
    return np.asarray(features / np.maximum(length, 1e-9), dtype=np.float32)

"""What the methods learn from, and what they return."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.baselines.hashing.linear import Encode, Floats, linear

Doubles = NDArray[np.float64]
Labels = NDArray[np.integer[Any]]
Matcher = Callable[[Floats, Floats], Floats]


@dataclass(frozen=True)
class TwoViews:
    """Training features of both modalities.

    sketches: (S, F). photos: (P, G). sketch_labels, photo_labels: (S,) and (P,). drawn_from: (S,) the row of `photos`
    that each sketch was drawn from. ridge: regulariser of projections, as a share of the features' mean variance.
    """

    sketches: Floats
    photos: Floats
    sketch_labels: Labels
    photo_labels: Labels
    drawn_from: NDArray[np.intp]
    ridge: float = 1e-4

    def centred(self) -> tuple[Doubles, Doubles]:
        """Return sketches (S, F) and photos (P, G) around the mean of their modality."""
        return _centred(self.sketches), _centred(self.photos)

    def pairs(self) -> tuple[Doubles, Doubles]:
        """Return sketches and the photos they were drawn from, (S, F) and (S, G), around the means over pairs."""
        return _centred(self.sketches), _centred(self.photos[self.drawn_from])

    def class_sums(self) -> tuple[Doubles, Doubles]:
        """Return the sums of centred features by class, (C, F) and (C, G); a class may lack one of the modalities."""
        classes = np.union1d(self.sketch_labels, self.photo_labels)
        X, Y = self.centred()
        sums = np.zeros((len(classes), X.shape[1])), np.zeros((len(classes), Y.shape[1]))
        np.add.at(sums[0], np.searchsorted(classes, self.sketch_labels), X)
        np.add.at(sums[1], np.searchsorted(classes, self.photo_labels), Y)
        return sums


@dataclass(frozen=True)
class Encoders:
    """Hash functions of both modalities: features (M, F) to logits, float32 (M, K), whose signs are the bits."""

    sketch: Encode
    photo: Encode


def projections(
    sketch_mean: NDArray[np.floating], W: Doubles, photo_mean: NDArray[np.floating], V: Doubles
) -> Encoders:
    """Return the hash functions (x - mean) W of sketches and (y - mean) V of photos."""
    return Encoders(linear(sketch_mean, W), linear(photo_mean, V))


def cosine_matcher(encoders: Encoders) -> Matcher:
    """Return the distances (Q, G), 1 - cosine, of embedded sketches (Q, F) and photos (G, F)."""

    def distances(sketches: Floats, photos: Floats) -> Floats:
        queries, gallery = _unit(encoders.sketch(sketches)), _unit(encoders.photo(photos))
        return np.asarray(1 - queries @ gallery.T, dtype=np.float32)

    return distances


def covariance(X: Doubles, ridge: float) -> Doubles:
    """Return X^T X / n of centred features (n, F), plus `ridge` times its mean variance on the diagonal."""
    found = X.T @ X / len(X)
    found[np.diag_indices_from(found)] += ridge * np.trace(found) / len(found) + 1e-12
    return found


def signs(values: Doubles) -> Doubles:
    """Return +1 where values are positive, or else -1, as in packed codes."""
    return np.where(values > 0, 1.0, -1.0)


def _centred(X: Floats) -> Doubles:
    return np.asarray(X - X.mean(axis=0, dtype=np.float64))


def _unit(X: Floats) -> Floats:
    return np.asarray(X / np.maximum(np.linalg.norm(X, axis=1, keepdims=True), 1e-12), dtype=np.float32)

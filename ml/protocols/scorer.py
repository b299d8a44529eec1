"""The interface between evaluation and the systems and baselines."""

from typing import Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from ml.datasets.frames import FrameSpec
from ml.datasets.pairs import PairDataset

Rows = NDArray[np.intp]
Distances = NDArray[np.float32]


@runtime_checkable
class Scorer(Protocol):
    """Ranks a dataset's photos for its sketches."""

    def distances(self, dataset: PairDataset, sketch_rows: Rows, photo_rows: Rows) -> Distances:
        """Return the distances of sketches to photos, float32 (Q, G), on any scale where smaller is nearer."""
        ...


@runtime_checkable
class AttentiveScorer(Scorer, Protocol):
    """A scorer that can show its attention."""

    @property
    def frame(self) -> FrameSpec:
        """The frame that its attention covers."""
        ...

    def attention(
        self, dataset: PairDataset, kind: Literal["sketch", "photo"], rows: Rows
    ) -> NDArray[np.float32] | None:
        """Return maps (N, h, w) over the frame, at least 0; None if the model was trained without attention."""
        ...

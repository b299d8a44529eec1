"""What evaluation asks of a system or a baseline."""

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
        """Distance of every sketch to every photo, float32 (Q, G), smaller is nearer; any monotone scale will do."""
        ...


@runtime_checkable
class AttentiveScorer(Scorer, Protocol):
    """A scorer that can tell where it looks."""

    @property
    def frame(self) -> FrameSpec:
        """The frame that its attention covers."""
        ...

    def attention(
        self, dataset: PairDataset, kind: Literal["sketch", "photo"], rows: Rows
    ) -> NDArray[np.float32] | None:
        """Maps (N, h, w) over the frame, from 0 up; None where this model was trained without attention."""
        ...

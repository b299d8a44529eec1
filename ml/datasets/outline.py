"""Categories and splits of a dataset's sketches, without reading its drawings.

Measuring codes needs no more, and 3.8 million drawings in memory would take 16 GB.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml.contracts.split import Split
from ml.datasets.pairs import SPLITS, PairDataset
from ml.datasets.streams import StreamedDrawings
from ml.datasets.stroke_shards import stroke_shards


@dataclass(frozen=True)
class Outline:
    """labels: (N,) numbers of the categories of all sketches, by row. splits: (N,) places in `SPLITS`."""

    labels: NDArray[np.integer]
    splits: NDArray[np.integer]

    def rows(self, *splits: Split) -> NDArray[np.intp]:
        """Return the rows of the given splits, ascending; all rows by default."""
        return np.flatnonzero(np.isin(self.splits, [SPLITS.index(split) for split in splits or SPLITS]))


def outline(dataset: PairDataset) -> Outline:
    """Return the outline of a dataset; of a streamed one from its shards, which are built on first use."""
    if isinstance(dataset, StreamedDrawings):
        shards = stroke_shards(dataset)
        return Outline(shards.labels, shards.splits)
    number = {category: index for index, category in enumerate(dataset.categories)}
    labels = np.array([number[row.category] for row in dataset.sketches], dtype=np.intp)
    return Outline(labels, np.array([SPLITS.index(row.split) for row in dataset.sketches], dtype=np.uint8))

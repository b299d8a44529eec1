"""The consensus on judged pairs of photos, one row per pair: a snapshot's own, or the majority of any other dataset."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml.contracts.snapshot import TRIPLETS, read_lines
from ml.contracts.split import Split
from ml.datasets.pairs import PairDataset, majority
from ml.errors import DatasetError


@dataclass(frozen=True)
class Consensus:
    """T merged judgements.

    triplets: int32 (T, 3), sketch row, nearer photo row, farther photo row. certainty: float32 (T,), the probability
    that the nearer one is nearer, 1 if the aggregation does not estimate it. random: bool (T,), whether the pair was
    drawn independently of any model, so that shares over such pairs are unbiased.
    """

    triplets: NDArray[np.int32]
    certainty: NDArray[np.float32]
    random: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.triplets)

    def of(self, dataset: PairDataset, split: Split) -> Consensus:
        """Return the judgements on the split's sketches; for train, only those whose photos are in train, too."""
        kept = np.isin(self.triplets[:, 0], dataset.sketch_rows(split))
        if split == "train":
            kept &= np.isin(self.triplets[:, 1:], dataset.photo_rows("train")).all(axis=1)
        return Consensus(self.triplets[kept], self.certainty[kept], self.random[kept])


def consensus(dataset: PairDataset) -> Consensus:
    """Return every merged judgement. Raises DatasetError naming the line of an invalid probability."""
    if dataset.format != "snapshot":
        triplets = majority(dataset.votes)
        return Consensus(triplets, np.ones(len(triplets), np.float32), np.zeros(len(triplets), bool))
    sketch_row = {sketch.key: row for row, sketch in enumerate(dataset.sketches)}
    photo_row = {photo.key: row for row, photo in enumerate(dataset.photos)}
    judged, certainty, random = [], [], []
    # The keys were checked when the dataset was read.
    for where, row in read_lines(dataset.files.read(TRIPLETS), TRIPLETS):
        judged.append((sketch_row[row["sketch"]], photo_row[row["positive"]], photo_row[row["negative"]]))
        certainty.append(_probability(row.get("probability", 1.0), where))
        random.append(row.get("random") is True)
    return Consensus(
        np.array(judged, np.int32).reshape(-1, 3), np.array(certainty, np.float32), np.array(random, bool)
    )


def _probability(value: object, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise DatasetError(f"{where}.probability", f"expected a number from 0 to 1, found {value!r}")
    return float(value)

"""Weak triplets from clicks in a snapshot, a source of its own: nothing mixes them with judged triplets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml.contracts.snapshot import CLICKS, read_click, read_lines
from ml.contracts.split import Split
from ml.datasets.pairs import PairDataset
from ml.errors import DatasetError


@dataclass(frozen=True)
class Clicked:
    """triplets: int32 (T, 3), sketch row, photo row of the product that was opened, and of one passed over. weight:
    float32 (T,), above 0. split: (T,).
    """

    triplets: NDArray[np.int32]
    weight: NDArray[np.float32]
    split: NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.triplets)

    def of(self, split: Split) -> Clicked:
        """Return the triplets of a split."""
        kept = self.split == split
        return Clicked(self.triplets[kept], self.weight[kept], self.split[kept])


NO_CLICKS = Clicked(np.zeros((0, 3), np.int32), np.zeros(0, np.float32), np.zeros(0, np.str_))


def clicked(dataset: PairDataset) -> Clicked:
    """Return the weak triplets of a snapshot; none of other datasets. Raises DatasetError naming an invalid line."""
    if dataset.format != "snapshot" or CLICKS not in dataset.files.files():
        return NO_CLICKS
    sketch_row = {sketch.key: row for row, sketch in enumerate(dataset.sketches)}
    photo_row = {photo.key: row for row, photo in enumerate(dataset.photos)}
    triplets, weights, splits = [], [], []
    for where, line in read_lines(dataset.files.read(CLICKS), CLICKS):
        row = read_click(line, where)
        for name, known in (("sketch", sketch_row), ("opened", photo_row), ("passed_over", photo_row)):
            if row[name] not in known:  # type: ignore[literal-required]
                raise DatasetError(f"{where}.{name}", "expected the key of a listed row")
        triplets.append((sketch_row[row["sketch"]], photo_row[row["opened"]], photo_row[row["passed_over"]]))
        weights.append(row["weight"])
        splits.append(row["split"])
    return Clicked(
        np.array(triplets, np.int32).reshape(-1, 3),
        np.array(weights, np.float32),
        np.array(splits, np.str_),
    )

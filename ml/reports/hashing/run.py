"""Metrics and figures of a hasher, for `ml.reports.run`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ml.contracts.split import Split
from ml.datasets.pairs import PairDataset
from ml.protocols.hashing import Hasher, HashingMeasurement, measure_hashing
from ml.protocols.pairs import Gallery
from ml.reports.hashing.figures import write_figures


@dataclass(frozen=True)
class HashingRequest:
    """What to measure, and where to draw; the fields are those of `ml.reports.run.Request`."""

    split: Split = "test"
    gallery: Gallery = "split"
    sheets: Path | None = None


def report_hashing(hasher: Hasher, dataset: PairDataset, request: HashingRequest) -> HashingMeasurement:
    """Measure a hasher, and draw its figures if they are wanted.

    If it was trained without some categories, `zero_shot` holds its metrics on those: the split's drawings of the unseen
    categories search all drawings of these categories. All other metrics and figures are of the seen categories.
    """
    unseen: Sequence[str] = getattr(hasher, "unseen", ())
    seen = [category for category in dataset.categories if category not in unseen]
    measured = measure_hashing(
        hasher, dataset, split=request.split, gallery=request.gallery, categories=seen if unseen else None
    )
    if unseen:
        alone = measure_hashing(
            hasher, dataset, split=request.split, gallery="all", categories=sorted(set(unseen))
        )
        measured.metrics["zero_shot"] = alone.metrics | {"categories": list(unseen)}
    if request.sheets is not None:
        write_figures(request.sheets, dataset, measured)
    return measured

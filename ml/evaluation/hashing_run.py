"""From a hasher to metrics, figures and a result file: what `ml.evaluation.run` does where codes are measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ml.contracts.split import Split
from ml.datasets.pairs import PairDataset
from ml.evaluation.hashing import Hasher, measure_hashing
from ml.evaluation.hashing_figures import write_figures
from ml.evaluation.protocol import Gallery
from ml.evaluation.results import Run, result_of, write_result


@dataclass(frozen=True)
class HashingRequest:
    """What to measure on, and what to leave behind; the fields are those of `ml.evaluation.run.Request`."""

    split: Split = "test"
    gallery: Gallery = "split"
    sheets: Path | None = None
    result: Path | None = None


def report_hashing(hasher: Hasher, dataset: PairDataset, run: Run, request: HashingRequest) -> dict[str, Any]:
    """Metrics of a hasher; of one that was trained without some categories, its zero-shot metrics beside them.

    Zero-shot searches every drawing of the unseen categories with those of the split. The result file and the figures are
    of the seen categories, whose metrics come first.
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
    if request.result is not None:
        write_result(request.result, result_of(run, dataset, measured))
    return measured.metrics

"""Measure which names a recogniser gives to drawings, as it serves, when they are whole and when they are half drawn."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.contracts.split import Split
from ml.datasets.pairs import PairDataset
from ml.errors import DatasetError
from ml.metrics.calibration import calibration_summary
from ml.metrics.ranking import accuracy_at, summary
from ml.serving.recogniser import Recogniser
from ml.sketch.augment import partial
from ml.sketch.strokes import Sketch

AT_ONCE = 32  # drawings in one run


@dataclass(frozen=True)
class NamedDrawings:
    """Drawings and the columns of their true names, int64 (N,). unknown: drawings left out, as their name is unknown."""

    sketches: list[Sketch]
    labels: NDArray[np.int64]
    unknown: int

    def half_drawn(self) -> "NamedDrawings":
        """Return the drawings after the first half of their strokes, rounded up."""
        halves = [partial(sketch, (len(sketch.strokes) + 1) // 2) for sketch in self.sketches]
        return NamedDrawings(halves, self.labels, self.unknown)


def named_drawings(names: Sequence[str], dataset: PairDataset, split: Split) -> NamedDrawings:
    """Return a split's drawings of these names. Raises DatasetError if there is none, or if they have no strokes."""
    column = {name: place for place, name in enumerate(names)}
    sketches, labels, unknown = [], [], 0
    for row in dataset.sketch_rows(split).tolist():
        name = dataset.sketches[row].category
        if name not in column:
            unknown += 1
            continue
        strokes = dataset.strokes(row)
        if strokes is None:
            raise DatasetError("--root", f"{dataset.sketches[row].key} has no strokes, only an image")
        sketches.append(strokes)
        labels.append(column[name])
    if not sketches:
        raise DatasetError("--root", f"the {split} split has no drawings of the names that the model knows")
    return NamedDrawings(sketches, np.array(labels, np.int64), unknown)


def logits_of(recogniser: Recogniser, sketches: Sequence[Sketch]) -> NDArray[np.float32]:
    """Return logits, float32 (N, names), of sketches."""
    images = [recogniser.rasterised(sketch).image for sketch in sketches]
    parts = [recogniser.logits(images[start : start + AT_ONCE]) for start in range(0, len(images), AT_ONCE)]
    return np.concatenate(parts)


def measure_recognition(
    recogniser: Recogniser, dataset: PairDataset, *, split: Split = "test"
) -> dict[str, Any]:
    """Return every metric with its 95 % interval. Raises DatasetError as `named_drawings`.

    top-1, top-5: shares of drawings whose name is the most probable one, or among the five most probable. sure: share of
    drawings that the recogniser is sure of; right_if_sure: share of these whose name is right. calibration_error: of the
    most probable name; overconfidence: its mean probability less the share that is right. Keys that end in `_half` are
    of half-drawn drawings. `names`: top-1 and top-5 by name, with the number of drawings and the wrong name given most
    often.
    """
    whole = named_drawings(recogniser.names, dataset, split)
    found = recogniser.probabilities(logits_of(recogniser, whole.sketches))
    half = recogniser.probabilities(logits_of(recogniser, whole.half_drawn().sketches))
    metrics = _figures(recogniser, found, whole.labels)
    metrics |= {f"{name}_half": value for name, value in _figures(recogniser, half, whole.labels).items()}
    return {
        **metrics,
        "n_queries": len(whole.labels),
        "n_unknown": whole.unknown,
        "n_names": len(recogniser.names),
        "precision": recogniser.precision,
        "names": _by_name(recogniser.names, found, whole.labels),
    }


def _figures(
    recogniser: Recogniser, probabilities: NDArray[np.float32], labels: NDArray[np.int64]
) -> dict[str, Any]:
    best, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    first = accuracy_at(-probabilities, labels, 1)
    sure = best >= recogniser.manifest.sure_from
    return {
        "top-1": summary(first),
        "top-5": summary(accuracy_at(-probabilities, labels, 5)),
        "sure": summary(sure.astype(np.float64)),
        **({"right_if_sure": summary(first[sure])} if sure.any() else {}),
        "calibration_error": calibration_summary(best, right),
        "overconfidence": summary(best - right.astype(np.float64)),
    }


def _by_name(
    names: Sequence[str], probabilities: NDArray[np.float32], labels: NDArray[np.int64]
) -> dict[str, dict[str, Any]]:
    first, five = (accuracy_at(-probabilities, labels, k) for k in (1, 5))
    given = probabilities.argmax(axis=1)
    table = {}
    for label in np.unique(labels).tolist():
        rows = labels == label
        wrong = Counter(names[column] for column in given[rows].tolist() if column != label)
        table[names[label]] = {
            "top-1": float(first[rows].mean()),
            "top-5": float(five[rows].mean()),
            "n_sketches": int(rows.sum()),
            "mistaken_for": wrong.most_common(1)[0][0] if wrong else "",
        }
    return table

"""Compare two models on the same queries: the metrics of each, and the paired interval of their difference."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, TypeGuard

import numpy as np
from numpy.typing import NDArray

from ml.contracts.split import Split
from ml.datasets.pairs import PairDataset
from ml.errors import ConfigError
from ml.metrics.hashing import DistanceCounts, counted_average_precision, counted_precision
from ml.metrics.ranking import accuracy_at, summary
from ml.protocols.hashing import Hasher, measure_hashing
from ml.protocols.pairs import ACCURACY_AT, Measurement, measure
from ml.protocols.scorer import Scorer
from ml.serving.recogniser import Recogniser
from ml.systems.registry import load_scorer

_OF_CODES: Mapping[str, Callable[[DistanceCounts], NDArray[np.float64]]] = {
    "mAP": counted_average_precision,
    "precision@200": partial(counted_precision, k=200),
}


def compare_models(model: Path, against: Path, dataset: PairDataset, *, split: Split) -> dict[str, Any]:
    """Compare two model folders, of hash codes by category. Raises ConfigError if only one computes hash codes."""
    ours, theirs = load_scorer(model)[1], load_scorer(against)[1]
    pairs = isinstance(ours, Scorer) and isinstance(theirs, Scorer)
    if _is_hasher(ours) and _is_hasher(theirs) and not pairs:
        return compare_codes(ours, theirs, dataset, split=split)
    return compare(_scorer("--model", ours), _scorer("--against", theirs), dataset, split=split)


def compare(model: Scorer, against: Scorer, dataset: PairDataset, *, split: Split) -> dict[str, Any]:
    """Return {metric: {"model", "against", "difference"}} for acc@k and %corr, each {"value", "ci95"}.

    It also holds n_queries and n_triplets. The difference is bootstrapped query by query, so that queries that are hard
    for both do not widen its interval.
    """
    ours, theirs = (measure(scorer, dataset, split=split) for scorer in (model, against))
    compared: dict[str, Any] = {}
    pairs = zip(_values(ours).items(), _values(theirs).values(), strict=True)
    for (name, (own, queries)), (other, _) in pairs:
        compared[name] = {
            "model": summary(own, queries),
            "against": summary(other, queries),
            "difference": summary(own - other, queries),
        }
    return compared | {"n_queries": len(ours.ranks), "n_triplets": len(ours.correct)}


def compare_codes(model: Hasher, against: Hasher, dataset: PairDataset, *, split: Split) -> dict[str, Any]:
    """Compare two hashers by mAP and precision@200, in the same form; both rank the same gallery."""
    found = [measure_hashing(hasher, dataset, split=split) for hasher in (model, against)]
    compared: dict[str, Any] = {}
    for name, value in _OF_CODES.items():
        ours, theirs = (value(measured.counts) for measured in found)
        compared[name] = {
            "model": summary(ours),
            "against": summary(theirs),
            "difference": summary(ours - theirs),
        }
    return compared | {"n_queries": len(found[0].ranks)}


def _is_hasher(scorer: object) -> TypeGuard[Hasher]:
    """Return whether it computes hash codes; a recogniser's `logits` are of names."""
    return isinstance(scorer, Hasher) and not isinstance(scorer, Recogniser)


def _scorer(option: str, scorer: object) -> Scorer:
    if not isinstance(scorer, Scorer):
        raise ConfigError(option, "has no distances of sketches to photos to compare")
    return scorer


def _values(measured: Measurement) -> dict[str, tuple[NDArray[np.float64], NDArray[np.intp]]]:
    """Return the values of each metric, and the query of each value."""
    queries = np.arange(len(measured.ranks))
    values = {f"acc@{k}": (accuracy_at(measured.distances, measured.true, k), queries) for k in ACCURACY_AT}
    return values | ({"%corr": (measured.correct, measured.judged)} if len(measured.correct) else {})

"""Compare two models on the same queries: the metrics of each, and the paired interval of their difference."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.contracts.split import Split
from ml.datasets.pairs import PairDataset
from ml.errors import ConfigError
from ml.metrics.ranking import accuracy_at, summary
from ml.protocols.pairs import ACCURACY_AT, Measurement, measure
from ml.protocols.scorer import Scorer
from ml.systems.registry import load_scorer


def compare_models(model: Path, against: Path, dataset: PairDataset, *, split: Split) -> dict[str, Any]:
    """Compare two model folders. Raises ConfigError on a model that only computes hash codes."""
    ours, theirs = _scorer("--model", model), _scorer("--against", against)
    return compare(ours, theirs, dataset, split=split)


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


def _scorer(option: str, folder: Path) -> Scorer:
    scorer = load_scorer(folder)[1]
    if not isinstance(scorer, Scorer):
        raise ConfigError(option, f"{folder} has no distances of sketches to photos to compare")
    return scorer


def _values(measured: Measurement) -> dict[str, tuple[NDArray[np.float64], NDArray[np.intp]]]:
    """Return the values of each metric, and the query of each value."""
    queries = np.arange(len(measured.ranks))
    values = {f"acc@{k}": (accuracy_at(measured.distances, measured.true, k), queries) for k in ACCURACY_AT}
    return values | ({"%corr": (measured.correct, measured.judged)} if len(measured.correct) else {})

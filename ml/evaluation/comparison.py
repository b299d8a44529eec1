"""Two models on the same queries: each one's metrics, and the paired interval of what sets them apart."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.contracts.split import Split
from ml.datasets.pairs import PairDataset
from ml.errors import ConfigError
from ml.evaluation.metrics import accuracy_at, summary
from ml.evaluation.protocol import ACCURACY_AT, Measurement, measure
from ml.evaluation.scorer import Scorer
from ml.systems.registry import load_scorer


def compare_models(model: Path, against: Path, dataset: PairDataset, *, split: Split) -> dict[str, Any]:
    """`compare` of two model folders. Raises ConfigError on one that ranks no photos."""
    ours, theirs = _scorer("--model", model), _scorer("--against", against)
    return compare(ours, theirs, dataset, split=split)


def compare(model: Scorer, against: Scorer, dataset: PairDataset, *, split: Split) -> dict[str, Any]:
    """{metric: {"model", "against", "difference"}} of acc@k and %corr, each {"value", "ci95"}, and the numbers of both.

    The difference is bootstrapped query by query: what is hard for both does not widen its interval.
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
        raise ConfigError(option, f"{folder} gives hash codes alone, which pairs are not compared by")
    return scorer


def _values(measured: Measurement) -> dict[str, tuple[NDArray[np.float64], NDArray[np.intp]]]:
    """Values of each metric and the query of each."""
    queries = np.arange(len(measured.ranks))
    values = {f"acc@{k}": (accuracy_at(measured.distances, measured.true, k), queries) for k in ACCURACY_AT}
    return values | ({"%corr": (measured.correct, measured.judged)} if len(measured.correct) else {})

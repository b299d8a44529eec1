"""Combine the results of several seeds into one, which lists each seed's own.

The interval `ci95` says how much the choice of queries matters, `sd` and `t95` how much the seed does.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ml.reports.seeds import spread

OF_A_SEED = ("seed", "metrics", "ranks", "ties", "instances", "curve", "terms", "minutes", "trained_at")


def combined(results: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return one result of several seeds, or the only result."""
    first = dict(results[0])
    if len(results) == 1:
        return first
    shared = {key: value for key, value in first.items() if key not in ("instances", "curve", "terms")}
    return {
        **shared,
        "metrics": combined_metrics([result["metrics"] for result in results]),
        "ranks": [],
        "ties": [],
        "minutes": round(sum(result["minutes"] for result in results), 1),
        "seeds": [{key: result[key] for key in OF_A_SEED if key in result} for result in results],
    }


def combined_metrics(metrics: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the mean of each metric with its intervals, and the mean of each number; other values are the first's."""
    return {name: _combined([one[name] for one in metrics]) for name in metrics[0]}


def _combined(values: Sequence[Any]) -> Any:
    first = values[0]
    if len(values) == 1:
        return first
    if isinstance(first, Mapping) and "ci95" in first:
        over_seeds = spread([value["value"] for value in values])
        bounds = np.mean([value["ci95"] for value in values], axis=0).tolist()
        return _rounded({**first, **over_seeds, "ci95": bounds})
    if isinstance(first, Mapping):
        return combined_metrics(values)
    if isinstance(first, float):
        return _rounded(float(np.mean(values)))
    return first


def _rounded(value: Any) -> Any:
    """Round computed values as result files do."""
    if isinstance(value, Mapping):
        return {key: _rounded(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_rounded(inner) for inner in value]
    return round(value, 4) if isinstance(value, float) else value

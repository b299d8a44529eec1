"""The temperature and the thresholds of a recogniser, chosen on validation drawings, whole and half drawn together.

Half-drawn ones count because a search is answered while the visitor draws.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from ml.metrics.calibration import least_threshold
from ml.serving.recogniser_files import probabilities

SURE = 0.8  # share of the sure drawings whose name must be right
KEPT = 0.95  # share of the offers with the right name that must be kept
OFFERED = 5  # names
_TEMPERATURES = (0.2, 5.0)


@dataclass(frozen=True)
class Chosen:
    """temperature: with the highest likelihood of the true names.

    sure_from: the lowest best probability from which at least `SURE` of the drawings are right. nothing_below: the best
    probability that `KEPT` of the drawings reach whose true name is among the first `OFFERED`.
    """

    temperature: float
    sure_from: float
    nothing_below: float

    @classmethod
    def on(
        cls, logits: NDArray[np.float32], labels: NDArray[np.int64], *, others: Sequence[int] = ()
    ) -> "Chosen":
        """Choose on logits (N, names) of drawings and the columns of their true names (N,).

        others: columns that are no names.
        """
        temperature = round(_likeliest(logits, labels), 3)
        found = probabilities(logits, temperature)
        found[:, list(others)] = 0.0
        best = found.max(axis=1)
        true = np.take_along_axis(found, labels[:, None], axis=1)
        offered = (found > true).sum(axis=1) < OFFERED
        sure_from = least_threshold(best, found.argmax(axis=1) == labels, SURE)
        nothing_below = float(np.quantile(best[offered], 1 - KEPT)) if offered.any() else 0.0
        return cls(temperature, round(sure_from, 3), round(min(nothing_below, sure_from), 3))


def _likeliest(logits: NDArray[np.float32], labels: NDArray[np.int64]) -> float:
    """Return the temperature with the lowest cross-entropy."""

    def cross_entropy(log_temperature: float) -> float:
        scaled = logits / np.exp(log_temperature)
        scaled = scaled - scaled.max(axis=1, keepdims=True)
        true = np.take_along_axis(scaled, labels[:, None], axis=1)[:, 0]
        return float(np.mean(np.log(np.exp(scaled).sum(axis=1)) - true))

    low, high = np.log(_TEMPERATURES)
    return float(np.exp(minimize_scalar(cross_entropy, bounds=(low, high), method="bounded").x))

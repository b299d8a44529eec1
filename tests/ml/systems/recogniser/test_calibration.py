"""The choices on validation: temperature, the threshold to be sure, the threshold to offer names."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from ml.serving.recogniser_files import probabilities
from ml.systems.recogniser.calibration import KEPT, OFFERED, SURE, Chosen


def drawn(factor: float, n: int = 6000) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Logits whose probabilities are calibrated at temperature `factor`, and labels drawn from these."""
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 2.5, (n, 12)).astype(np.float32)
    share = probabilities(logits).cumsum(axis=1)
    labels = (share < rng.random((n, 1))).sum(axis=1).clip(0, 11)
    return logits * np.float32(factor), labels


@pytest.mark.parametrize("factor", [0.5, 1.0, 2.0])
def test_the_temperature_calibrates(factor: float) -> None:
    assert Chosen.on(*drawn(factor)).temperature == pytest.approx(factor, rel=0.05)


def test_the_thresholds_mean_what_they_say() -> None:
    logits, labels = drawn(1.0)
    chosen = Chosen.on(logits, labels)
    found = probabilities(logits, chosen.temperature)
    best, right = found.max(axis=1), found.argmax(axis=1) == labels
    assert right[best >= chosen.sure_from].mean() >= SURE - 0.005  # it is rounded
    assert right[best >= chosen.sure_from - 0.05].mean() < SURE, "a lower one would do"
    five = (np.argsort(-found, axis=1)[:, :OFFERED] == labels[:, None]).any(axis=1)
    assert (best[five] >= chosen.nothing_below).mean() == pytest.approx(KEPT, abs=0.005)
    assert 0 < chosen.nothing_below < chosen.sure_from < 1


def test_a_recogniser_that_is_never_right_is_never_sure() -> None:
    logits, _ = drawn(1.0, 200)
    assert Chosen.on(logits, (logits.argmax(axis=1) + 1) % 12).sure_from == 1.0

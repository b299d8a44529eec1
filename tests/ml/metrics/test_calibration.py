"""Calibration, by hand and by simulation."""

from __future__ import annotations

import numpy as np
import pytest

from ml.metrics.calibration import calibration_error, calibration_summary, least_threshold


def test_the_error_is_the_weighted_gap_of_the_bins() -> None:
    best = np.array([0.1, 0.15, 0.9, 0.95, 1.0])
    right = np.array([False, True, True, True, False])
    gaps = 2 * abs(0.125 - 0.5) + 3 * abs(0.95 - 2 / 3)
    assert calibration_error(best, right, bins=2) == pytest.approx(gaps / 5)


def test_a_calibrated_model_has_nearly_no_error_and_an_overconfident_one_its_gap() -> None:
    rng = np.random.default_rng(0)
    best = rng.random(20_000)
    right = rng.random(20_000) < best
    assert calibration_error(best, right) < 0.015
    found = calibration_summary(np.minimum(best + 0.1, 1), right)
    low, high = found["ci95"]
    assert low < found["value"] < high
    assert found["value"] == pytest.approx(0.095, abs=0.01)
    assert 0.005 < high - low < 0.02


def test_the_threshold_is_the_lowest_that_is_right_often_enough() -> None:
    best = np.array([0.9, 0.8, 0.7, 0.6, 0.5])
    right = np.array([True, False, True, True, False])
    assert least_threshold(best, right, 0.75) == 0.6
    assert least_threshold(best, right, 0.5) == 0.5
    assert least_threshold(best, ~right, 0.75) == 1.0


def test_equal_probabilities_are_accepted_together() -> None:
    assert least_threshold(np.array([0.9, 0.5, 0.5]), np.array([True, True, False]), 0.9) == 0.9

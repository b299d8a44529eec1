"""Several seeds: means, deviations and intervals, worked out by hand."""

from __future__ import annotations

from typing import Any

import pytest

from ml.reports.combined import combined, combined_metrics


def result(seed: int, value: float, **metrics: Any) -> dict[str, Any]:
    measured = {"acc@1": {"value": value, "ci95": [value - 0.1, value + 0.2], "n": 4}, "n_queries": 4}
    return {
        "system": "dssa",
        "seed": seed,
        "metrics": measured | metrics,
        "ranks": [1.0, 2.0],
        "ties": [0, 0],
        "minutes": 1.5,
        "trained_at": None,
    }


def test_three_seeds_have_mean_deviation_and_both_intervals() -> None:
    found = combined([result(0, 0.4, d1=3.0), result(1, 0.5, d1=4.0), result(2, 0.6, d1=5.0)])
    accuracy = found["metrics"]["acc@1"]
    assert (accuracy["value"], accuracy["sd"], accuracy["n"]) == (0.5, 0.1, 4)
    assert accuracy["ci95"] == pytest.approx([0.4, 0.7])
    half = 4.3027 * 0.1 / 3**0.5  # Student's t with two degrees of freedom
    assert accuracy["t95"] == pytest.approx([0.5 - half, 0.5 + half], abs=1e-4)
    assert found["metrics"]["d1"] == 4.0
    assert found["metrics"]["n_queries"] == 4
    assert (found["seed"], found["minutes"], found["ranks"]) == (0, 4.5, [])
    assert [(one["seed"], one["metrics"]["acc@1"]["value"]) for one in found["seeds"]] == [
        (0, 0.4),
        (1, 0.5),
        (2, 0.6),
    ]


def test_one_seed_stays_as_it_is() -> None:
    assert combined([result(3, 0.4)]) == result(3, 0.4)


def test_metrics_within_metrics_are_combined() -> None:
    nested = [{"zero_shot": {"mAP": {"value": value, "ci95": [0.0, 1.0]}}} for value in (0.2, 0.4)]
    assert combined_metrics(nested)["zero_shot"]["mAP"]["value"] == 0.3

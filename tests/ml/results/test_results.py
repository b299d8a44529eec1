"""The result files of the repository: metrics follow from ranks, tables from files."""

from __future__ import annotations

import json
import math
import re
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from ml.checkout import is_traceable
from ml.reports.hashing.terms import is_on, terms_of
from ml.reports.results import read_results
from ml.reports.tables import PAGE, refresh, tables
from ml.reproduce.recipe import Recipes

RESULTS = read_results()
# Files from before results of uncommitted code were refused. A new run of a row removes it here; nothing is added.
FROM_CHANGED_CODE = frozenset(
    {
        "chair-v1-dense-hog-ranksvm",
        "chair-v1-hog",
        "chair-v1-hog-bow-ranksvm",
        "chair-v1-lite0-ranksvm",
        "chair-v1-sketch-a-net-ranksvm",
        "chair-v1-sketchfind-pairs",
        "chair-v1-untrained-lite0",
        "chair-v2-val-all-sketchfind-pairs",
        "chair-v2-val-sketchfind-pairs",
        "hash/dsh-supervised-64",
        "hash/quickdraw-cca-itq-deep-64",
        "hash/quickdraw-dsh-density-deep-64",
        "hash/quickdraw-sdh-deep-64",
        "hash/quickdraw-sh-deep-64",
        "hash/quickdraw-sklsh-deep-64",
        "shoe-v1-dense-hog-ranksvm",
        "shoe-v1-hog",
        "shoe-v1-hog-bow-ranksvm",
        "shoe-v1-lite0-ranksvm",
        "shoe-v1-sketch-a-net-ranksvm",
        "shoe-v1-sketchfind-pairs",
        "shoe-v1-triplet-san",
        "shoe-v1-untrained-lite0",
    }
)


@pytest.fixture(params=RESULTS, ids=str)
def result(request: pytest.FixtureRequest) -> dict[str, Any]:
    return RESULTS[request.param]


def test_there_are_results() -> None:
    assert RESULTS


def test_metrics_follow_from_the_ranks(result: dict[str, Any]) -> None:
    for one in result.get("seeds") or [result]:
        assert_metrics_follow({**result, **one})


def assert_metrics_follow(result: dict[str, Any]) -> None:
    ranks, ties = np.array(result["ranks"]), np.array(result["ties"])
    metrics = result["metrics"]
    assert len(ranks) == len(ties) == metrics["n_queries"]
    assert ((ranks >= 1) & (ranks <= metrics["n_gallery"])).all()
    if "code_length" in metrics:
        assert_between_the_bounds_of_the_first_relevant(ranks, metrics)
        assert_instances_follow_from_the_ranks(result)
        return
    assert_accuracies_follow(metrics, "", ranks, ties)
    if result["category"] != "all":
        first = ranks - ties / 2
        reciprocal = [np.mean(1 / np.arange(a, a + t + 1)) for a, t in zip(first, ties, strict=True)]
        assert metrics["mAP"]["value"] == pytest.approx(np.mean(reciprocal), abs=1e-4)


def assert_accuracies_follow(
    metrics: dict[str, Any], suffix: str, ranks: NDArray[np.float64], ties: NDArray[np.int64]
) -> None:
    first = ranks - ties / 2  # tied photos occupy the places first .. first + ties
    for k in (1, 5, 10):
        share = np.clip((k - first + 1) / (ties + 1), 0, 1)
        assert metrics[f"acc@{k}{suffix}"]["value"] == pytest.approx(share.mean(), abs=1e-4)


def assert_instances_follow_from_the_ranks(result: dict[str, Any]) -> None:
    """Hash codes of sketches and photos: the ranks of the photos that sketches were drawn from, if they were measured."""
    for suffix in ("", "_all"):
        if f"acc@1{suffix}" in result["metrics"]:
            kept = result["instances"]
            ranks, ties = np.array(kept[f"ranks{suffix}"]), np.array(kept[f"ties{suffix}"])
            assert len(ranks) == result["metrics"]["n_instances"]
            assert_accuracies_follow(result["metrics"], suffix, ranks, ties)


def assert_between_the_bounds_of_the_first_relevant(
    ranks: NDArray[np.float64], metrics: dict[str, Any]
) -> None:
    """Bounds of mAP for R relevant: lower if the others are never found, upper if they follow directly."""
    found = np.arange(metrics["R"])
    least = 1 / (len(found) * ranks)
    most = ((found + 1) / (ranks[:, None] + found)).mean(axis=1)
    assert least.mean() <= metrics["mAP"]["value"] <= most.mean()


def test_every_interval_contains_its_value(result: dict[str, Any]) -> None:
    n_intervals = 0
    for name, metric in result["metrics"].items():
        if isinstance(metric, dict) and "ci95" in metric:
            low, high = metric["ci95"]
            assert 0 <= low <= metric["value"] <= high <= 1, name
            n_intervals += 1
        elif not isinstance(metric, dict):  # a count, or a value of the whole gallery
            assert math.isfinite(metric), name
    assert n_intervals >= 3


def test_the_figures_of_several_seeds_are_their_means(result: dict[str, Any]) -> None:
    seeds = result.get("seeds") or []
    assert len(seeds) != 1
    assert len({one["seed"] for one in seeds}) == len(seeds)
    for name, metric in result["metrics"].items() if seeds else ():
        if isinstance(metric, dict) and "sd" in metric:
            values = [one["metrics"][name]["value"] for one in seeds]
            assert metric["value"] == pytest.approx(np.mean(values), abs=1e-4), name
            assert metric["sd"] == pytest.approx(np.std(values, ddof=1), abs=1e-4), name
            assert metric["t95"][0] <= metric["value"] <= metric["t95"][1], name


def test_a_result_comes_from_committed_code(result: dict[str, Any]) -> None:
    commits = [result["commit"], *filter(None, [result.get("trained_at")])]
    commits += [one["trained_at"] for one in result.get("seeds") or [] if one["trained_at"]]
    if not all(map(is_traceable, commits)):
        name = next(name for name, one in RESULTS.items() if one is result)
        assert name in FROM_CHANGED_CODE, "run this row again from a clean tree"


def test_every_result_is_that_of_a_recipe() -> None:
    recipes = Recipes()
    made = {recipes.resolved(variant).result for recipe in recipes.values() for variant in recipe.variants()}
    assert sorted(RESULTS.keys() - made) == []


def ablated() -> list[str]:
    """Return the results of GDH's Table 5 that there are."""
    own = Recipes().of("gdh/table-5")
    results = {variant.result for recipe in own for variant in recipe.variants()}
    return sorted(results & RESULTS.keys())


@pytest.mark.parametrize("name", ablated())
def test_each_term_of_the_ablation_acts(name: str) -> None:
    """A row of an ablation shows nothing about a term that did not change."""
    found = terms_of(RESULTS[name])
    assert {"gap_photo", "gap_sketch", "cycle", "kept", "quantisation", "unification", "contrast"} == set(
        found
    )
    for term, values in found.items():
        assert len(values) >= 2
        if is_on(RESULTS[name], term):
            assert values[-1] < 0.95 * values[0], f"{term} {values}"


def test_a_result_records_its_commit_and_command(result: dict[str, Any]) -> None:
    assert re.fullmatch(r"[0-9a-f]{64}", result["dataset_sha256"])
    assert re.fullmatch(r"[0-9a-f]{40}(-dirty)?", result["commit"])
    assert "python -m ml" in result["command"]
    assert "--result ml/results/" in result["command"] or "ml reproduce " in result["command"]
    assert isinstance(result["seed"], int)
    assert not re.search(r'(?:^|[\s="])(/|~/)\w', json.dumps([result["command"], result["config"]]))


def test_the_tables_are_up_to_date() -> None:
    assert tables(RESULTS) in PAGE.read_text()
    assert refresh(RESULTS, write=False)["stale"] == []

"""`bench clicks`: what the head learns from simulated clicks on Shoe-V1, and whether position bias is found.

Train sketches are drawn by visitors of a shop that sells all 419 shoes. Ways to use the same clicks are compared; each
chooses its one constant (`keep`) by acc@1 on validation, averaged over the visitors' seeds, and is then measured once on
the official test split. `true pairs` knows what every visitor wanted, which is the most that clicks could teach.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.benchmarks.clicks.head import Triplets, mapped, trained
from ml.benchmarks.clicks.shop import Shop, read_shop
from ml.benchmarks.clicks.visitors import SHOWN, Answered, Visitors, power, visit
from ml.clicks.position_bias import PositionBias, estimate
from ml.clicks.weak_triplets import DEPTH, weak_triplets
from ml.contracts.split import Split
from ml.metrics.ranking import accuracy_at, correct_triplets, summary

N_ANSWERS = (300, 1_000, 3_000)
SEEDS = (0, 1, 2)
KEEPS = (0.01, 0.03, 0.1, 0.3)
WAYS = ("passed over above, unweighted", "all shown, unweighted", "all shown, weighted", "true pairs")
Values = dict[str, NDArray[np.float64]]


def run() -> dict[str, Any]:
    """Return the estimated bias and each way's test metrics with intervals, and differences from the shipped encoder."""
    shop = read_shop(os.environ.get("SKETCHFIND_DATA"))
    base = _test(shop, np.eye(shop.gallery.shape[1], dtype=np.float32))
    result: dict[str, Any] = {"shipped encoder": _summaries(base, shop)}
    result["position bias"] = biases(shop)
    for n in N_ANSWERS:
        answers = [_answers(shop, power(1.0), n, seed) for seed in SEEDS]
        clicks = float(np.mean([sum(int(one.opened.sum()) for one in each) for each in answers]))
        result[f"{n} answers"] = {"clicks": round(clicks)}
        for way in WAYS:
            keep, maps = _chosen(shop, [_triplets(shop, each, way) for each in answers])
            tests = [_test(shop, by) for by in maps]
            mean = {name: np.mean([test[name] for test in tests], axis=0) for name in base}
            gain = {name: mean[name] - base[name] for name in base}
            result[f"{n} answers"][way] = {
                "keep": keep,
                **_summaries(mean, shop),
                **{f"gain {name}": one for name, one in _summaries(gain, shop).items()},
            }
    return result


def biases(shop: Shop) -> dict[str, Any]:
    """Return the exponents estimated from visitors of known bias; the last look at ranks by another law."""
    examinations = {f"exponent {e}": power(e) for e in (0.5, 1.0, 1.5)}
    examinations["0.8 per rank"] = np.asarray(0.8 ** np.arange(SHOWN), np.float64)
    return {
        name: {
            f"{n} answers": [
                {"exponent": round(found.exponent, 3), "ci95": [round(end, 3) for end in found.ci95]}
                for found in (_bias(_answers(shop, examination, n, seed)) for seed in SEEDS)
            ]
            for n in N_ANSWERS
        }
        for name, examination in examinations.items()
    }


def _answers(shop: Shop, examination: NDArray[np.float64], n: int, seed: int) -> list[Answered]:
    part = shop.parts["train"]
    distances = -part.embeddings @ shop.gallery.T
    rng = np.random.default_rng([seed, n])
    return visit(distances, part.own, shop.liked, Visitors(examination), n, rng)


def _bias(answers: Sequence[Answered]) -> PositionBias:
    pairs, lower = [], []
    for one in answers:
        for place in (one.pair - 1, one.pair):
            if one.opened[place]:
                pairs.append(one.pair)
                lower.append(place == one.pair)
    return estimate(np.array(pairs, np.int64), np.array(lower, bool))


def _triplets(shop: Shop, answers: Sequence[Answered], way: str) -> Triplets:
    bias = (
        _bias(answers) if way.endswith("weighted") and "unweighted" not in way else PositionBias(0, (0, 0), 0)
    )
    rows: list[tuple[int, int, int, float]] = []
    own = shop.parts["train"].own
    for one in answers:
        shown = one.shown.tolist()
        opened = one.shown[one.opened].tolist()
        if way == "true pairs":
            wanted = int(own[one.sketch])
            others = [column for column in shown[:DEPTH] if column != wanted]
            rows += [(one.sketch, wanted, column, 1 / len(others)) for column in others]
            continue
        found = weak_triplets(shown, opened, bias, only_above="above" in way)
        rows += [(one.sketch, each.opened, each.passed_over, each.weight) for each in found]
    sketch, positive, negative, weight = zip(*rows, strict=True)
    return Triplets(np.array(sketch), np.array(positive), np.array(negative), np.array(weight, np.float32))


def _chosen(shop: Shop, parts: Sequence[Triplets]) -> tuple[float, list[NDArray[np.float32]]]:
    """Return the constant that is best on validation, and its maps, one per seed."""
    query = shop.parts["train"].embeddings
    tried = {
        keep: [
            trained(query, shop.gallery, part, keep=keep, seed=seed)
            for part, seed in zip(parts, SEEDS, strict=True)
        ]
        for keep in KEEPS
    }
    scores = {
        keep: np.mean([_accuracies(shop, "val", by)["acc@1"].mean() for by in maps])
        for keep, maps in tried.items()
    }
    best = max(KEEPS, key=lambda keep: scores[keep])
    return best, tried[best]


def _accuracies(shop: Shop, split: Split, by: NDArray[np.float32]) -> Values:
    """Return acc@1 and acc@10 of each sketch, among the photos of its split."""
    part, columns = shop.parts[split], shop.columns[split]
    distances = -mapped(part.embeddings, by) @ mapped(shop.gallery[columns], by).T
    own = np.searchsorted(columns, part.own)
    return {f"acc@{k}": accuracy_at(distances, own, k) for k in (1, 10)}


def _test(shop: Shop, by: NDArray[np.float32]) -> Values:
    query, gallery = mapped(shop.parts["test"].embeddings, by), mapped(shop.gallery, by)
    sketch, near, far = shop.judged.T
    nearer = -(query[sketch] * gallery[near]).sum(1)
    farther = -(query[sketch] * gallery[far]).sum(1)
    return {**_accuracies(shop, "test", by), "%corr": correct_triplets(nearer, farther)}


def _summaries(values: Values, shop: Shop) -> dict[str, dict[str, object]]:
    groups = {"%corr": shop.judged[:, 0]}
    return {name: summary(one, groups.get(name)) for name, one in values.items()}

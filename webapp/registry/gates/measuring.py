"""Measure both releases on the same held-out data: metrics with intervals, and the paired interval of the difference.

acc@k          share of sketches that find their own product among the first k of the whole catalogue
%corr          share of judged triplets in which the sketch lies nearer to the product that workers chose
%corr_random   the same on triplets that were drawn without a model, the only unbiased ones
%clicks        share of weak triplets from clicks in which it lies nearer to the product that was opened
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.images.decode import decode_image
from ml.metrics.ranking import correct_triplets, summary
from webapp.catalog.models import Product
from webapp.registry.gates.compared import ComparedRelease, Found
from webapp.registry.gates.held_out import HeldOut, Judged

ACCURACY_AT = (1, 10)
MIN_QUERIES = 24  # per release; fewer sketches are repeated
Beat = Callable[[], None]
Floats = NDArray[np.float64]


class Values:
    """One release's values of one metric, (N,), and the sketch that each belongs to."""

    def __init__(self, values: list[float], sketches: list[int]) -> None:
        self.values = np.array(values, np.float64)
        self.sketches = np.array(sketches, np.int64)


def compare(
    data: HeldOut, candidate: ComparedRelease, live: ComparedRelease | None, beat: Beat
) -> tuple[dict[str, Any], dict[str, list[float]]]:
    """Return metrics, {name: {"candidate", "live", "difference", "n"}}, each {"value", "ci95"}; and times in ms.

    The releases answer each sketch in turn, so that a busy moment slows down both.
    """
    opened = {"candidate": candidate} | ({"live": live} if live else {})
    product_of = dict(Product.objects.filter(active=True, sku__in=list(data.photos)).values_list("sku", "pk"))
    found: dict[str, list[Found]] = {name: [] for name in opened}
    n = len(data.sketches)
    for turn in range(max(n, MIN_QUERIES) if n else 0):
        for name, release in opened.items():
            found[name].append(release.find(data.sketches[turn % n], max(ACCURACY_AT)))
        beat()
    times = {name: [one.ms for one in answers] for name, answers in found.items()}
    own = [(place, product_of[key]) for place, key in enumerate(data.own) if key in product_of]
    measured: dict[str, dict[str, Values]] = {name: {} for name in opened}
    for name, release in opened.items():
        if own:
            for k in ACCURACY_AT:
                hits = [float(product in found[name][place].products[:k]) for place, product in own]
                measured[name][f"acc@{k}"] = Values(hits, [place for place, _ in own])
        measured[name] |= _correct(data, release, found[name], product_of, beat)
    return paired(measured), times


def paired(measured: Mapping[str, Mapping[str, Values]]) -> dict[str, Any]:
    """Return the summaries of each release and of the difference, value by value."""
    metrics: dict[str, Any] = {}
    for metric, ours in measured["candidate"].items():
        metrics[metric] = {"n": len(ours.values), "candidate": summary(ours.values, ours.sketches)}
        if "live" in measured:
            theirs = measured["live"][metric]
            metrics[metric]["live"] = summary(theirs.values, theirs.sketches)
            metrics[metric]["difference"] = summary(ours.values - theirs.values, ours.sketches)
    return metrics


def _correct(
    data: HeldOut, release: ComparedRelease, found: list[Found], product_of: Mapping[str, int], beat: Beat
) -> dict[str, Values]:
    keys = sorted({key for one in (*data.judged, *data.clicked) for key in (one.nearer, one.farther)})
    gallery: dict[str, NDArray[np.float32]] = {}
    for key in keys:
        held = release.photos_of(product_of[key]) if key in product_of else None
        if held is None:  # no longer sold; the snapshot has its photo
            picture = decode_image(data.photos[key].read_bytes(), field=key)
            held = release.encoder.encode_photos([picture]).embeddings
        gallery[key] = held
        beat()

    def distance(sketch: int, key: str) -> float:
        return -float((gallery[key] @ found[sketch].encoding.embedding).max())

    def correct(triplets: Sequence[Judged]) -> Values:
        near = np.array([distance(one.sketch, one.nearer) for one in triplets])
        far = np.array([distance(one.sketch, one.farther) for one in triplets])
        return Values(correct_triplets(near, far).tolist(), [one.sketch for one in triplets])

    drawn_at_random = [one for one in data.judged if one.random]
    parts = {"%corr": data.judged, "%corr_random": drawn_at_random, "%clicks": data.clicked}
    return {metric: correct(triplets) for metric, triplets in parts.items() if triplets}

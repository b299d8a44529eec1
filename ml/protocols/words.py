"""Measure match words: how often "strong" and "fair" are right, and when a search says that nothing is close.

drawings    of products: deformed line drawings of held-out products, or human sketches drawn from photos; right is the
            very product or its double
doodles     human doodles of names that some product answers; right is any of those products
unsold      human doodles of names that no product answers; only "nothing close" is right
nonsense    generated scribbles, writing, loose lines, dots, and pages with hardly a mark, by kind

Of each: the share whose first result is right, the share whose first result is called strong, fair or weak with the share
of those that is right, and the share that is told that nothing is close; `denied` counts only drawings that have a right
product among the first ten. `fixed` holds the same by the model's own thresholds, without a calibration.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.contracts.split import Split
from ml.datasets.catalogue import Catalogue
from ml.datasets.pairs import PairDataset
from ml.datasets.quickdraw import QuickDrawSketch, read_quickdraw
from ml.protocols.catalogue import RECOGNISER
from ml.protocols.gallery import SearchedGallery
from ml.protocols.queries import instance_queries
from ml.protocols.unseen import drawn_rows, photo_gallery
from ml.retrieval.evidence import FOLLOWING
from ml.retrieval.name_prior import FITS
from ml.serving.encoder import Encoder
from ml.serving.manifest import Precision
from ml.serving.recogniser import Recogniser
from ml.sketch.nonsense import KINDS, nonsense
from ml.sketch.strokes import Sketch

N_NONSENSE = 40  # of each kind
EACH_NAME = 6  # doodles, at most
DOUBLE = 0.97  # cosine of photos that a visitor would not tell apart
TOP = 10
_SEEDS = {"train": 10, "val": 11, "test": 12}  # others than the calibration's
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class _Set:
    sketches: Sequence[Sketch]
    right: Sequence[Bools]  # gallery rows, (N,) each


def evaluate_catalogue_words(
    *,
    model: Path,
    root: Path,
    quickdraw: Path,
    split: Split = "test",
    precision: Precision | None = None,
    recogniser: Path | None = RECOGNISER,
) -> dict[str, Any]:
    """Return the metrics of a catalogue folder, by set. Raises ModelError, DatasetError."""
    catalogue = Catalogue(root)
    gallery = SearchedGallery.of(
        Encoder.load(model, precision=precision), catalogue, _recogniser(recogniser, precision)
    )
    sketches, own = instance_queries(catalogue, split)
    doodles = _few(read_quickdraw(quickdraw), split)
    answers = {each.name: catalogue.right_products(each.name) for each in doodles}
    return _measured(gallery, split, _Set(sketches, _doubles(gallery, own)), doodles, answers)


def evaluate_pairs_words(
    *,
    model: Path,
    dataset: PairDataset,
    quickdraw: Path,
    split: Split = "test",
    n_sketches: int | None = None,
    precision: Precision | None = None,
    recogniser: Path | None = RECOGNISER,
) -> dict[str, Any]:
    """Return the metrics of a dataset of pairs as an unseen shop with all its photos.

    Its words are the names of its categories. split: of sketches and doodles. n_sketches: a random part of the sketches.
    """
    encoder = Encoder.load(model, precision=precision)
    gallery, place = photo_gallery(encoder, dataset, None, _recogniser(recogniser, precision))
    drawn, _ = drawn_rows(dataset, split, place, n_sketches)
    own = np.array([place[dataset.sketches[row].photo] for row in drawn], np.int64)
    doodles = _few(read_quickdraw(quickdraw), split)
    fits = gallery.fits
    known = {name: fits.fits[:, number] for number, name in enumerate(fits.names)}
    answers = {each.name: (known[each.name] >= FITS)[fits.groups] for each in doodles}
    return _measured(gallery, split, _Set(list(drawn.values()), _doubles(gallery, own)), doodles, answers)


def _measured(
    gallery: SearchedGallery,
    split: Split,
    drawings: _Set,
    doodles: Sequence[QuickDrawSketch],
    answers: Mapping[str, Bools],
) -> dict[str, Any]:
    sold = [each for each in doodles if answers[each.name].any()]
    unsold = [each for each in doodles if not answers[each.name].any()]
    nothing = np.zeros(len(gallery), bool)
    sets = {
        "drawings": drawings,
        "doodles": _Set([each.sketch for each in sold], [answers[each.name] for each in sold]),
        "unsold": _Set([each.sketch for each in unsold], [nothing] * len(unsold)),
    }
    for kind in KINDS:
        sets[kind] = _Set(nonsense(kind, N_NONSENSE, _SEEDS[split]), [nothing] * N_NONSENSE)
    return {name: _of_set(gallery, each) for name, each in sets.items() if each.sketches}


def _of_set(gallery: SearchedGallery, queries: _Set) -> dict[str, Any]:
    manifest = gallery.encoder.manifest
    encoded = gallery.encoded(queries.sketches)
    words, closes, fixed_words, fixed_closes, first, any_right = [], [], [], [], [], []
    for row, right in enumerate(queries.right):
        hits, judged = gallery.found(encoded, row, FOLLOWING)
        words.append(judged.words[0])
        closes.append(not judged.nothing_close)
        fixed_words.append(manifest.match(float(hits.cosines[0])))
        fixed_closes.append(bool(hits.cosines.max() >= manifest.nothing_close_below))
        first.append(right[hits.rows[0]])
        any_right.append(right[hits.rows[:TOP]].any())
    right_first, right_any = np.array(first, bool), np.array(any_right, bool)
    return {
        "n": len(first),
        "right": _share(right_first),
        **_of_words(np.array(words), np.array(closes, bool), right_first, right_any),
        "fixed": _of_words(np.array(fixed_words), np.array(fixed_closes, bool), right_first, right_any),
    }


def _of_words(words: NDArray[np.str_], closes: Bools, first: Bools, any_right: Bools) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for word in ("strong", "fair", "weak"):
        called = words == word
        found[word] = _share(called)
        found[f"{word}_right"] = _share(first[called])
    return {**found, "nothing_close": _share(~closes), "denied": _share(~closes[any_right])}


def _share(flags: Bools) -> float | None:
    return round(float(flags.mean()), 3) if len(flags) else None


def _doubles(gallery: SearchedGallery, own: NDArray[np.int64]) -> list[Bools]:
    return [gallery.vectors @ gallery.vectors[row] >= DOUBLE for row in own.tolist()]


def _few(doodles: Sequence[QuickDrawSketch], split: Split) -> list[QuickDrawSketch]:
    """Return the first `EACH_NAME` doodles of each name in a split."""
    counts: dict[str, int] = {}
    few = []
    for each in doodles:
        if each.split == split and counts.get(each.name, 0) < EACH_NAME:
            counts[each.name] = counts.get(each.name, 0) + 1
            few.append(each)
    return few


def _recogniser(folder: Path | None, precision: Precision | None) -> Recogniser | None:
    return Recogniser.load(folder, precision=precision) if folder else None

"""Calibrate a catalogue: learn how likely a result is right from drawings that need no label.

likenesses   drawings made of a sample of its photos; right is the photo, or its double
answered     shipped doodles of names that products fit; right are those products
foreign      shipped doodles of names that no product fits; nothing is right
nonsense     scribbles, writing, loose lines, dots, a page with hardly a mark; nothing is right
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from ml.retrieval.calibration import FAIR, Calibration, Judge
from ml.retrieval.evidence import FOLLOWING, evidence
from ml.retrieval.half import to_float32
from ml.retrieval.logistic import Logistic
from ml.retrieval.name_prior import FITS, NameFits
from ml.retrieval.two_stage import TwoStageSearch
from ml.serving.centring import sketch_of_edges, spread
from ml.serving.encoder import Encoder
from ml.serving.recogniser import Recogniser
from ml.sketch.doodles import doodles
from ml.sketch.nonsense import KINDS, nonsense
from ml.sketch.strokes import Sketch

SAMPLE = 120  # photos

_DOUBLE = 0.97  # cosine of photos that a visitor would not tell apart
_UNFIT = 0.1  # no product fits a foreign name better
_ANSWERED = 350  # doodles, at most about
_NONSENSE = 14  # of each kind
_RANKS = 10  # results of a drawing that are learned from; the first weighs as much as all others
_WEIGHTS = {"likenesses": 0.3, "answered": 0.3, "foreign": 0.2, "nonsense": 0.2}  # of each kind as a whole
_RIDGE = 0.01
_NOTHING = ("foreign", "nonsense")  # kinds that "nothing close" is meant for, both as much
_TOLD = 0.83  # share of them that is told so
_STREAM = 1  # of randomness: other drawings of the photos than those that centres are estimated from
_BATCH = 16
_CHUNK = 10_000  # rows compared at a time
Rows = NDArray[np.bool_]
Edges = Iterable[tuple[int, NDArray[np.uint8]]]


@dataclass(frozen=True, eq=False)
class Drawn:
    """A drawing, its kind, and which gallery rows are right for it, bool (N,)."""

    kind: str
    sketch: Sketch
    right: Rows


@dataclass(frozen=True, eq=False)
class Sample:
    """The evidence, (r, F), of the first results of a drawing, and which of them are right, (r,)."""

    kind: str
    evidence: NDArray[np.float64]
    right: Rows


def estimate_calibration(
    encoder: Encoder, search: TwoStageSearch, edges: Edges, recogniser: Recogniser | None
) -> Calibration | None:
    """Return the calibration of a gallery, the same whenever it is estimated; None if the gallery is empty.

    encoder: centred like the gallery. edges: some gallery rows with their photos' edges in the encoder's frame, uint8
    (S, S). recogniser: None calibrates searches by shape alone, as does a search without fits.
    """
    if not len(search.index):
        return None
    fits = search.fits if recogniser is not None else None
    by_shape: list[Sample] = []
    by_name: list[Sample] = []
    every = _drawings(search, edges)
    while batch := list(islice(every, _BATCH)):
        encodings = encoder.encode_rasters([encoder.rasterised(drawn.sketch) for drawn in batch])
        for drawn, encoding in zip(batch, encodings, strict=True):
            hits = search.search(encoding.embedding, encoding.hash_code, FOLLOWING)
            by_shape.append(_sample(drawn, evidence(hits, None), hits.rows))
        if recogniser is None or fits is None:
            continue
        rasters = [recogniser.rasterised(drawn.sketch) for drawn in batch]
        for drawn, encoding, seen in zip(
            batch, encodings, recogniser.recognise_rasters(rasters), strict=True
        ):
            probabilities = fits.aligned(recogniser.names, seen.probabilities)
            prior = fits.prior(probabilities, encoder.manifest.name_weight, other=seen.other)
            hits = search.search(encoding.embedding, encoding.hash_code, FOLLOWING, prior=prior)
            by_name.append(_sample(drawn, evidence(hits, prior), hits.rows))
    if recogniser is None or not by_name:
        return Calibration(_fitted(by_shape))
    return Calibration(_fitted(by_shape), _fitted(by_name), recogniser.sha256)


def sample_rows(n: int, products: NDArray[np.int64] | None = None) -> list[int]:
    """Return the gallery rows, of n, whose edges `estimate_calibration` should get.

    products: int64 (n,), the product of each row, if some have several: each product is sampled once at most.
    """
    return spread(np.arange(n) if products is None else products, SAMPLE)


def _drawings(search: TwoStageSearch, edges: Edges) -> Iterator[Drawn]:
    index, products = search.index, search.index.products
    for row, image in edges:
        sketch = sketch_of_edges(image, np.random.default_rng([row, _STREAM]))
        if sketch is not None:
            alike = _alike(index.embeddings, row)
            yield Drawn("likenesses", sketch, alike if products is None else _whole(alike, products))
    nothing = np.zeros(len(index), bool)
    yield from _doodled(search.fits, nothing)
    for kind in KINDS:
        for sketch in nonsense(kind, _NONSENSE):
            yield Drawn("nonsense", sketch, nothing)


def _alike(embeddings: NDArray[np.float16], row: int) -> Rows:
    """Return the rows, bool (N,), that a visitor would not tell from `row`, without a copy of the whole gallery."""
    vector = to_float32(np.asarray(embeddings[row]))
    parts = (
        to_float32(np.asarray(embeddings[start : start + _CHUNK])) @ vector
        for start in range(0, len(embeddings), _CHUNK)
    )
    return np.asarray(np.concatenate(list(parts)) >= _DOUBLE)


def _whole(rows: Rows, products: NDArray[np.int64]) -> Rows:
    """Return the rows of all products of which `rows`, bool (N,), has a photo: any of them is right."""
    return np.isin(products, products[rows])


def _doodled(fits: NameFits | None, nothing: Rows) -> Iterator[Drawn]:
    """Yield doodles of the names that products fit, as many of each, and one of each foreign name."""
    best = dict(zip(fits.names, fits.fits.max(axis=0).tolist(), strict=True)) if fits is not None else {}
    n_answered = sum(best.get(name, 0.0) >= FITS for name in doodles())
    each = max(1, _ANSWERED // max(1, n_answered))
    for name, sketches in doodles().items():
        if fits is not None and best.get(name, 0.0) >= FITS:
            right = fits.fitting(fits.names.index(name))
            yield from (Drawn("answered", sketch, right) for sketch in sketches[:each])
        elif best.get(name, 0.0) < _UNFIT:
            yield Drawn("foreign", sketches[0], nothing)


def _sample(drawn: Drawn, found: NDArray[np.float64], rows: NDArray[np.int64]) -> Sample:
    return Sample(drawn.kind, found[:_RANKS], drawn.right[rows[:_RANKS]])


def _fitted(samples: Sequence[Sample]) -> Judge:
    counts = {kind: sum(sample.kind == kind for sample in samples) for kind in _WEIGHTS}
    weights = [
        _rank_weights(len(sample.right)) * _WEIGHTS[sample.kind] / counts[sample.kind] for sample in samples
    ]
    model = Logistic.fit(
        np.concatenate([sample.evidence for sample in samples]),
        np.concatenate([sample.right for sample in samples]),
        np.concatenate(weights),
        _RIDGE,
    )
    unanswered = [sample for sample in samples if sample.kind in _NOTHING]
    best = np.array([model.probabilities(sample.evidence).max() for sample in unanswered])
    shares = np.array([1 / counts[sample.kind] for sample in unanswered])
    return Judge(model, min(FAIR, _quantile(best, shares, _TOLD)))


def _quantile(values: NDArray[np.float64], weights: NDArray[np.float64], share: float) -> float:
    """Return the value below which, or at which, a share of the weight lies."""
    order = values.argsort()
    below = weights[order].cumsum() / weights.sum()
    return float(values[order][np.searchsorted(below, share)])


def _rank_weights(n: int) -> NDArray[np.float64]:
    weights = np.full(n, 1 / max(1, n - 1))
    weights[0] = 1.0
    return np.asarray(weights / weights.sum())

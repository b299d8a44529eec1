"""The evaluation protocol for hash codes: queries, gallery and metrics.

Queries are the split's sketches. If the dataset has photos, the gallery is the photos of the split, or of all splits;
otherwise each query searches the other sketches of the split, or of all splits (SketchMate's sketch-to-sketch
retrieval). Items of the query's category are relevant.

mAP, mAP@200        denominators: the relevant codes R in the gallery, and min(R, 200)
precision@100, 200  denominators: 100 and 200, so that few relevant codes keep them far below 1
precision@R         over as many places as queries have relevant codes on average
acc@k, acc@k_all    instance level, if sketches were drawn from photos of the gallery (`ml.protocols.instances`)
mAP_asymmetric      real-valued queries against the same codes (`ml.retrieval.asymmetric`)
accuracy            of the class scores, if the hasher has them (SketchMate, Table 6)
d1, d2, d1/d2       of the queries' relaxed codes (SketchMate, Table 4), and statistics of the gallery's bits

All are expectations over the orders of ties, with a 95 % bootstrap interval over queries. A hasher that was trained
without some categories can be measured on those only (zero-shot).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from ml.contracts.split import Split
from ml.datasets.pairs import PairDataset
from ml.errors import DatasetError
from ml.metrics.hashing import (
    DistanceCounts,
    counted_average_precision,
    counted_precision,
    counted_ranks,
    distance_counts,
)
from ml.metrics.ranking import average_precision, summary
from ml.protocols.instances import InstanceRanks, instance_ranks
from ml.protocols.pairs import Gallery
from ml.protocols.scorer import Rows
from ml.retrieval.asymmetric import asymmetric_distances, bit_probabilities
from ml.retrieval.packing import Codes, pack
from ml.retrieval.statistics import class_distances, code_statistics

Kind = Literal["sketch", "photo"]
Floats = NDArray[np.float32]
PRECISION_AT = (100, 200)
_ASYMMETRIC_QUERIES = 1000  # the metric sorts the gallery for each query


@runtime_checkable
class Hasher(Protocol):
    """Turns a dataset's sketches and photos into hash codes."""

    def logits(self, dataset: PairDataset, kind: Kind, rows: Rows) -> Floats:
        """Return hash logits, float32 (N, K), K a multiple of 8; a bit is its logit's sign, 0 counts as 0."""
        ...


@runtime_checkable
class ClassifyingHasher(Hasher, Protocol):
    """A hasher that also classifies sketches."""

    @property
    def categories(self) -> Sequence[str]:
        """Names of the categories in the order of the scores."""
        ...

    def class_scores(self, dataset: PairDataset, rows: Rows) -> Floats:
        """Return scores of sketches, float32 (N, L)."""
        ...


@dataclass(frozen=True)
class HashingMeasurement:
    """The measurement of one hasher on one split.

    metrics: as the command line prints them. query_rows: (Q,). gallery_rows: (G,) rows of `gallery_kind`. query_logits:
    (Q, K). codes: uint8 (G, K / 8). query_labels, gallery_labels: (Q,) and (G,) category numbers. own: (Q,) the gallery
    row that is the query itself, -1 if there is none. average_precisions: (Q,). ranks, ties: (Q,), of the first relevant
    code (`counted_ranks`). instances: ranks of the photos that sketches were drawn from, None if there are none.
    """

    split: Split
    gallery: Gallery
    metrics: dict[str, Any]
    query_rows: Rows
    gallery_rows: Rows
    gallery_kind: Kind
    query_logits: Floats
    codes: Codes
    query_labels: NDArray[np.intp]
    gallery_labels: NDArray[np.intp]
    own: Rows
    counts: DistanceCounts
    average_precisions: NDArray[np.float64]
    ranks: NDArray[np.float64]
    ties: NDArray[np.int64]
    instances: InstanceRanks | None


def measure_hashing(
    hasher: Hasher,
    dataset: PairDataset,
    *,
    split: Split = "test",
    gallery: Gallery = "split",
    categories: Sequence[str] | None = None,
) -> HashingMeasurement:
    """Compute every metric over all categories, or over the given ones.

    Raises DatasetError if no query has a relevant item, ValueError if the hasher's logits are not finite.
    """
    kind: Kind = "photo" if dataset.photos else "sketch"
    rows_of = dataset.photo_rows if kind == "photo" else dataset.sketch_rows
    number = {category: index for index, category in enumerate(dataset.categories)}
    sketch_labels = np.array([number[row.category] for row in dataset.sketches], dtype=np.intp)
    photo_labels = np.array([number[row.category] for row in dataset.photos], dtype=np.intp)
    of_kind = photo_labels if kind == "photo" else sketch_labels
    wanted = [number[category] for category in (dataset.categories if categories is None else categories)]
    queries = _among(dataset.sketch_rows(split), sketch_labels, wanted)
    searched = _among(rows_of() if gallery == "all" else rows_of(split), of_kind, wanted)
    own = np.full(len(queries), -1, dtype=np.intp)
    if kind == "sketch":
        own = np.searchsorted(searched, queries).astype(np.intp)
    counted = np.bincount(of_kind[searched], minlength=len(number)) - (kind == "sketch")
    findable = counted[sketch_labels[queries]] > 0
    queries, own = queries[findable], own[findable]
    if not len(queries):
        hint = "" if gallery == "all" or len(searched) else "; all photos are its gallery: --gallery all"
        raise DatasetError(
            "--split", f"{split} of {dataset.format} has no sketch with a relevant item in the gallery{hint}"
        )
    query_logits = np.asarray(hasher.logits(dataset, "sketch", queries), dtype=np.float32)
    gallery_logits = (
        query_logits
        if kind == "sketch" and np.array_equal(queries, searched)
        else np.asarray(hasher.logits(dataset, kind, searched), dtype=np.float32)
    )
    if not (np.isfinite(query_logits).all() and np.isfinite(gallery_logits).all()):
        raise ValueError("the hasher returned logits that are not finite")
    codes = pack(gallery_logits)
    labels, gallery_labels = sketch_labels[queries], of_kind[searched]
    counts = distance_counts(
        pack(query_logits), codes, labels, gallery_labels, own if kind == "sketch" else None
    )
    precisions = counted_average_precision(counts)
    ranks, ties = counted_ranks(counts)
    relevant = max(1, round(float(counts.relevant.sum(axis=1).mean())))
    metrics: dict[str, Any] = {
        "mAP": summary(precisions),
        "mAP@200": summary(counted_average_precision(counts, 200)),
        **{f"precision@{k}": summary(counted_precision(counts, k)) for k in PRECISION_AT},
        "precision@R": summary(counted_precision(counts, relevant)),
        "mAP_asymmetric": summary(_asymmetric(query_logits, codes, labels, gallery_labels, own)),
    }
    instances = None
    if kind == "photo":
        true = _places(dataset.true_photos[queries], searched)
        instances = instance_ranks(pack(query_logits), codes, true, labels, gallery_labels)
        metrics |= instances.metrics() if instances is not None else {}
    if isinstance(hasher, ClassifyingHasher) and len(hasher.categories):
        right = _right(hasher, dataset, queries)
        metrics |= {"accuracy": summary(right)} if len(right) else {}
    relaxed = 1 / (1 + np.exp(-np.clip(query_logits, -60, 60)))
    metrics |= class_distances(relaxed, labels) if len(set(labels.tolist())) > 1 else {}
    metrics |= code_statistics(codes).summary() if len(codes) > 1 else {}
    metrics |= {
        "code_length": query_logits.shape[1],
        "R": relevant,
        "n_queries": len(queries),
        "n_gallery": len(searched) - (kind == "sketch"),
    }
    return HashingMeasurement(
        *(split, gallery, metrics, queries, searched, kind, query_logits, codes, labels, gallery_labels),
        *(own, counts, precisions, ranks, ties, instances),
    )


def _among(rows: Rows, labels: NDArray[np.intp], wanted: Sequence[int]) -> Rows:
    return rows[np.isin(labels[rows], wanted)]


def _places(rows: Rows, searched: Rows) -> Rows:
    """Return the places of rows (N,) in the ascending rows searched, -1 for those that are absent."""
    place = np.minimum(np.searchsorted(searched, rows), len(searched) - 1)
    return np.where(searched[place] == rows, place, -1).astype(np.intp)


def _asymmetric(
    logits: Floats,
    codes: Codes,
    labels: NDArray[np.intp],
    gallery_labels: NDArray[np.intp],
    own: Rows,
) -> NDArray[np.float64]:
    """Return the average precisions of at most a thousand real-valued queries, evenly spread."""
    picked = np.linspace(0, len(logits) - 1, min(len(logits), _ASYMMETRIC_QUERIES)).astype(np.intp)
    found = []
    for query, probabilities in zip(picked, bit_probabilities(logits[picked]), strict=True):
        distances = asymmetric_distances(codes, probabilities)
        kept = np.arange(len(codes)) != own[query]
        relevant = gallery_labels[kept] == labels[query]
        found.append(average_precision(distances[kept][None], relevant[None])[0])
    return np.array(found)


def _right(hasher: ClassifyingHasher, dataset: PairDataset, rows: Rows) -> NDArray[np.float64]:
    """Return whether the best score is that of the true category, for sketches whose category the hasher knows."""
    known = {category: index for index, category in enumerate(hasher.categories)}
    wanted = np.array([known.get(dataset.sketches[row].category, -1) for row in rows])
    scores = hasher.class_scores(dataset, rows[wanted >= 0])
    if not scores.size:
        return np.zeros(0)
    return np.asarray(scores.argmax(axis=1) == wanted[wanted >= 0], dtype=np.float64)

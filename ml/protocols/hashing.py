"""The evaluation protocol for hash codes: queries, gallery and metrics.

Queries are the split's sketches. If the dataset has photos, the gallery is the photos of the split, or of all splits;
otherwise each query searches the other sketches of the split, or of all splits (SketchMate's sketch-to-sketch
retrieval), or with `apart` one sketch in eleven is a query and the others are searched (its Table 3). Items of the
query's category are relevant. Drawings are read as they are encoded, and only the packed codes of a gallery are kept.

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

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from ml.contracts.split import Split
from ml.datasets.pairs import PairDataset
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
from ml.protocols.selection import Kind, Selection, places, select
from ml.retrieval.asymmetric import asymmetric_distances, bit_probabilities
from ml.retrieval.packing import Codes, pack
from ml.retrieval.statistics import class_distances, code_statistics

Floats = NDArray[np.float32]
PRECISION_AT = (100, 200)
_ENCODED_AT_ONCE = 1 << 14
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

    Raises DatasetError as `select`, ValueError if the hasher's logits are not finite.
    """
    chosen = select(dataset, split, gallery, categories)
    kind, queries, labels, own = chosen.kind, chosen.queries, chosen.labels, chosen.own
    query_logits, right = _encoded(hasher, dataset, chosen)
    codes = (
        pack(query_logits)
        if chosen.searches_itself
        else np.concatenate([pack(part) for part in _logits(hasher, dataset, kind, chosen.searched)])
    )
    gallery_labels = chosen.searched_labels
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
        true = places(dataset.true_photos[queries], chosen.searched)
        instances = instance_ranks(pack(query_logits), codes, true, labels, gallery_labels)
        metrics |= instances.metrics() if instances is not None else {}
    metrics |= {"accuracy": summary(right)} if len(right) else {}
    relaxed = 1 / (1 + np.exp(-np.clip(query_logits, -60, 60)))
    metrics |= class_distances(relaxed, labels) if len(set(labels.tolist())) > 1 else {}
    metrics |= code_statistics(codes).summary() if len(codes) > 1 else {}
    metrics |= {
        "code_length": query_logits.shape[1],
        "R": relevant,
        "n_queries": len(queries),
        "n_gallery": chosen.n_gallery,
    }
    return HashingMeasurement(
        *(split, gallery, metrics, queries, chosen.searched, kind, query_logits, codes, labels),
        gallery_labels,
        *(own, counts, precisions, ranks, ties, instances),
    )


def _logits(hasher: Hasher, dataset: PairDataset, kind: Kind, rows: Rows) -> Iterator[Floats]:
    """Yield the logits of rows, so many at once. Raises ValueError if they are not finite."""
    for start in range(0, len(rows), _ENCODED_AT_ONCE):
        part = rows[start : start + _ENCODED_AT_ONCE]
        logits = np.asarray(hasher.logits(dataset, kind, part), dtype=np.float32)
        if not np.isfinite(logits).all():
            raise ValueError("the hasher returned logits that are not finite")
        yield logits


def _encoded(hasher: Hasher, dataset: PairDataset, chosen: Selection) -> tuple[Floats, NDArray[np.float64]]:
    """Return the queries' logits, and whether the best class score of each whose category is known is the right one."""
    known = np.full(len(dataset.categories), -1)
    classifies = isinstance(hasher, ClassifyingHasher) and len(hasher.categories) > 0
    if isinstance(hasher, ClassifyingHasher):
        for index, category in enumerate(hasher.categories):
            if category in dataset.categories:
                known[dataset.categories.index(category)] = index
    logits, right = [], [np.zeros(0)]
    for start, part in zip(
        range(0, len(chosen.queries), _ENCODED_AT_ONCE),
        _logits(hasher, dataset, "sketch", chosen.queries),
        strict=True,
    ):
        logits.append(part)
        rows = chosen.queries[start : start + len(part)]
        wanted = known[chosen.labels[start : start + len(part)]]
        if classifies and (wanted >= 0).any():
            assert isinstance(hasher, ClassifyingHasher)
            guessed = hasher.class_scores(dataset, rows).argmax(axis=1)
            right.append((guessed == wanted)[wanted >= 0].astype(np.float64))
    return np.concatenate(logits), np.concatenate(right)


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

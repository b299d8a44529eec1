"""Which sketches of a dataset are queries, and what they search, for hash codes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ml.contracts.split import Split
from ml.datasets.outline import outline
from ml.datasets.pairs import PairDataset
from ml.errors import DatasetError
from ml.protocols.pairs import Gallery
from ml.protocols.scorer import Rows

Kind = Literal["sketch", "photo"]
ONE_QUERY_IN = 11  # of each category's drawings: SketchMate's Table 3 has 100 queries and 1,000 to search


@dataclass(frozen=True)
class Selection:
    """Queries and gallery.

    queries: (Q,) sketch rows. searched: (G,) rows of `kind`. labels, searched_labels: their category numbers. own: (Q,)
    place in `searched` of the query itself, -1 if it is not there.
    """

    kind: Kind
    queries: Rows
    searched: Rows
    labels: NDArray[np.intp]
    searched_labels: NDArray[np.intp]
    own: Rows

    @property
    def searches_itself(self) -> bool:
        """Whether the queries are the gallery."""
        return self.kind == "sketch" and np.array_equal(self.queries, self.searched)

    @property
    def n_gallery(self) -> int:
        """Number of items that each query searches."""
        return len(self.searched) - bool((self.own >= 0).any())


def select(
    dataset: PairDataset, split: Split, gallery: Gallery, categories: Sequence[str] | None
) -> Selection:
    """Select the split's sketches that have a relevant item in the gallery, and that gallery, of the given categories.

    No drawing is read. Raises DatasetError if no query remains, or if queries cannot be taken out of the gallery.
    """
    kind: Kind = "photo" if dataset.photos else "sketch"
    if gallery == "apart" and kind == "photo":
        raise DatasetError("--gallery", "apart is for drawings that search drawings; these search photos")
    number = {category: index for index, category in enumerate(dataset.categories)}
    wanted = [number[category] for category in (dataset.categories if categories is None else categories)]
    sketches = outline(dataset)
    of_sketches = sketches.labels.astype(np.intp)
    of_photos = np.array([number[row.category] for row in dataset.photos], dtype=np.intp)
    queries = _among(sketches.rows(split), of_sketches, wanted)
    splits: tuple[Split, ...] = () if gallery == "all" else (split,)
    if kind == "photo":
        of_kind, searched = of_photos, _among(dataset.photo_rows(*splits), of_photos, wanted)
    else:
        of_kind, searched = of_sketches, _among(sketches.rows(*splits), of_sketches, wanted)
    if gallery == "apart":
        taken = _place_in_category(of_sketches[queries]) % ONE_QUERY_IN == 0
        queries, searched = queries[taken], queries[~taken]
    own = places(queries, searched) if kind == "sketch" else np.full(len(queries), -1, dtype=np.intp)
    relevant = np.bincount(of_kind[searched], minlength=len(number))[of_sketches[queries]] - (own >= 0)
    queries, own = queries[relevant > 0], own[relevant > 0]
    if not len(queries):
        hint = "" if gallery != "split" or len(searched) else "; all photos are its gallery: --gallery all"
        raise DatasetError(
            "--split", f"{split} of {dataset.format} has no sketch with a relevant item in the gallery{hint}"
        )
    return Selection(kind, queries, searched, of_sketches[queries], of_kind[searched], own)


def places(rows: Rows, searched: Rows) -> Rows:
    """Return the places of rows (N,) in the ascending rows searched, -1 for those that are absent."""
    if not len(searched):
        return np.full(len(rows), -1, dtype=np.intp)
    place = np.minimum(np.searchsorted(searched, rows), len(searched) - 1)
    return np.where(searched[place] == rows, place, -1).astype(np.intp)


def _among(rows: Rows, labels: NDArray[np.intp], wanted: Sequence[int]) -> Rows:
    return rows[np.isin(labels[rows], wanted)]


def _place_in_category(labels: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return how many earlier items have the label of each, (N,)."""
    order = np.argsort(labels, kind="stable")
    ordered = labels[order]
    first = np.searchsorted(ordered, ordered)
    found = np.empty(len(labels), dtype=np.intp)
    found[order] = np.arange(len(labels)) - first
    return found

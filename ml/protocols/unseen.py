"""Search a dataset of pairs as a shop that imported its photos: no training, only what an index build estimates.

cold    the encoder is centred on the shop's photos alone
warm    visitors' sketches count as well: the first `n_visitors` of the train split, without labels

acc@k: the photo that a sketch was drawn from. precision@10: photos of the sketch's category, if there are several.
Sketches that are stored as images are traced first, as uploads are. Plain names follow the served order, with recognised
names; `*_shape` ranks by shape alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.contracts.split import Split
from ml.datasets.pairs import PairDataset
from ml.errors import DatasetError, SketchError
from ml.metrics.ranking import accuracy_at, precision_at, summary
from ml.protocols.gallery import Encoded, SearchedGallery
from ml.retrieval.centres import SketchSum
from ml.serving.encoder import Encoder
from ml.serving.recogniser import Recogniser
from ml.sketch.strokes import Sketch
from ml.sketch.trace import trace
from ml.vocabulary.fit import ProductWords

Photo = Callable[[], NDArray[np.uint8]]


def evaluate_unseen(
    *,
    encoder: Encoder,
    recogniser: Recogniser | None,
    dataset: PairDataset,
    split: Split | None,
    gallery: Split | None,
    n_visitors: int,
    n_sketches: int | None = None,
) -> dict[str, Any]:
    """Return the metrics of `cold` and `warm`, each with its 95 % interval.

    split: of the sketches; None for all. gallery: split of the photos; None for all. n_sketches: a random part of the
    sketches, for large datasets. Raises DatasetError if no sketch has a photo in the gallery.
    """
    found, place = photo_gallery(encoder, dataset, gallery, recogniser)
    drawn, n_untraceable = drawn_rows(dataset, split, place, n_sketches)
    own = np.array([place[dataset.sketches[row].photo] for row in drawn], np.int64)
    names = np.array([dataset.photos[row].category for row in place])
    relevant = names == np.array([dataset.sketches[row].category for row in drawn])[:, None]

    def measured(searched: SearchedGallery, queries: Encoded) -> dict[str, Any]:
        metrics: dict[str, Any] = {}
        orders = {"": searched.served(queries), "_shape": searched.served(queries, name_weight=0.0)}
        for suffix, distances in orders.items():
            for k in (1, 10):
                metrics[f"acc@{k}{suffix}"] = summary(accuracy_at(distances, own, k))
            if len(set(names)) > 1:
                metrics[f"precision@10{suffix}"] = summary(precision_at(distances, relevant, 10))
        return metrics

    sketches = list(drawn.values())
    result: dict[str, Any] = {
        "n_queries": len(sketches),
        "n_untraceable": n_untraceable,
        "n_gallery": len(found),
        "cold": measured(found, found.encoded(sketches)),
    }
    visitors = _visitors(dataset, n_visitors, exclude=set(drawn) if split == "train" else set())
    if found.centres is not None and visitors:
        projections = [encoder.encode_sketch(sketch).projection for sketch in visitors]
        known = SketchSum.of(np.stack([p for p in projections if p is not None]))
        warm = found.with_sketches(found.centres.with_sketches(known))
        result |= {"n_visitors": len(visitors), "warm": measured(warm, warm.encoded(sketches))}
    return result


def photo_gallery(
    encoder: Encoder, dataset: PairDataset, split: Split | None, recogniser: Recogniser | None
) -> tuple[SearchedGallery, dict[int, int]]:
    """Return the gallery of a split's photos, or of all, and its row of each row of photos.

    The words of a product are the name of its category.
    """
    photo_rows = dataset.photo_rows(*((split,) if split else ())).tolist()
    words = [ProductWords("", {"en": _readable(dataset.photos[row].category)}) for row in photo_rows]
    photos = [_photo(dataset, row) for row in photo_rows]
    place = {row: column for column, row in enumerate(photo_rows)}
    return SearchedGallery(encoder, photos, words, recogniser), place


def drawn_rows(
    dataset: PairDataset, split: Split | None, place: Mapping[int, int], n_sketches: int | None
) -> tuple[dict[int, Sketch], int]:
    """Return the sketches by row whose photo is in `place`, of a split or of all, and how many could not be traced.

    n_sketches: a random part of them. Raises DatasetError if there is none.
    """
    rows = [
        row
        for row in dataset.sketch_rows(*((split,) if split else ())).tolist()
        if dataset.sketches[row].photo in place
    ]
    if n_sketches is not None and n_sketches < len(rows):
        chosen = np.random.default_rng(0).permutation(len(rows))[:n_sketches]
        rows = [rows[number] for number in np.sort(chosen).tolist()]
    if not rows:
        raise DatasetError("--root", "no sketch of the split has a photo in the gallery")
    drawn = {row: sketch for row in rows if (sketch := _drawn(dataset, row)) is not None}
    return drawn, len(rows) - len(drawn)


def _visitors(dataset: PairDataset, n: int, *, exclude: set[int]) -> list[Sketch]:
    rows = [row for row in dataset.sketch_rows("train", "val").tolist() if row not in exclude]
    order = np.random.default_rng(1).permutation(len(rows))[:n]
    return [sketch for number in order.tolist() if (sketch := _drawn(dataset, rows[number])) is not None]


def _drawn(dataset: PairDataset, row: int) -> Sketch | None:
    strokes = dataset.strokes(row)
    if strokes is not None:
        return strokes
    try:
        return trace(np.repeat(dataset.sketch(row)[..., None], 3, axis=2), field="sketch")
    except SketchError:
        return None


def _photo(dataset: PairDataset, row: int) -> Photo:
    return lambda: dataset.photo(row)


def _readable(category: str) -> str:
    return category.replace("_", " ").replace("-", " ")

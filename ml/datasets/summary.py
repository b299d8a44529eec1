"""`datasets show`: how many photos and sketches a dataset has in each split, without decoding any."""

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ml.contracts.split import Split
from ml.datasets.catalogue import Catalogue
from ml.datasets.formats import find_format, open_dataset
from ml.datasets.pairs import SPLITS, PairDataset, PhotoRow, SketchRow
from ml.datasets.streams import StreamedDrawings


def summary(format: str, root: Path, *, unseen: Path | None = None) -> Mapping[str, Any]:
    """Return the counts of a dataset of any format by split, as JSON values.

    categories: of the sketches and photos of each split. pairs: sketches with the photo that they were drawn from, left
    out, as photos are, for formats of drawings alone. strokes: whether the sketches have strokes. unseen: for
    zero-shot formats, the categories to test on. Raises DatasetError if the folder is of another format, ConfigError as
    `open_dataset`.
    """
    if "catalogue" in find_format(format).uses:
        products = Catalogue(root).products
        return {
            "format": format,
            "products": _counted(product.split for product in products),
            "categories": _distinct((product.split, product.category) for product in products),
        }
    dataset = open_dataset(format, root, unseen=unseen)
    if isinstance(dataset, StreamedDrawings):
        return {"format": format, **_streamed(dataset)}
    rows: list[PhotoRow | SketchRow] = [*dataset.photos, *dataset.sketches]
    return {
        "format": format,
        "categories": _distinct((row.split, row.category) for row in rows),
        "photos": _counted(row.split for row in dataset.photos),
        "sketches": _counted(row.split for row in dataset.sketches),
        "pairs": _counted(row.split for row in dataset.sketches if row.photo >= 0),
        "strokes": _has_strokes(dataset),
    } | ({"unseen": list(dataset.unseen)} if dataset.unseen else {})


def _streamed(dataset: StreamedDrawings) -> Mapping[str, Any]:
    """Count drawings with one in memory."""
    categories: list[tuple[Split, str]] = []
    counts: Counter[Split] = Counter()
    for category in dataset.row_order:
        of_category = Counter(dataset.splits(dataset.keys(category)))
        counts += of_category
        categories += [(split, category) for split in of_category]
    return {
        "categories": _distinct(categories),
        "sketches": {split: counts[split] for split in SPLITS},
        "strokes": True,
    }


def _has_strokes(dataset: PairDataset) -> bool:
    return bool(dataset.sketches) and dataset.strokes(0) is not None


def _counted(splits: Iterable[Split]) -> dict[str, int]:
    counts = Counter(splits)
    return {split: counts[split] for split in SPLITS}


def _distinct(rows: Iterable[tuple[Split, str]]) -> dict[str, int]:
    return _counted(split for split, _ in set(rows))

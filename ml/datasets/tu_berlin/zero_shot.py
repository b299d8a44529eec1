"""Format `tu-berlin-zero-shot`: TU-Berlin, tested on 30 of its 250 categories that are not trained on.

The folders are those of `tu-berlin-extended`; without photos, sketches search sketches. All sketches and photos of the
unseen categories are the test split. A tenth of the others, within each category, validates. Which categories are
unseen differs from paper to paper and is drawn here (`ml.datasets.unseen`); `--unseen-file` lists others.
"""

from collections.abc import Mapping
from pathlib import Path

from ml.contracts.split import Split, split_shares
from ml.datasets.extension import photo_rows, sketch_rows
from ml.datasets.files import Files
from ml.datasets.pairs import PairDataset, PhotoRow, SketchRow
from ml.datasets.tu_berlin.folders import EXTENDED_TREE, tu_berlin_folders
from ml.datasets.unseen import unseen_categories

VAL, SEEN = 0.1, 0.88


def read_tu_berlin_zero_shot(files: Files, val: float = VAL, *, unseen: Path | None = None) -> PairDataset:
    """Read sketches and photos; `val` is the share of those of the seen categories for validation.

    unseen: a file that lists the categories to test on. Raises DatasetError on a folder of another layout, ConfigError on
    an unusable list.
    """
    folders = tu_berlin_folders(files, EXTENDED_TREE.replace("*.jpg", "*.jpg  optional"))
    left_out = unseen_categories(list(folders.sketches), SEEN, unseen)

    def split(category: str, names: list[str]) -> Mapping[str, Split]:
        if category in left_out:
            return dict.fromkeys(names, "test")
        return split_shares(names, val=val, test=0.0)

    photos: list[PhotoRow] = []
    sketches: list[SketchRow] = []
    for category, of_name in folders.photos_of().items():
        photos += photo_rows(category, of_name, split(category, list(of_name)))
    for category, of_name in folders.sketches.items():
        sketches += sketch_rows(category, of_name, split(category, list(of_name)))
    return PairDataset(
        format="tu-berlin-zero-shot",
        files=folders.files,
        photos=photos,
        sketches=sketches,
        sources=folders.lists,
        unseen=left_out,
    )

"""Format `sketchy-zero-shot`: the Sketchy database, tested on 25 of its 125 categories that are not trained on.

The folders are those of `sketchy`; the photos of `sketchy-extended` are read, too, if they are there. All sketches and
photos of the unseen categories are the test split. A tenth of the photos of the other categories, with their sketches,
validates. Which categories are unseen differs from paper to paper (`ml.datasets.unseen`); `--unseen-file` chooses
others, such as the 21 of `ml/datasets/data/sketchy-104-21.txt`.
"""

from collections.abc import Mapping
from pathlib import Path

from ml.contracts.split import Split, split_shares
from ml.datasets.files import Files
from ml.datasets.pairs import PairDataset
from ml.datasets.sketchy.folders import EXTENDED_TREE, pair_rows, sketchy_folders
from ml.datasets.unseen import unseen_categories

VAL, SEEN = 0.1, 0.8


def read_sketchy_zero_shot(files: Files, val: float = VAL, *, unseen: Path | None = None) -> PairDataset:
    """Read the database; `val` is the share of the seen categories' photos for validation.

    unseen: a file that lists the categories to test on. Raises DatasetError on a folder of another layout or a sketch
    whose photo is missing, ConfigError on an unusable list.
    """
    folders = sketchy_folders(files, EXTENDED_TREE.replace("*.jpg", "*.jpg  optional"))
    left_out = unseen_categories(folders.categories, SEEN, unseen)

    def split(category: str, photos: list[str]) -> Mapping[str, Split]:
        if category in left_out:
            return dict.fromkeys(photos, "test")
        return split_shares(photos, val=val, test=0.0)

    photos, sketches = pair_rows(folders, split, folders.extension())
    return PairDataset(
        format="sketchy-zero-shot", files=folders.files, photos=photos, sketches=sketches, unseen=left_out
    )

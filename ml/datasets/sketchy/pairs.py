"""Format `sketchy`: the Sketchy database, as released or with categories directly in `photo/` and `sketch/`.

    256x256/photo/tx_000000000000/<category>/<photo>.jpg
    256x256/sketch/tx_000000000000/<category>/<photo>-<n>.png
    info/testset.txt                                            optional, one <category>/<photo>.jpg per line

Each photo has several sketches, drawn from memory. With `testset.txt`, its photos, ten of each hundred, and their
sketches are the test split, as in the papers, and a tenth of the others validates. Without it, the split is ours, by
photo within each category: 20 % test, 10 % validation, in the order of the names' hashes. Sketches that
`info/invalid-*.txt` lists are kept. Source: Sangkloy et al., *The Sketchy Database* (SIGGRAPH 2016).
"""

from collections.abc import Mapping

from ml.contracts.split import Split, split_shares
from ml.datasets.files import Files
from ml.datasets.pairs import PairDataset
from ml.datasets.sketchy.folders import pair_rows, sketchy_folders

VAL, TEST = 0.1, 0.2


def read_sketchy(files: Files, val: float = VAL) -> PairDataset:
    """Read the database; `val` is the share of each category's photos, or of those outside the list, for validation.

    Raises DatasetError on a folder of another layout, a sketch whose photo is missing, or a broken list.
    """
    folders = sketchy_folders(files)
    listed = folders.test_photos()

    def split(category: str, photos: list[str]) -> Mapping[str, Split]:
        if not listed:
            return split_shares(photos, val=val, test=TEST)
        test: dict[str, Split] = {photo: "test" for photo in photos if f"{category}/{photo}" in listed}
        return test | split_shares([photo for photo in photos if photo not in test], val=val, test=0.0)

    photos, sketches = pair_rows(folders, split)
    sources = [folders.test_list] if folders.test_list else []
    return PairDataset(
        format="sketchy", files=folders.files, photos=photos, sketches=sketches, sources=sources
    )

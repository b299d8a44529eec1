"""Format `sketchy-extended`: category retrieval among 73,002 photos, the Sketchy database with `EXTEND_image_sketchy/`.

    256x256/...                            as in `sketchy`
    EXTEND_image_sketchy/<category>/*.jpg  also called extended_photo/

The extension repeats the sketched photos; each is read once. 50 sketches of each category are the queries, as in the
paper, or a fifth if there are fewer than 250. Which ones was not published; ours are in the order of the names' hashes.
All photos are the gallery (`--gallery all`), also those trained on, and none is in the test split. A tenth of the photos
and of the other sketches validates. A query's own photo may be trained on, so sketches are not tied to photos. Source:
Liu et al., *Deep Sketch Hashing* (CVPR 2017).
"""

from ml.contracts.split import split_shares
from ml.datasets.extension import photo_rows, query_rows
from ml.datasets.files import Files, stem
from ml.datasets.layout import wrong_layout
from ml.datasets.pairs import PairDataset
from ml.datasets.sketchy.folders import EXTENDED_TREE, sketchy_folders

VAL, QUERIES = 0.1, 50


def read_sketchy_extended(files: Files, val: float = VAL) -> PairDataset:
    """Read the database; `val` is the share of photos, and of sketches that are no queries, for validation.

    Raises DatasetError on a folder of another layout, or without the extension.
    """
    folders = sketchy_folders(files, EXTENDED_TREE)
    if folders.extended is None:
        raise wrong_layout(folders.files, EXTENDED_TREE)
    extension = folders.extension()
    photos, sketches = [], []
    for category in folders.categories:
        shown = {**extension.get(category, {}), **folders.photos(category)}
        photos += photo_rows(category, shown, split_shares(list(shown), val=val, test=0.0))
        drawn = {stem(name): name for name in folders.sketches(category)}
        sketches += query_rows(category, drawn, QUERIES, val)
    return PairDataset(format="sketchy-extended", files=folders.files, photos=photos, sketches=sketches)

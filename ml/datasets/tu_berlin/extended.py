"""Format `tu-berlin-extended`: category retrieval among 204,489 photos of TU-Berlin's 250 categories.

    png/<category>/<n>.png            or svg/, as in `tu-berlin`
    ImageResized/<category>/*.jpg     also called images/

10 sketches of each category are the queries, as in the papers, or a fifth if there are fewer than 50. Which ones was not
published; ours are in the order of the names' hashes. All photos are the gallery (`--gallery all`), also those trained
on, and none is in the test split. A tenth of the photos and of the other sketches validates. Sources: the photos, Zhang
et al., *SketchNet* (CVPR 2016); the benchmark, Liu et al., *Deep Sketch Hashing* (CVPR 2017).
"""

from ml.contracts.split import split_shares
from ml.datasets.extension import photo_rows, query_rows
from ml.datasets.files import Files
from ml.datasets.layout import wrong_layout
from ml.datasets.pairs import PairDataset, PhotoRow, SketchRow
from ml.datasets.tu_berlin.folders import EXTENDED_TREE, tu_berlin_folders

VAL, QUERIES = 0.1, 10


def read_tu_berlin_extended(files: Files, val: float = VAL) -> PairDataset:
    """Read sketches and photos; `val` is the share of photos, and of sketches that are no queries, for validation.

    Raises DatasetError on a folder of another layout, or without photos.
    """
    folders = tu_berlin_folders(files, EXTENDED_TREE)
    shown = folders.photos_of()
    if not any(shown.values()):
        raise wrong_layout(folders.files, EXTENDED_TREE)
    photos: list[PhotoRow] = []
    sketches: list[SketchRow] = []
    for category, of_name in shown.items():
        photos += photo_rows(category, of_name, split_shares(list(of_name), val=val, test=0.0))
    for category, of_name in folders.sketches.items():
        sketches += query_rows(category, of_name, QUERIES, val)
    return PairDataset(
        format="tu-berlin-extended",
        files=folders.files,
        photos=photos,
        sketches=sketches,
        sources=folders.lists,
    )

"""Format `qmul-v2`: QMUL's Shoe-V2 or Chair-V2, one category's folder, in any of four layouts.

As released, with strokes:

    ShoeV2_photo/<photo>.png      ShoeV2_sketch/<photo>_<n>.svg
    photo_train.txt  photo_test.txt  sketch_train.txt  sketch_test.txt       file names, one per line

With strokes in one pickled file, of which nothing is run:

    photo/<photo>.png             ShoeV2_Coordinate    {"train/<photo>_<n>": rows (x, y, lifted), ...}

As pictures only:

    trainA/<photo>_<n>.png  trainB/<photo>.png  testA/  testB/

With strokes in QuickDraw's form:

    {train,test}/photos/<photo>.jpg      {train,test}/sketches.ndjson

A line of sketches.ndjson: {"key_id", "photo", "word", "drawing": [[[x...], [y...]], ...]}; several sketches per photo.
Official test split if present; validation by photo, from train. The category is the sketches' word, or `shoe` or `chair`
from the names of folders, or else the folder's name.
"""

from ml.datasets.files import Files
from ml.datasets.layout import wrong_layout
from ml.datasets.pairs import PairDataset
from ml.datasets.qmul_v1 import OFFICIAL, VAL
from ml.datasets.qmul_v2.released import find_released, read_released
from ml.datasets.qmul_v2.strokes import read_strokes, stroke_files

TREE = """
    ShoeV2_photo/<photo>.png     or ChairV2_..., photo/
    and one of
      ShoeV2_sketch/<photo>_<n>.svg  with photo_train.txt, photo_test.txt, sketch_train.txt, sketch_test.txt
      ShoeV2_Coordinate              a pickle of strokes
    or
      trainA/<photo>_<n>.png  trainB/<photo>.png  testA/  testB/
    or
      train/photos/<photo>.jpg  train/sketches.ndjson  optionally test/
"""


def read_qmul_v2(files: Files, val: float = VAL) -> PairDataset:
    """Read a folder; `val` is the share of train photos held out for validation.

    Raises DatasetError on a folder of another layout, a broken list or pickle, or a sketch whose photo is missing.
    """
    inner = files.holding(*OFFICIAL)
    if stroke_files(inner):
        return read_strokes(inner, val)
    released = find_released(files)
    if released is None:
        raise wrong_layout(files, TREE)
    return read_released(released, val)

"""The `.npz` of sketch-rnn: the parts `train`, `valid` and `test`, each an array of stroke-3 arrays int16 (N, 3).

Arrays of arrays are pickled inside the file; they are read by `ml.sketch.formats.pickles`, which runs nothing. Source: Ha
and Eck, *A Neural Representation of Sketch Drawings* (2017).
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator

from ml.errors import SketchError
from ml.sketch.formats.npy import read_npy
from ml.sketch.formats.pickles import MAX_BYTES, Numbers
from ml.sketch.formats.stroke3 import from_stroke3
from ml.sketch.strokes import Sketch

PARTS = ("train", "valid", "test")
_BROKEN = (OSError, EOFError, RuntimeError, NotImplementedError, zipfile.BadZipFile, zlib.error)


def read_part(data: bytes, part: str, *, field: str = "npz") -> Iterator[Sketch]:
    """Yield the drawings of one part of a file, one at a time; their canvas is the ink's box.

    Raises SketchError naming the part if it is missing, too large, or not of stroke-3 arrays.
    """
    where = f"{field}/{part}"
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
            if f"{part}.npy" not in names:
                raise SketchError(
                    where, f"expected the arrays {', '.join(PARTS)}, found {', '.join(names[:4])}"
                )
            size = archive.getinfo(f"{part}.npy").file_size
            if size > MAX_BYTES:
                raise SketchError(where, f"{size} bytes, at most {MAX_BYTES}")
            content = archive.read(f"{part}.npy")
    except _BROKEN as error:
        raise SketchError(field, f"not a readable .npz: {error}") from error
    items = read_npy(content, field=where)
    for number, item in enumerate(items):
        place = f"{where}[{number}]"
        rows = item.array(field=place) if isinstance(item, Numbers) else item
        yield from_stroke3(rows, field=place)

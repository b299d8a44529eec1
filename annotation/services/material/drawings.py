"""One file of a zip -> the strokes of a sketch, by its content. Pictures and SVG are read in the image sandbox."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ml.errors import SketchError, gettext_noop
from ml.images.decode import ImageLimits
from ml.images.reading import Question
from ml.images.sandbox import ImageSandbox
from ml.sketch.formats.quickdraw import parse_drawing
from ml.sketch.formats.stroke3 import from_stroke3, from_stroke5
from ml.sketch.formats.svg.document import is_svg
from ml.sketch.raster import RasterSpec
from ml.sketch.strokes import Sketch

Picture = Literal["png", "jpg"]
_STARTS: dict[bytes, Picture] = {b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpg"}
_ZIP_START = b"PK"  # an npz is a zip
_MAX_NPZ_BYTES = 200_000_000  # unpacked
_CONTAINERS_KEPT = 4  # manifests name the same file many times in a row
_SANDBOX_WALL_S = 60.0  # nobody waits for an answer, and other work may keep the processor busy


@dataclass(frozen=True, slots=True)
class Drawn:
    """A file's drawing. picture: its format if it was traced from a picture, which is then kept; otherwise ""."""

    sketch: Sketch
    picture: Picture | Literal[""] = ""


class Drawings:
    """Reads drawings from the files of one zip, with a sandbox that ends with the `with` block."""

    def __init__(self, limits: ImageLimits) -> None:
        self._limits = limits
        self._sandbox = ImageSandbox(wall_s=_SANDBOX_WALL_S)
        self._lines = lru_cache(_CONTAINERS_KEPT)(_lines_of)
        self._arrays = lru_cache(_CONTAINERS_KEPT)(_arrays_of)

    def __enter__(self) -> Drawings:
        return self

    def __exit__(self, *_: object) -> None:
        self._sandbox.close()

    def drawn(self, data: bytes, *, item: str) -> Drawn:
        """Return a file's drawing, or the one of `item` in a file that holds several, whatever the file's name ends in.

        Raises SketchError or ImageError naming `file` or `item`.
        """
        picture = next((kind for start, kind in _STARTS.items() if data.startswith(start)), None)
        if picture or is_svg(data):
            question = Question("sketch", (), RasterSpec(), self._limits, "file")
            sketch = self._sandbox.seen(data, question).sketch
            assert sketch is not None
            return Drawn(sketch, picture or "")
        if data.startswith(_ZIP_START):
            return Drawn(_of_rows(_picked(self._arrays(data), item)))
        if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
            return Drawn(self._of_ndjson(data, item))
        raise SketchError(
            "file", gettext_noop("its content is none of PNG, JPEG, SVG, QuickDraw ndjson and stroke-3/5 npz")
        )

    def _of_ndjson(self, data: bytes, item: str) -> Sketch:
        """Return the drawing of a key_id, or of a line by its number; the only one needs neither."""
        lines = self._lines(data)
        if not item:
            if len(lines) != 1:
                raise _ambiguous(len(lines))
            return parse_drawing(lines[0], field="file").sketch
        wanted = f'"{item}"'.encode()
        named = [line for line in lines if wanted in line]
        for line in named:
            drawing = parse_drawing(line, field="item")
            if drawing.key_id == item:
                return drawing.sketch
        if item.isdecimal() and 0 < int(item) <= len(lines):
            return parse_drawing(lines[int(item) - 1], field="item").sketch
        raise _unknown(item)


def _lines_of(data: bytes) -> list[bytes]:
    return [line for line in data.removeprefix(b"\xef\xbb\xbf").splitlines() if line.strip()]


def _arrays_of(data: bytes) -> dict[str, NDArray[Any]]:
    """Return the numeric arrays of an npz. Nothing is unpickled."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(info.file_size for info in archive.filelist) > _MAX_NPZ_BYTES:
                raise SketchError("file", gettext_noop("more than {max} bytes"), max=_MAX_NPZ_BYTES)
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            return {name: arrays[name] for name in arrays.files}
    except SketchError:
        raise
    except (
        Exception
    ) as error:  # zipfile and NumPy raise many types for broken files, and say why only in English
        raise SketchError(
            "file",
            gettext_noop(
                "not a readable .npz; it needs one numeric array for each sketch, or one of equally long ones"
            ),
        ) from error


def _picked(arrays: dict[str, NDArray[Any]], item: str) -> NDArray[Any]:
    """Return rows (N, 3) or (N, 5): the array of that name, or the entry of that number in the only array."""
    if item in arrays and arrays[item].ndim == 2:
        return arrays[item]
    only = next(iter(arrays.values())) if len(arrays) == 1 else None
    if only is None:
        raise _unknown(item) if item else _ambiguous(len(arrays))
    if only.ndim == 2 and not item:
        return only
    if only.ndim == 3 and not item:
        raise _ambiguous(len(only))
    if only.ndim == 3 and item.isdecimal() and 0 < int(item) <= len(only):
        return np.asarray(only[int(item) - 1])
    raise _unknown(item)


def _of_rows(rows: NDArray[Any]) -> Sketch:
    if rows.shape[-1] == 5:
        return from_stroke5(rows, field="file")
    return from_stroke3(rows, field="file")


def _ambiguous(n: int) -> SketchError:
    return SketchError(
        "item", gettext_noop("the file has {n} drawings; say which, by its key or number"), n=n
    )


def _unknown(item: str) -> SketchError:
    return SketchError("item", gettext_noop("{item} is not in the file"), item=item)

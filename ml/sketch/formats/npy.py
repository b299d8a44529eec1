"""NumPy's `.npy` files, of numbers or of objects; objects are read by `ml.sketch.formats.pickles`, which runs nothing."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.errors import SketchError
from ml.sketch.formats.pickles import Numbers, read_pickle


def is_npy(data: bytes) -> bool:
    """Return whether the bytes start as an `.npy` file does."""
    return data.startswith(np.lib.format.MAGIC_PREFIX)


def read_npy(data: bytes, *, field: str = "npy") -> NDArray[Any] | list[object]:
    """Return an array of numbers, or the items of an array of objects, with arrays among them as `Numbers`.

    Raises SketchError on a broken file, or one with other objects than `read_pickle` allows.
    """
    stream = io.BytesIO(data)
    try:
        version = np.lib.format.read_magic(stream)
        header = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
        if version not in header:
            raise ValueError(f"version {version} is unknown")
        _, _, dtype = header[version](stream)
        if not dtype.hasobject:
            stream.seek(0)
            numbers: NDArray[Any] = np.load(stream, allow_pickle=False)
            return numbers
    except (ValueError, EOFError, OSError, MemoryError, OverflowError) as error:
        raise SketchError(field, f"not a readable .npy: {error}") from error
    content = read_pickle(data[stream.tell() :], field=field)
    if not isinstance(content, Numbers):
        raise SketchError(field, "expected an array of objects")
    return content.items(field=field)

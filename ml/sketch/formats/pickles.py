"""Arrays of numbers in Python pickles, read without running anything that the file names.

Pickles of strokes are public as `*_Coordinate` files and inside sketch-rnn's `.npz`. Plain unpickling would run code from
the file. Here, the few functions that NumPy's own pickles name are replaced by ours, which only collect numbers; every
other name is refused. Dictionaries, lists, texts and numbers are allowed.
"""

from __future__ import annotations

import io
import math
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.errors import SketchError

MAX_BYTES = 256 * 2**20
_MAX_AXES = 4
_NUMBERS = ("b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8")
_BROKEN = (
    pickle.UnpicklingError,
    AttributeError,
    EOFError,
    ImportError,
    IndexError,
    KeyError,
    MemoryError,
    OverflowError,
    RecursionError,
    TypeError,
    ValueError,
)


def read_pickle(data: bytes, *, field: str = "pickle") -> object:
    """Return what a pickle holds, with arrays of numbers as `Numbers`, in any protocol of Python 2 and 3.

    Raises SketchError on a pickle that names other classes or functions, is broken, or is too large.
    """
    if len(data) > MAX_BYTES:
        raise SketchError(field, f"{len(data)} bytes, at most {MAX_BYTES}")
    try:
        return _Unpickler(io.BytesIO(data), encoding="latin1").load()
    except _BROKEN as error:
        raise SketchError(field, f"not a pickle of arrays of numbers: {error}") from error


class Numbers:
    """An array as pickled: its parts until `array` or `items` checks them."""

    def __init__(self) -> None:
        self._shape: object = ()
        self._dtype: object = None
        self._order = "C"
        self._data: object = b""

    def __setstate__(self, state: tuple[object, ...]) -> None:
        """Take the state that NumPy pickles: version, shape, type, whether in Fortran's order, data."""
        _, self._shape, self._dtype, fortran, self._data = state
        self._order = "F" if fortran else "C"

    def array(self, *, field: str) -> NDArray[Any]:
        """Return the numbers, read-only. Raises SketchError if they are no numbers or do not fill the shape."""
        shape, dtype = self._checked(field)
        data = self._data.encode("latin1") if isinstance(self._data, str) else self._data
        if dtype.hasobject or not isinstance(data, bytes | bytearray):
            raise SketchError(field, "expected an array of numbers, found one of objects")
        if len(data) != math.prod(shape) * dtype.itemsize:
            raise SketchError(field, f"{len(data)} bytes, which do not fill the shape {shape}")
        values: NDArray[Any] = np.frombuffer(data, dtype) if data else np.zeros(0, dtype)
        return values.reshape(shape, order="F" if self._order == "F" else "C")

    def items(self, *, field: str) -> list[object]:
        """Return the objects of an array of objects. Raises SketchError if it is of numbers."""
        shape, dtype = self._checked(field)
        if not dtype.hasobject or not isinstance(self._data, list) or len(self._data) != math.prod(shape):
            raise SketchError(field, "expected an array of objects")
        return self._data

    def _checked(self, field: str) -> tuple[tuple[int, ...], np.dtype[Any]]:
        shape = self._shape
        if (
            not isinstance(shape, tuple)
            or len(shape) > _MAX_AXES
            or any(type(side) is not int or side < 0 for side in shape)
        ):
            raise SketchError(field, "expected an array with a shape")
        if not isinstance(self._dtype, _Kind):
            raise SketchError(field, "expected an array with a type")
        return shape, self._dtype.dtype(field)


class _Kind:
    """A type of numbers as pickled, such as `i2`."""

    def __init__(self, code: object) -> None:
        self._code = code
        self._order: object = "="

    def __setstate__(self, state: tuple[object, ...]) -> None:
        self._order = state[1]

    def dtype(self, field: str) -> np.dtype[Any]:
        code = self._code
        if code in ("O8", "O4", "O"):
            return np.dtype(object)
        if code not in _NUMBERS:
            raise SketchError(field, f"expected numbers, found the type {str(code)[:40]!r}")
        return np.dtype(str(code)).newbyteorder(">" if self._order == ">" else "<")


class _Named:
    """Stands for a function or class that a pickle names; the pickle can call it, but not change it."""

    __slots__ = ("_make",)
    _make: Callable[..., object]

    def __init__(self, make: Callable[..., object]) -> None:
        object.__setattr__(self, "_make", make)

    def __call__(self, *arguments: object) -> object:
        return self._make(*arguments)

    def __setattr__(self, name: str, value: object) -> None:
        raise pickle.UnpicklingError("it changes a function")

    def __setstate__(self, state: object) -> None:
        raise pickle.UnpicklingError("it changes a function")


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        make = _MAKERS.get((module.replace("numpy._core", "numpy.core"), name))
        if make is None:
            raise pickle.UnpicklingError(f"it names {module}.{name}, which is not allowed")
        return _Named(make)


def _reconstruct(*_: object) -> Numbers:
    return Numbers()


def _frombuffer(data: object, kind: object, shape: object, order: object) -> Numbers:
    made = Numbers()
    made.__setstate__((1, shape, kind, order == "F", data))
    return made


def _encode(text: object, encoding: object = "latin1") -> bytes:
    if not isinstance(text, str) or encoding != "latin1":
        raise pickle.UnpicklingError("expected bytes as latin1")
    return text.encode("latin1")


def _kind(code: object, *_: object) -> _Kind:
    return _Kind(code)


def _empty(*arguments: object) -> dict[object, object]:
    if arguments:
        raise pickle.UnpicklingError("expected an empty dictionary")
    return {}


_MAKERS: dict[tuple[str, str], Callable[..., object]] = {
    ("numpy.core.multiarray", "_reconstruct"): _reconstruct,
    ("numpy.core.numeric", "_frombuffer"): _frombuffer,
    ("numpy", "ndarray"): _reconstruct,
    ("numpy", "dtype"): _kind,
    ("_codecs", "encode"): _encode,
    ("collections", "OrderedDict"): _empty,
}

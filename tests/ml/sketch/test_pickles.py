"""Arrays in pickles: what NumPy writes is read equal, whatever names code or lies about itself is refused."""

from __future__ import annotations

import io
import os
import pickle
from collections import OrderedDict
from typing import Any

import numpy as np
import pytest

from ml.errors import SketchError
from ml.sketch.formats import pickles
from ml.sketch.formats.coordinates import read_coordinates, sketch_from_coordinates
from ml.sketch.formats.npy import read_npy
from ml.sketch.formats.pickles import Numbers, read_pickle

ROWS = np.array([[1, 2, 0], [3, 4, 1], [250, 0, 0]])
# Written by Python 2.7 with protocol 2: {'train/1_1': numpy.array([[1, 2, 1]], dtype='<i2')}
PYTHON_2 = (
    b"\x80\x02}q\x00U\ttrain/1_1q\x01cnumpy.core.multiarray\n_reconstruct\nq\x02cnumpy\nndarray\nq\x03K\x00\x85q\x04"
    b"U\x01bq\x05\x87q\x06Rq\x07(K\x01K\x01K\x03\x86q\x08cnumpy\ndtype\nq\tU\x02i2q\nK\x00K\x01\x87q\x0bRq\x0c(K\x03"
    b"U\x01<q\rNNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tq\x0eb\x89U\x06\x01\x00\x02\x00\x01\x00q\x0ftq\x10bs."
)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("dtype", ["<i2", ">i4", "<f4", "<f8", "|u1"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_numpy_pickles_of_every_protocol_are_read_equal(protocol: int, dtype: str, order: Any) -> None:
    content = OrderedDict({"train/1_1": np.asarray(ROWS.astype(dtype), order=order)})
    (found,) = read_coordinates(pickle.dumps(content, protocol=protocol)).values()
    assert np.array_equal(found, ROWS.astype(np.float32))


def test_python_2_pickles_are_read() -> None:
    (found,) = read_coordinates(PYTHON_2).values()
    assert found.tolist() == [[1, 2, 1]]


def test_npy_of_a_dictionary_and_lists_of_rows_are_read() -> None:
    stream = io.BytesIO()
    np.save(stream, {"test/1_1": ROWS.tolist(), "test/1_2": ROWS}, allow_pickle=True)  # type: ignore[arg-type]
    found = read_coordinates(stream.getvalue())
    assert list(found) == ["test/1_1", "test/1_2"]
    assert np.array_equal(found["test/1_1"], found["test/1_2"])
    sketch = sketch_from_coordinates(found["test/1_1"])
    assert sketch.lengths.tolist() == [2, 1]
    assert (sketch.width, sketch.height) == (256, 256)


class Called:
    """A pickle of it calls a function with arguments."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self.reduced = (function, arguments)

    def __reduce__(self) -> tuple[Any, ...]:
        return self.reduced


@pytest.mark.parametrize(
    "hostile",
    [
        Called(os.system, "true"),
        Called(eval, "1"),
        Called(getattr, "a", "b"),
        Called(np.load, "x"),
        Called(bytearray, 9),
    ],
    ids=["os.system", "eval", "getattr", "np.load", "bytearray"],
)
def test_other_functions_are_refused(hostile: Called) -> None:
    with pytest.raises(
        SketchError, match=r"^strokes: not a pickle of arrays of numbers: it names .*, which is not allowed"
    ):
        read_pickle(pickle.dumps({"a": hostile}, protocol=2), field="strokes")


def test_allowed_functions_cannot_be_changed() -> None:
    # GLOBAL numpy.dtype, a dictionary with __defaults__, BUILD.
    data = b"\x80\x02cnumpy\ndtype\n}X\x0c\x00\x00\x00__defaults__K\x01sb."
    with pytest.raises(SketchError, match="it changes a function"):
        read_pickle(data)
    data = b"\x80\x02cnumpy\ndtype\n)\x81."  # NEWOBJ
    with pytest.raises(SketchError, match="not a pickle"):
        read_pickle(data)


@pytest.mark.parametrize(
    ("shape", "dtype", "data", "message"),
    [
        ((2, 3), "i2", b"\0" * 6, "6 bytes, which do not fill the shape"),
        ((10**9, 3), "f8", b"", "do not fill the shape"),
        ((-1, 3), "i2", b"", "expected an array with a shape"),
        ((1, 3), "U9", b"\0" * 108, "expected numbers, found the type 'U9'"),
        ((1,), "O8", [1], "expected an array of numbers, found one of objects"),
    ],
)
def test_arrays_that_lie_are_refused(shape: Any, dtype: str, data: Any, message: str) -> None:
    kind = pickles._kind(dtype)
    kind.__setstate__((3, "<"))
    numbers = Numbers()
    numbers.__setstate__((1, shape, kind, False, data))
    with pytest.raises(SketchError, match=message):
        numbers.array(field="a")


def test_huge_and_broken_files_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = pickle.dumps({"a": ROWS})
    for end in range(0, len(whole) - 1, 7):
        with pytest.raises(SketchError):
            read_coordinates(whole[:end])
    with pytest.raises(SketchError, match=r"not a readable \.npy"):
        read_npy(b"\x93NUMPY\x01\x00\xff\xff")
    monkeypatch.setattr(pickles, "MAX_BYTES", 10)
    with pytest.raises(SketchError, match="bytes, at most 10"):
        read_pickle(whole)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([[1, 2, 0.5]], "must be 0 or 1"),
        ([[np.inf, 2, 1]], "must be finite"),
        ([[np.nan, 2, 1]], "must be finite"),
        (np.zeros((0, 3)), "0 points"),
        ([[1, 2, 1]] * 1001, "1001 strokes"),
    ],
)
def test_impossible_rows_are_refused(rows: Any, message: str) -> None:
    with pytest.raises(SketchError, match=message):
        sketch_from_coordinates(np.array(rows, np.float32).reshape(-1, 3))

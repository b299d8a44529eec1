"""Drawings of many names by many hands, shipped to learn what a catalogue does and does not answer.

From Google's Quick, Draw! dataset (CC-BY 4.0, see data/ATTRIBUTION.md): a few drawings of each of the 345 names, from the
part that models are trained on. `python -m tools.doodles` writes the file.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import numpy as np

from ml.sketch.sequence import compact, from_compact
from ml.sketch.strokes import Sketch

DOODLES = Path(__file__).parent / "data" / "doodles.npz"


@cache
def doodles() -> Mapping[str, tuple[Sketch, ...]]:
    """Return the shipped drawings by name, names sorted, read once."""
    with np.load(DOODLES, allow_pickle=False) as stored:
        names, counts = stored["names"].tolist(), stored["counts"].tolist()
        drawings = np.split(stored["points"], np.cumsum(stored["lengths"])[:-1])
    starts = np.concatenate([[0], np.cumsum(counts)]).tolist()
    return {
        name: tuple(from_compact(points) for points in drawings[start:end])
        for name, start, end in zip(names, starts, starts[1:], strict=False)
    }


def doodles_content(drawings: Mapping[str, Sequence[Sketch]]) -> bytes:
    """Return the content of a file of drawings by name, simplified to a canvas of 256."""
    names = sorted(drawings)
    points = [compact(sketch) for name in names for sketch in drawings[name]]
    stream = io.BytesIO()
    np.savez_compressed(
        stream,
        names=np.array(names),
        counts=np.array([len(drawings[name]) for name in names], np.int32),
        lengths=np.array([len(each) for each in points], np.int32),
        points=np.concatenate(points),
    )
    return stream.getvalue()

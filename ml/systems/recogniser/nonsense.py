"""Generated drawings that show no thing: scribbles, written words, a dot, and the blank page, as rasters.

Some names are near: QuickDraw knows "squiggle", "zigzag", "line" and "circle".
"""

from collections.abc import Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.sketch.raster import RasterSpec, rasterise
from ml.sketch.scribble import scribbled
from ml.sketch.strokes import Sketch, sketch_from_xy
from ml.sketch.trace import trace

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
N_SCRIBBLES = N_WORDS = 300
_PEN_FONT = cv2.FONT_HERSHEY_SIMPLEX  # drawn with single lines


def nonsense(spec: RasterSpec, seed: int = 0) -> Mapping[str, NDArray[np.uint8]]:
    """Return rasters, uint8 (N, S, S), by kind; the same on every call with a seed."""
    rng = np.random.default_rng(seed)
    scribbles = [_scribble(rng) for _ in range(N_SCRIBBLES)]
    words = [_word(rng) for _ in range(N_WORDS)]
    dot = sketch_from_xy([np.array([[128.0, 128.0]])], 256, 256)
    return {
        "scribbles": np.stack([rasterise(sketch, spec) for sketch in scribbles]),
        "words": np.stack([rasterise(sketch, spec) for sketch in words]),
        "dot": rasterise(dot, spec)[None],
        "blank page": np.full((1, spec.size, spec.size), 255, np.uint8),
    }


def nonsense_sketch(rng: np.random.Generator) -> Sketch:
    """Return a random scribble or word."""
    return _scribble(rng) if rng.random() < 0.5 else _word(rng)


def _scribble(rng: np.random.Generator) -> Sketch:
    n_strokes, n_points = int(rng.integers(1, 6)), int(rng.integers(20, 60))
    return scribbled(rng, n_strokes=n_strokes, n_points=n_points, step=float(rng.uniform(2, 6)))


def _word(rng: np.random.Generator) -> Sketch:
    """Return one to six random letters or digits in a row."""
    text = "".join(rng.choice(list(LETTERS), int(rng.integers(1, 7))))
    page = np.full((120, 60 + 60 * len(text), 3), 255, np.uint8)
    cv2.putText(page, text, (30, 85), _PEN_FONT, 2.0, (0, 0, 0), 3, cv2.LINE_AA)
    return trace(page)

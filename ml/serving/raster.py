"""A sketch rasterised for a network, with the time that it took."""

from __future__ import annotations

from time import perf_counter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ml.sketch.raster import RasterSpec, rasterise
from ml.sketch.strokes import Sketch


class Raster(NamedTuple):
    """A rasterised sketch, uint8 (S, S), and the time that rasterising took."""

    image: NDArray[np.uint8]
    raster_ms: float

    @classmethod
    def of(cls, sketch: Sketch, spec: RasterSpec) -> Raster:
        """Rasterise a sketch in a network's frame."""
        started = perf_counter()
        image = rasterise(sketch, spec)
        return cls(image, (perf_counter() - started) * 1e3)

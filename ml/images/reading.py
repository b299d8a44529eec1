"""What a search sees in an uploaded image: the strokes of a drawing, or a photo as the encoder's inputs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ml.images.decode import LIMITS, ImageLimits, decode_image
from ml.images.views import gallery_images
from ml.sketch.raster import RasterSpec
from ml.sketch.strokes import Sketch
from ml.sketch.trace import looks_like_sketch, trace

Mode = Literal["auto", "photo", "sketch"]


@dataclass(frozen=True, slots=True)
class Question:
    """What the image is taken for (`auto` looks), and the encoder's views and frame of a photo."""

    mode: Mode
    views: tuple[str, ...]
    raster: RasterSpec
    limits: ImageLimits = LIMITS
    field: str = "image"


@dataclass(frozen=True, slots=True)
class Seen:
    """A drawing's strokes; or None and a photo's images, one of each view, (S, S, 3) or (S, S)."""

    sketch: Sketch | None
    images: list[NDArray[np.uint8]]


def image_seen(data: bytes, question: Question) -> Seen:
    """Decodes an image and gets it ready for the encoder.

    Raises ImageError or SketchError naming the field where it is unreadable or has no lines to trace.
    """
    rgb = decode_image(data, question.limits, field=question.field)
    if question.mode == "sketch" or (question.mode == "auto" and looks_like_sketch(rgb)):
        return Seen(trace(rgb, field=question.field), [])
    return Seen(None, gallery_images(rgb, question.views, question.raster))

"""Prepare an uploaded image for search: the strokes of a drawing, or a photo as the encoder's inputs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ml.images.decode import LIMITS, ImageLimits, decode_layers
from ml.images.transparency import on_contrast, on_white
from ml.images.views import gallery_images
from ml.sketch.formats.svg.document import is_svg
from ml.sketch.formats.svg.reading import trace_svg
from ml.sketch.kind import looks_like_sketch
from ml.sketch.raster import RasterSpec
from ml.sketch.strokes import Sketch
from ml.sketch.trace import trace

Mode = Literal["auto", "photo", "sketch", "whole"]


@dataclass(frozen=True, slots=True)
class Question:
    """How to read an image.

    mode: what it is taken for; `auto` decides by its content; `whole` returns the picture itself. views, raster: the
    encoder's views of a photo and their frame. field: its name in errors.
    """

    mode: Mode
    views: tuple[str, ...]
    raster: RasterSpec
    limits: ImageLimits = LIMITS
    field: str = "image"


@dataclass(frozen=True, slots=True)
class Seen:
    """A drawing's strokes; or None, and a photo's images, one per view, uint8 (S, S, 3) or (S, S).

    Of mode `whole`: one image, uint8 (H, W, 3), upright and reduced to the limits.
    """

    sketch: Sketch | None
    images: list[NDArray[np.uint8]]


def image_seen(data: bytes, question: Question) -> Seen:
    """Decode an image and prepare it for the encoder.

    Raises ImageError naming the field if it is unreadable, SketchError if it has no lines to trace.
    """
    if question.mode == "whole":
        return Seen(None, [on_white(decode_layers(data, question.limits, field=question.field))])
    if is_svg(data):
        return Seen(trace_svg(data, field=question.field), [])
    layers = decode_layers(data, question.limits, field=question.field)
    drawing = on_contrast(layers)
    if question.mode == "sketch" or (question.mode == "auto" and looks_like_sketch(drawing)):
        return Seen(trace(drawing, field=question.field), [])
    return Seen(None, gallery_images(on_white(layers), question.views, question.raster))

"""Read SVG drawings: paths, basic shapes and `use`, with nested transforms, viewBox, styles and classes.

Outlines become strokes. Colours and widths are ignored, except that invisible shapes and those in the colour of the
ground are left out; so are text, pictures, masks and clipping.
"""

from __future__ import annotations

import numpy as np

from ml.errors import SketchError, gettext_noop
from ml.sketch.formats.svg.document import parse_document
from ml.sketch.formats.svg.drawing import Drawing
from ml.sketch.formats.svg.path import Line
from ml.sketch.formats.svg.shapes import Canvas
from ml.sketch.formats.svg.tidying import tidied
from ml.sketch.strokes import HAND_LIMITS, LIMITS, Sketch, SketchLimits, parse_sketch, sketch_from_xy
from ml.sketch.trace import TOO_MUCH_DETAIL


def read_svg(data: bytes | str, *, limits: SketchLimits = LIMITS, field: str = "svg") -> Sketch:
    """Return the lines of an SVG document on the canvas of its viewBox, or else its width and height, or else its ink.

    Raises SketchError if it is not an SVG document, draws nothing, or exceeds the limits.
    """
    drawing = _drawing(data, limits, field)
    lines = [line for shape in drawing.shapes for line in shape.lines]
    return _sketch(lines, drawing.canvas, limits, field)


def trace_svg(data: bytes | str, *, field: str = "svg") -> Sketch:
    """Return an SVG document's drawing as a person would have drawn it, within the limits of hand drawing.

    Raises SketchError as `read_svg`.
    """
    drawing = _drawing(data, LIMITS, field)
    sketch = _sketch(tidied(drawing.shapes), drawing.canvas, LIMITS, field)
    try:
        return parse_sketch(sketch.to_payload(), limits=HAND_LIMITS)
    except SketchError as error:  # in terms of strokes, which the sender did not write
        raise SketchError(field, TOO_MUCH_DETAIL) from error


def _drawing(data: bytes | str, limits: SketchLimits, field: str) -> Drawing:
    try:
        with np.errstate(all="ignore"):  # overflows are rejected below
            return Drawing(parse_document(data), limits)
    except (ValueError, OverflowError) as error:  # ValueError includes SvgError and PathError
        raise SketchError(field, gettext_noop("not an SVG drawing: {reason}"), reason=str(error)) from error


def _sketch(lines: list[Line], canvas: Canvas | None, limits: SketchLimits, field: str) -> Sketch:
    if not lines:
        raise SketchError(field, gettext_noop("this SVG draws no lines"))
    longest = max(map(len, lines))
    if longest > limits.max_points_per_stroke:
        raise SketchError(
            field,
            gettext_noop("{found} points in one line, at most {most}"),
            found=longest,
            most=limits.max_points_per_stroke,
        )
    z = np.concatenate(lines)
    if not (np.abs(z) <= limits.max_side).all():
        raise SketchError(
            field, gettext_noop("coordinates must be finite, at most {most:g}"), most=limits.max_side
        )
    if canvas is None:
        low = complex(z.real.min(), z.imag.min())
        width, height = np.maximum([np.ptp(z.real), np.ptp(z.imag)], limits.min_side).tolist()
    else:
        x, y, width, height = canvas
        low = complex(x, y)
        if not limits.min_side <= min(width, height) <= max(width, height) <= limits.max_side:
            raise SketchError(
                field,
                gettext_noop("canvas {width:g} x {height:g} exceeds the limits"),
                width=width,
                height=height,
            )
        reach = (np.abs(z - low).max()) / max(width, height)
        if reach > limits.reach:
            raise SketchError(
                field,
                gettext_noop("drawn {found:.0f} canvases away, at most {most:g}"),
                found=reach,
                most=limits.reach,
            )
    moved = [line - low for line in lines]
    return sketch_from_xy([np.stack([line.real, line.imag], axis=1) for line in moved], width, height)

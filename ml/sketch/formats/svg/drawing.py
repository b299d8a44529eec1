"""The visible shapes of an SVG document on its canvas."""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree.ElementTree import Element

import numpy as np

from ml.sketch.formats.svg.document import MAX_DEPTH, MAX_ELEMENTS, SvgError
from ml.sketch.formats.svg.paint import INITIAL, Paint, colour_of, is_hidden, painted, style_rules
from ml.sketch.formats.svg.path import IDENTITY, Affine, Line, apply, compose, numbers, parse_transform
from ml.sketch.formats.svg.shapes import Canvas, length, shape_lines
from ml.sketch.strokes import SketchLimits

_TOLERANCE = 1 / 2000  # of the canvas
_NOT_DRAWN = {"defs", "clipPath", "mask", "symbol", "pattern", "marker", "metadata", "title", "desc", "style"}
_NOT_LINES = {"text", "image", "foreignObject", "script", "linearGradient", "radialGradient", "filter"}
_COVERING = 0.95  # of the canvas's sides, from which on an area is the ground


@dataclass(frozen=True, slots=True)
class Shape:
    """The lines of an element; `is_area` if they bound an area that is filled, and not drawn themselves."""

    lines: list[Line]
    colour: str
    is_area: bool


class Drawing:
    """The shapes of a document in drawing order, without those in the colour of the ground.

    The ground is white, or the last area that covers the canvas. Raises SvgError or PathError.
    """

    def __init__(self, root: Element, limits: SketchLimits) -> None:
        self.canvas = canvas_of(root)
        self._limits = limits
        self._rules = style_rules("".join(style.itertext()) for style in root.iter("style"))
        self._ids = {name: element for element in root.iter() if (name := element.get("id"))}
        self._n_visited = self._n_points = self._n_lines = 0
        self._ground = "white"
        found: list[Shape] = []
        self._visit(root, IDENTITY, INITIAL, 0, found)
        self.shapes = [shape for shape in found if shape.colour != self._ground]

    def _visit(self, element: Element, matrix: Affine, paint: Paint, depth: int, found: list[Shape]) -> None:
        self._n_visited += 1
        if self._n_visited > MAX_ELEMENTS or depth > MAX_DEPTH:
            raise SvgError(f"more than {MAX_ELEMENTS} elements, or nested deeper than {MAX_DEPTH}")
        paint = painted(element, paint, self._rules)
        if element.tag in _NOT_LINES or is_hidden(paint):
            return
        matrix = compose(matrix, parse_transform(element.get("transform", "")))
        if element.tag == "use":
            self._visit_used(element, matrix, paint, depth, found)
            return
        if element.tag == "svg" and depth:
            matrix = compose(matrix, self._viewport(element, element))
        self._add(element, matrix, paint, found)
        for child in element:
            if child.tag not in _NOT_DRAWN:
                self._visit(child, matrix, paint, depth + 1, found)

    def _visit_used(self, use: Element, matrix: Affine, paint: Paint, depth: int, found: list[Shape]) -> None:
        target = self._ids.get(use.get("href", "").removeprefix("#"))
        if target is None:
            return
        x, y = (length(use, name, self._side(axis)) for axis, name in enumerate("xy"))
        matrix = compose(matrix, (1.0, 0.0, 0.0, 1.0, x, y))
        if target.tag == "symbol":
            matrix = compose(matrix, self._viewport(target, use))
        self._visit(target, matrix, paint, depth + 1, found)

    def _viewport(self, element: Element, sized: Element) -> Affine:
        """Return the transform of a nested canvas: its viewBox centred in the width and height of `sized`."""
        x, y = (length(element, name, self._side(axis)) for axis, name in enumerate("xy"))
        box = numbers(element.get("viewBox", ""))
        if len(box) != 4 or min(box[2:]) <= 0:
            return 1.0, 0.0, 0.0, 1.0, x, y
        w, h = (length(sized, name, self._side(axis)) for axis, name in enumerate(("width", "height")))
        w, h = w or box[2], h or box[3]
        scale = min(w / box[2], h / box[3])
        left, top = x + (w - scale * box[2]) / 2, y + (h - scale * box[3]) / 2
        return scale, 0.0, 0.0, scale, left - scale * box[0], top - scale * box[1]

    def _add(self, element: Element, matrix: Affine, paint: Paint, found: list[Shape]) -> None:
        stroke, fill = colour_of(paint, "stroke"), colour_of(paint, "fill")
        if stroke is None and fill is None:
            return
        a, b, c, d, _, _ = matrix
        scale = max(float(np.sqrt(abs(a * d - b * c))), 1e-9)
        tolerance = max(self._side(0), self._side(1)) * _TOLERANCE / scale
        canvas = self.canvas or (0.0, 0.0, self._side(0), self._side(1))
        lines = []
        for line in shape_lines(element, canvas, tolerance):
            self._count(line)
            lines.append(apply(matrix, line))
        if not lines:
            return
        if fill and self._covers(lines):
            self._ground = fill
            fill = None
        # A line in the colour of the ground around an area is an area.
        is_line = stroke is not None and (stroke != self._ground or fill is None)
        colour = stroke if is_line else fill
        if colour:
            found.append(Shape(lines, colour, is_area=not is_line))

    def _count(self, line: Line) -> None:
        self._n_lines += 1
        self._n_points += len(line)
        if self._n_points > self._limits.max_points:
            raise SvgError(f"more than {self._limits.max_points} points")
        if self._n_lines > self._limits.max_strokes:
            raise SvgError(f"more than {self._limits.max_strokes} lines")

    def _covers(self, lines: list[Line]) -> bool:
        if self.canvas is None:
            return False
        x, y, width, height = self.canvas
        z = np.concatenate(lines)
        across = min(z.real.max(), x + width) - max(z.real.min(), x)
        down = min(z.imag.max(), y + height) - max(z.imag.min(), y)
        return len(z) <= 5 and bool(across >= _COVERING * width and down >= _COVERING * height)

    def _side(self, axis: int) -> float:
        return self.canvas[2 + axis] if self.canvas else 256.0


def canvas_of(root: Element) -> Canvas | None:
    """Return the viewBox, or else width and height; None without either."""
    box = numbers(root.get("viewBox", ""))
    if len(box) == 4:
        return box[0], box[1], box[2], box[3]
    sides = [root.get(name, "") for name in ("width", "height")]
    if all(numbers(side) for side in sides) and not any("%" in side for side in sides):
        return 0.0, 0.0, numbers(sides[0])[0], numbers(sides[1])[0]
    return None

"""SVG drawings: path, polyline, polygon, line, rect, circle and ellipse with transforms and viewBox.

Parsed by expat with entity declarations rejected, so that nothing is expanded or fetched. Outlines become strokes.
Colours, widths and CSS rules are ignored, except that invisible elements and white backgrounds are left out.
"""

from __future__ import annotations

from xml.parsers import expat

import numpy as np

from ml.errors import SketchError
from ml.sketch.formats.svg_path import (
    IDENTITY,
    Affine,
    Line,
    PathError,
    apply,
    compose,
    ellipse,
    numbers,
    parse_path,
    parse_transform,
)
from ml.sketch.strokes import LIMITS, Sketch, SketchLimits, sketch_from_xy

MAX_BYTES = 5_000_000
MAX_DEPTH = 64
_TOLERANCE = 1 / 2000  # of the canvas
_NOT_DRAWN = {
    "defs",
    "clipPath",
    "mask",
    "symbol",
    "pattern",
    "marker",
    "metadata",
    "title",
    "desc",
    "text",
    "style",
}
_NO_PAINT = {"none", "transparent", "white", "#fff", "#ffffff", "rgb(255,255,255)"}


def read_svg(data: bytes | str, *, limits: SketchLimits = LIMITS, field: str = "svg") -> Sketch:
    """Return the lines of an SVG document on the canvas of its viewBox, or else its width and height, or else its ink.

    Raises SketchError if it is not an SVG document, draws nothing, or exceeds the limits.
    """
    if len(data) > MAX_BYTES:
        raise SketchError(field, f"{len(data)} bytes, at most {MAX_BYTES}")
    reader = _Reader(limits, field)
    parser = expat.ParserCreate(namespace_separator="}")
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.EntityDeclHandler = reader.entity
    try:
        with np.errstate(all="ignore"):  # sketch() rejects overflows
            parser.Parse(data, True)
    except (expat.ExpatError, PathError, UnicodeError, ValueError, OverflowError) as error:
        raise SketchError(f"{field}:{parser.CurrentLineNumber}", f"not a drawing: {error}") from error
    return reader.sketch()


def write_svg(sketch: Sketch, *, stroke_width: float | None = None) -> str:
    """Return an SVG document with one path per stroke, coordinates to 0.001, without times and pressures."""
    width = stroke_width or max(sketch.width, sketch.height) / 100
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {sketch.width:g} {sketch.height:g}">',
        f'<g fill="none" stroke="#000" stroke-width="{width:g}"'
        ' stroke-linecap="round" stroke-linejoin="round">',
    ]
    for stroke in sketch.strokes:
        points = [f"{round(x, 3):.10g} {round(y, 3):.10g}" for x, y in stroke[:, :2].tolist()]
        lines.append(f'<path d="M{"L".join(points if len(points) > 1 else points * 2)}"/>')
    return "\n".join([*lines, "</g>", "</svg>", ""])


class _Reader:
    """Collects lines while expat walks the document."""

    def __init__(self, limits: SketchLimits, field: str) -> None:
        self.limits, self.field = limits, field
        self.lines: list[Line] = []
        self.n_points = 0
        self.canvas: tuple[float, float, float, float] | None = None  # x, y, width, height
        self.stack: list[tuple[Affine, dict[str, str], bool]] = []  # matrix, inherited paint, drawn

    def entity(self, name: str, *_: object) -> None:
        raise PathError(f"entity {name}; entities are not allowed")

    def end(self, _: str) -> None:
        self.stack.pop()

    def start(self, full_name: str, attributes: dict[str, str]) -> None:
        name = full_name.rpartition("}")[2]
        if len(self.stack) >= MAX_DEPTH:
            raise PathError(f"nested deeper than {MAX_DEPTH}")
        if not self.stack:
            if name != "svg":
                raise PathError(f"expected <svg>, found <{name}>")
            self.canvas = _canvas(attributes)
        matrix, paint, drawn = (
            self.stack[-1] if self.stack else (IDENTITY, {"fill": "black", "stroke": "none"}, True)
        )
        paint = paint | _paint(attributes)
        drawn = drawn and name not in _NOT_DRAWN and paint.get("display") != "none"
        if "transform" in attributes:
            matrix = compose(matrix, parse_transform(attributes["transform"]))
        self.stack.append((matrix, paint, drawn))
        visible = paint["stroke"] not in _NO_PAINT or paint["fill"] not in _NO_PAINT
        if drawn and visible and paint.get("visibility") != "hidden":
            self._add(name, attributes, matrix)

    def _add(self, name: str, attributes: dict[str, str], matrix: Affine) -> None:
        a, b, c, d, _, _ = matrix
        scale = max(float(np.sqrt(abs(a * d - b * c))), 1e-9)
        side = max(self.canvas[2:]) if self.canvas else 256.0
        for line in _shape(name, attributes, side * _TOLERANCE / scale):
            self.n_points += len(line)
            self.lines.append(apply(matrix, line))
            if self.n_points > self.limits.max_points:
                raise SketchError(self.field, f"more than {self.limits.max_points} points")
            if len(self.lines) > self.limits.max_strokes:
                raise SketchError(self.field, f"more than {self.limits.max_strokes} lines")

    def sketch(self) -> Sketch:
        if not self.lines:
            raise SketchError(self.field, "draws no lines")
        longest = max(map(len, self.lines))
        if longest > self.limits.max_points_per_stroke:
            raise SketchError(
                self.field, f"{longest} points in one line, at most {self.limits.max_points_per_stroke}"
            )
        z = np.concatenate(self.lines)
        if not (np.abs(z) <= self.limits.max_side).all():
            raise SketchError(self.field, f"coordinates must be finite, at most {self.limits.max_side:g}")
        if self.canvas is None:
            low = complex(z.real.min(), z.imag.min())
            width, height = np.maximum([np.ptp(z.real), np.ptp(z.imag)], self.limits.min_side).tolist()
        else:
            x, y, width, height = self.canvas
            low = complex(x, y)
            if not self.limits.min_side <= min(width, height) <= max(width, height) <= self.limits.max_side:
                raise SketchError(self.field, f"canvas {width:g} x {height:g} exceeds the limits")
            reach = (np.abs(z - low).max()) / max(width, height)
            if reach > self.limits.reach:
                raise SketchError(
                    self.field, f"drawn {reach:.0f} canvases away, at most {self.limits.reach:g}"
                )
        lines = [line - low for line in self.lines]
        return sketch_from_xy([np.stack([line.real, line.imag], axis=1) for line in lines], width, height)


def _canvas(attributes: dict[str, str]) -> tuple[float, float, float, float] | None:
    box = numbers(attributes.get("viewBox", ""))
    if len(box) == 4:
        return box[0], box[1], box[2], box[3]
    sides = [numbers(attributes.get(name, "")) for name in ("width", "height")]
    if all(sides) and not any("%" in attributes[name] for name in ("width", "height")):
        return 0.0, 0.0, sides[0][0], sides[1][0]
    return None


def _paint(attributes: dict[str, str]) -> dict[str, str]:
    pairs = [item.split(":", 1) for item in attributes.get("style", "").split(";") if ":" in item]
    style = {name.strip(): value for name, value in pairs}
    found = {}
    for name in ("fill", "stroke", "display", "visibility"):
        value = style.get(name, attributes.get(name))
        if value is not None:
            found[name] = value.strip().lower().replace(" ", "")
    return found


def _shape(name: str, attributes: dict[str, str], tolerance: float) -> list[Line]:
    def value(key: str) -> float:
        found = numbers(attributes.get(key, ""))
        return found[0] if found else 0.0

    if name == "path":
        return list(parse_path(attributes.get("d", ""), tolerance))
    if name in ("polyline", "polygon"):
        flat = numbers(attributes.get("points", ""))
        line = (
            np.array(flat[: len(flat) // 2 * 2]).view(np.complex128)
            if len(flat) > 1
            else np.empty(0, complex)
        )
        return [np.append(line, line[:1]) if name == "polygon" else line] if len(line) else []
    if name == "line":
        return [np.array([complex(value("x1"), value("y1")), complex(value("x2"), value("y2"))])]
    if name == "rect":
        corner, w, h = complex(value("x"), value("y")), value("width"), value("height")
        return [corner + np.array([0, w, w + 1j * h, 1j * h, 0])] if w > 0 and h > 0 else []
    if name in ("circle", "ellipse"):
        rx, ry = (value("r"), value("r")) if name == "circle" else (value("rx"), value("ry"))
        return [ellipse(complex(value("cx"), value("cy")), rx, ry, tolerance)] if rx > 0 and ry > 0 else []
    return []

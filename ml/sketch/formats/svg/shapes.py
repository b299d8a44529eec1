"""The outlines of SVG's basic shapes and paths, as polylines in the complex plane."""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree.ElementTree import Element

import numpy as np

from ml.sketch.formats.svg.path import Line, ellipse, numbers, parse_path

Canvas = tuple[float, float, float, float]  # x, y, width, height


def length(element: Element, name: str, whole: float) -> float:
    """Return a length in user units, 0 if absent; percentages are of `whole`."""
    text = element.get(name, "")
    found = numbers(text)
    return (found[0] * whole / 100 if text.rstrip().endswith("%") else found[0]) if found else 0.0


def shape_lines(element: Element, canvas: Canvas, tolerance: float) -> Iterable[Line]:
    """Return the lines of a shape, approximated within `tolerance` user units; none for other elements.

    Raises PathError.
    """
    _, _, width, height = canvas

    def point(x: str, y: str) -> complex:
        return complex(length(element, x, width), length(element, y, height))

    match element.tag:
        case "path":
            return parse_path(element.get("d", ""), tolerance)
        case "polyline" | "polygon":
            flat = numbers(element.get("points", ""))
            if len(flat) < 2:
                return []
            line = np.array(flat[: len(flat) // 2 * 2]).view(np.complex128)
            return [np.append(line, line[:1]) if element.tag == "polygon" else line]
        case "line":
            return [np.array([point("x1", "y1"), point("x2", "y2")])]
        case "rect":
            return _rectangle(point("x", "y"), point("width", "height"), point("rx", "ry"), tolerance)
        case "circle":
            radius = length(element, "r", float(np.hypot(width, height) / np.sqrt(2)))
            return [ellipse(point("cx", "cy"), radius, radius, tolerance)] if radius > 0 else []
        case "ellipse":
            radii = point("rx", "ry")
            if min(radii.real, radii.imag) <= 0:
                return []
            return [ellipse(point("cx", "cy"), radii.real, radii.imag, tolerance)]
    return []


def _rectangle(corner: complex, size: complex, radii: complex, tolerance: float) -> list[Line]:
    w, h = size.real, size.imag
    if not (w > 0 and h > 0):
        return []
    rx, ry = min(radii.real or radii.imag, w / 2), min(radii.imag or radii.real, h / 2)
    if not (rx > 0 and ry > 0):
        return [corner + np.array([0, w, w + 1j * h, 1j * h, 0])]
    arc = f"a{rx!r} {ry!r} 0 0 1"
    across, down = w - 2 * rx, h - 2 * ry
    path = (
        f"M{rx!r} 0h{across!r}{arc} {rx!r} {ry!r}v{down!r}{arc} {-rx!r} {ry!r}"
        f"h{-across!r}{arc} {-rx!r} {-ry!r}v{-down!r}{arc} {rx!r} {-ry!r}z"
    )
    return [corner + line for line in parse_path(path, tolerance)]

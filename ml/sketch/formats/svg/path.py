"""SVG path data, shapes and transforms as polylines in the complex plane (x + iy)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import ceil, cos, pi, radians, sin, sqrt, tan

import numpy as np
from numpy.typing import NDArray

Line = NDArray[np.complex128]
Affine = tuple[float, float, float, float, float, float]  # SVG's matrix(a b c d e f)

IDENTITY: Affine = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
_MAX_PIECES = 128  # of a curve
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_TOKEN = re.compile(rf"([MmLlHhVvCcSsQqTtAaZz])|({_NUMBER.pattern})|([\s,]+)|(.)", re.DOTALL)
_TRANSFORM = re.compile(r"\s*,?\s*([A-Za-z]+)\s*\(([^()]*)\)")
_ARGUMENTS = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "S": 4, "Q": 4, "T": 2, "A": 7, "Z": 0}


class PathError(ValueError):
    """Path data or a transform that does not follow the SVG grammar."""


def numbers(text: str) -> list[float]:
    """Return the numbers of a list such as `points` or `viewBox`."""
    return [float(value) for value in _NUMBER.findall(text)]


def parse_transform(text: str) -> Affine:
    """Return a `transform` attribute as one matrix. Raises PathError."""
    result, position = IDENTITY, 0
    while position < len(text.rstrip()):
        match = _TRANSFORM.match(text, position)
        if match is None:
            raise PathError(f"transform {text[position : position + 20]!r}")
        result = compose(result, _transform(match[1], numbers(match[2])))
        position = match.end()
    return result


def compose(outer: Affine, inner: Affine) -> Affine:
    """Return the matrix that applies `inner`, then `outer`."""
    a, b, c, d, e, f = outer
    g, h, i, j, k, m = inner
    return (a * g + c * h, b * g + d * h, a * i + c * j, b * i + d * j, a * k + c * m + e, b * k + d * m + f)


def apply(matrix: Affine, line: Line) -> Line:
    """Return the points of a line under a matrix."""
    a, b, c, d, e, f = matrix
    return np.asarray((a * line.real + c * line.imag + e) + 1j * (b * line.real + d * line.imag + f))


def _transform(name: str, v: list[float]) -> Affine:
    if name == "matrix" and len(v) == 6:
        return v[0], v[1], v[2], v[3], v[4], v[5]
    if name == "translate" and len(v) in (1, 2):
        return 1.0, 0.0, 0.0, 1.0, v[0], v[1] if len(v) == 2 else 0.0
    if name == "scale" and len(v) in (1, 2):
        return v[0], 0.0, 0.0, v[-1], 0.0, 0.0
    if name == "rotate" and len(v) in (1, 3):
        turn = radians(v[0])
        spin: Affine = (cos(turn), sin(turn), -sin(turn), cos(turn), 0.0, 0.0)
        if len(v) == 1:
            return spin
        return compose(compose((1, 0, 0, 1, v[1], v[2]), spin), (1, 0, 0, 1, -v[1], -v[2]))
    if name == "skewX" and len(v) == 1:
        return 1.0, 0.0, tan(radians(v[0])), 1.0, 0.0, 0.0
    if name == "skewY" and len(v) == 1:
        return 1.0, tan(radians(v[0])), 0.0, 1.0, 0.0, 0.0
    raise PathError(f"transform {name} with {len(v)} values")


def parse_path(d: str, tolerance: float) -> Iterator[Line]:
    """Yield the subpaths of path data, with curves approximated within `tolerance`. Raises PathError."""
    here = start = 0j
    control: complex | None = None  # the last curve's second control point, which S and T mirror
    last = ""
    line: list[complex] = []
    for name, v in _commands(d):
        kind, base = name.upper(), here if name.islower() else 0j
        if kind != "M" and not line:
            line = [here]
        if kind == "M":
            if line:
                yield np.array(line)
            here = start = base + complex(v[0], v[1])
            line = [here]
        elif kind == "Z":
            line.append(start)
            yield np.array(line)
            here, line = start, []
        elif kind in "LHV":
            x = base.real + v[0] if kind != "V" else here.real
            y = base.imag + v[-1] if kind != "H" else here.imag
            here = complex(x, y)
            line.append(here)
        elif kind == "A":
            end = base + complex(v[5], v[6])
            line.extend(_arc(here, v[0], v[1], v[2], v[3] != 0, v[4] != 0, end, tolerance).tolist())
            here = end
        else:
            points = [base + complex(x, y) for x, y in zip(v[::2], v[1::2], strict=True)]
            if kind in "ST":
                mirrored = control is not None and last in ("CS" if kind == "S" else "QT")
                points.insert(0, 2 * here - control if mirrored and control is not None else here)
            line.extend(_bezier([here, *points], tolerance).tolist())
            control, here = points[-2], points[-1]
        last = kind
    if line:
        yield np.array(line)


def ellipse(centre: complex, rx: float, ry: float, tolerance: float) -> Line:
    """Return a closed ellipse, starting at its right."""
    angle = np.linspace(0, 2 * pi, _pieces(2 * pi, max(rx, ry), tolerance) + 1)
    return np.asarray(centre + rx * np.cos(angle) + 1j * ry * np.sin(angle))


def _commands(d: str) -> Iterator[tuple[str, list[float]]]:
    name, values = "", list[float]()
    flags_at = {3, 4}  # an arc's flags may lack a separator: "a1 1 0 01.5 2"
    position = 0
    while position < len(d):
        match = _TOKEN.match(d, position)
        if match is None or match[4]:
            raise PathError(f"path data {d[position : position + 20]!r}")
        end = match.end()
        if match[1]:
            if values or not (name or match[1] in "Mm"):
                raise PathError(f"path data {d[position : position + 20]!r}")
            name = match[1]
            if name in "Zz":
                yield name, []
        elif match[2]:
            if name in ("", "Z", "z"):
                raise PathError(f"path data {d[position : position + 20]!r}")
            if name in "Aa" and len(values) in flags_at and match[2][0] in "01":
                end = position + 1
            values.append(float(d[position:end]))
            if len(values) == _ARGUMENTS[name.upper()]:
                yield name, values
                values = []
                name = {"M": "L", "m": "l"}.get(name, name)
        position = end
    if values or (name in "Mm" and name):
        raise PathError("path data ends within a command")


def _bezier(points: list[complex], tolerance: float) -> Line:
    """Return a quadratic or cubic curve without its first point, in equal steps of the parameter."""
    p = np.array(points)
    bend = float(np.abs(p[:-2] - 2 * p[1:-1] + p[2:]).max())
    degree = len(p) - 1
    if not np.isfinite(bend):
        raise PathError("curve with infinite coordinates")
    n = _bounded(sqrt(degree * (degree - 1) * bend / (8 * tolerance)))
    t = np.arange(1, n + 1) / n
    level = np.repeat(p[:, None], n, axis=1)
    while len(level) > 1:  # de Casteljau, all parameters at once
        level = level[:-1] + (level[1:] - level[:-1]) * t
    level[0, -1] = points[-1]
    return np.asarray(level[0])


def _arc(
    start: complex,
    rx: float,
    ry: float,
    tilt_deg: float,
    large: bool,
    sweep: bool,
    end: complex,
    tolerance: float,
) -> Line:
    """Return an elliptical arc without its first point (SVG 1.1, appendix F.6)."""
    rx, ry = abs(rx), abs(ry)
    if start == end or rx == 0 or ry == 0:
        return np.array([end])
    tilt = np.exp(1j * radians(tilt_deg))
    half = (start - end) / 2 / tilt
    x, y = half.real / rx, half.imag / ry  # on the unit circle from here on
    squared = x * x + y * y
    if squared > 1:  # too small to reach the end: scaled up
        rx, ry, x, y = rx * sqrt(squared), ry * sqrt(squared), x / sqrt(squared), y / sqrt(squared)
        squared = 1.0
    if squared < 1e-18:  # an ellipse so large that the arc is straight
        return np.array([end])
    side = sqrt(max(0.0, 1 / squared - 1)) * (-1 if large == sweep else 1)
    centre = side * complex(y, -x)
    first = np.angle(complex(x, y) - centre)
    turn = (np.angle(complex(-x, -y) - centre) - first) % (2 * pi)
    if not sweep:
        turn -= 2 * pi
    n = _pieces(abs(turn), max(rx, ry), tolerance)
    angle = first + turn * np.arange(1, n + 1) / n
    circle = centre + np.exp(1j * angle)
    line = (start + end) / 2 + tilt * (rx * circle.real + 1j * ry * circle.imag)
    line[-1] = end
    return np.asarray(line)


def _pieces(turn: float, radius: float, tolerance: float) -> int:
    """Return the number of chords that approximate an arc within `tolerance`."""
    return max(_bounded(turn * sqrt(radius / (8 * tolerance))), ceil(turn / (pi / 4)))


def _bounded(pieces: float) -> int:
    return min(max(ceil(pieces), 1), _MAX_PIECES)

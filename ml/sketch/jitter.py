"""Make clean line drawings look hand-drawn: pose, misplaced strokes, wobble, over- and undershoot."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml.sketch.geometry import densify, ink_diagonal, segment_lengths
from ml.sketch.strokes import Sketch, split

_HARMONICS = np.array([1.0, 2.3, 4.9])  # waves per period; incommensurate, so that nothing repeats


@dataclass(frozen=True, slots=True)
class JitterSpec:
    """Standard deviations of each disturbance; lengths are fractions of the ink diagonal, 0 disables it."""

    rotation_deg: float = 5.0
    scale: float = 0.08  # of the logarithm of the scale, separate for x and y
    shear: float = 0.04
    warp: float = 0.015  # smooth displacement of the whole drawing
    stroke_shift: float = 0.010  # displacement of each stroke
    stroke_scale: float = 0.04  # of the logarithm of each stroke's scale about its middle
    stroke_rotation_deg: float = 2.0
    wobble: float = 0.006  # mostly slow drift of the hand off the line
    wobble_period: float = 0.6  # length of the slowest wave
    overshoot: float = 0.012  # ends drawn past their corner or stopped short
    step: float = 0.02  # longest remaining segment, so that long straight lines can bend


def jitter(sketch: Sketch, rng: np.random.Generator, spec: JitterSpec = JitterSpec()) -> Sketch:
    """Return `sketch` with a hand-drawn look: the same strokes in the same order, with points added on long lines."""
    diagonal = ink_diagonal(sketch)
    if spec.overshoot:
        sketch = _overshoot(sketch, rng, spec.overshoot * diagonal)
    sketch = densify(sketch, max(spec.step, 1e-3) * diagonal)
    points = sketch.points()
    lengths = sketch.lengths
    x0, y0, x1, y1 = sketch.ink_box()
    centre = complex((x0 + x1) / 2, (y0 + y1) / 2)
    z = (points[:, 0].astype(np.float64) + 1j * points[:, 1] - centre) / diagonal  # (N,) in ink diagonals
    z = _disturb_strokes(z, lengths, rng, spec)
    z = z + _wobble(z, segment_lengths(sketch) / diagonal, lengths, rng, spec)
    z = _pose(z + _warp(z, rng, spec.warp), rng, spec)
    z = z * diagonal + centre
    moved = points.copy()
    moved[:, 0], moved[:, 1] = z.real, z.imag
    return Sketch(sketch.width, sketch.height, split(moved, lengths.tolist()))


def _overshoot(sketch: Sketch, rng: np.random.Generator, sigma: float) -> Sketch:
    """Move the two ends of each stroke along the line; an undershoot removes at most half of the end segment."""
    points = sketch.points().copy()
    lengths = sketch.lengths
    last = np.cumsum(lengths) - 1
    first = last - lengths + 1
    line = lengths > 1
    for end, inner in ((first[line], first[line] + 1), (last[line], last[line] - 1)):
        direction = points[end, :2] - points[inner, :2]
        length = np.maximum(np.hypot(direction[:, 0], direction[:, 1]), 1e-9)
        shift = np.maximum(rng.normal(0.0, sigma, len(end)), -length / 2)
        points[end, :2] += direction * (shift / length)[:, None]
    return Sketch(sketch.width, sketch.height, split(points, lengths.tolist()))


def _disturb_strokes(
    z: NDArray[np.complex128], lengths: NDArray[np.intp], rng: np.random.Generator, spec: JitterSpec
) -> NDArray[np.complex128]:
    first = np.concatenate([[0], np.cumsum(lengths[:-1])])
    middle = np.add.reduceat(z, first) / lengths  # (S,)
    n = len(lengths)
    noise = rng.standard_normal((4, n))
    turn = np.exp(spec.stroke_scale * noise[0] + 1j * np.deg2rad(spec.stroke_rotation_deg) * noise[1])
    shift = spec.stroke_shift * (noise[2] + 1j * noise[3])
    # middle + (z - middle) * turn + shift, with the per-stroke terms gathered before they are repeated
    return np.asarray(z * np.repeat(turn, lengths) + np.repeat(middle * (1 - turn) + shift, lengths))


def _wobble(
    z: NDArray[np.complex128],
    step: NDArray[np.float64],
    lengths: NDArray[np.intp],
    rng: np.random.Generator,
    spec: JitterSpec,
) -> NDArray[np.complex128]:
    """Return three sine waves along the arc length, the faster the smaller, with separate phases for each stroke."""
    along = np.cumsum(step) * (2 * np.pi / spec.wobble_period)  # across strokes, which differ in phase
    phase = np.repeat(rng.uniform(0, 2 * np.pi, (2, 3, len(lengths))), lengths, axis=2)  # (2, 3, N)
    amplitude = spec.wobble * np.sqrt(2.0) * rng.standard_normal((2, 3, 1)) / _HARMONICS[:, None]
    waves = (amplitude * np.sin(along * _HARMONICS[:, None] + phase)).sum(axis=1)  # (2, N)
    return np.asarray(waves[0] + 1j * waves[1])


def _warp(z: NDArray[np.complex128], rng: np.random.Generator, strength: float) -> NDArray[np.complex128]:
    """Return a smooth displacement field of three plane waves per direction."""
    waves = rng.standard_normal((2, 3, 2)) * np.pi * 1.5  # (2, 3) wave vectors
    phase = rng.uniform(0, 2 * np.pi, (2, 3, 1))
    field = np.sin(waves[..., :1] * z.real + waves[..., 1:] * z.imag + phase).sum(axis=1)  # (2, N)
    return np.asarray((field[0] + 1j * field[1]) * (strength / np.sqrt(1.5)))


def _pose(z: NDArray[np.complex128], rng: np.random.Generator, spec: JitterSpec) -> NDArray[np.complex128]:
    """Apply rotation, scale of x and y, and shear about the centre of the drawing."""
    noise = rng.standard_normal(4)
    x = z.real * np.exp(spec.scale * noise[0]) + z.imag * spec.shear * noise[1]
    y = z.imag * np.exp(spec.scale * noise[2])
    return np.asarray((x + 1j * y) * np.exp(1j * np.deg2rad(spec.rotation_deg) * noise[3]))

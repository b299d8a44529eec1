"""The augmentations of *Sketch Me That Shoe* (section 4.5), and partial sketches for live search.

Stroke removal follows Eq. 4; deformation is rigid moving least squares (Schaefer, McPhail, Warren, 2006, Eq. 8). Every
function maps sketches to sketches and takes randomness only from its generator.
"""

from __future__ import annotations

from math import hypot, pi, sqrt

import numpy as np
from numpy.typing import NDArray

from ml.sketch.geometry import segment_lengths, starts_mask, stroke_lengths
from ml.sketch.strokes import Sketch, split

REMOVED = (0.1, 0.3, 0.5)


def removal_probability(sketch: Sketch, alpha: float = 0.3, beta: float = 0.5) -> NDArray[np.float64]:
    """Return Eq. 4, Pr_i = exp(alpha * o_i - beta * l_i) / Z for each stroke, (S,), with sum 1.

    o_i counts strokes from 1 in drawing order. The paper does not give the unit of l_i: here it is the stroke's length
    divided by the sketch's mean stroke length, so that canvas size and detail do not change the balance of both terms.
    """
    score = _removal_score(sketch, alpha, beta)
    weight = np.exp(score - score.max())
    return np.asarray(weight / weight.sum())


def _removal_score(sketch: Sketch, alpha: float, beta: float) -> NDArray[np.float64]:
    length = stroke_lengths(sketch)
    mean = float(length.mean()) or 1.0
    return np.asarray(alpha * np.arange(1, len(length) + 1) - beta * length / mean)


def stroke_removal(
    sketch: Sketch, fraction: float, rng: np.random.Generator, *, alpha: float = 0.3, beta: float = 0.5
) -> Sketch:
    """Remove `fraction` of the strokes (rounded; at least one is kept), sampled without replacement by Eq. 4.

    Sampling uses the Gumbel trick: the strokes with the largest sums of log-weight and Gumbel noise are removed.
    """
    n = len(sketch.strokes)
    n_removed = min(round(fraction * n), n - 1)
    if n_removed <= 0:
        return sketch
    keys = _removal_score(sketch, alpha, beta) + rng.gumbel(size=n)
    removed = set(np.argpartition(keys, n - n_removed)[n - n_removed :].tolist())
    kept = tuple(stroke for i, stroke in enumerate(sketch.strokes) if i not in removed)
    return Sketch(sketch.width, sketch.height, kept)


def mls_deform(sketch: Sketch, rng: np.random.Generator, *, strength: float = 0.03) -> Sketch:
    """Return one deformation of a sketch; see `mls_deformations`."""
    return mls_deformations(sketch, rng, 1, strength=strength)[0]


def mls_deformations(
    sketch: Sketch, rng: np.random.Generator, n: int, *, strength: float = 0.03, max_controls: int = 48
) -> list[Sketch]:
    """Return n sketches with control points (stroke ends and sharp turns) moved at random and all points following.

    strength: the controls' mean displacement as a fraction of the ink diagonal. As in the paper, short strokes with
    little curvature deform more: displacement is proportional to exp(-length / diagonal - |turning| / 2 pi).
    """
    points = sketch.points()
    lengths = sketch.lengths
    last = lengths.cumsum() - 1
    first = last - lengths + 1
    z = points[:, :2].astype(np.float64).view(np.complex128)[:, 0]  # (N,) the plane as complex numbers
    step = np.zeros_like(z)
    np.subtract(z[1:], z[:-1], out=step[1:])
    step[first] = 0.0
    turn = np.zeros(len(z))  # |change of direction| at each inner point, 0 at the ends of strokes
    bend = step[2:] * step[1:-1].conj()
    np.abs(np.arctan2(bend.imag, bend.real), out=turn[1:-1])
    turn[first] = turn[last] = 0.0
    x, y = z.real, z.imag
    diagonal = float(hypot(x.max() - x.min(), y.max() - y.min())) or 1.0
    shape = np.abs(step) / diagonal + turn / (2 * pi)
    controls = _controls(first, last, turn, max_controls, rng)
    degree = np.exp(-np.add.reduceat(shape, first))[first.searchsorted(controls, side="right") - 1]
    # A 2-D Gaussian's mean length is sqrt(pi / 2) sigma.
    degree *= strength * diagonal * len(degree) / (degree.sum() * sqrt(pi / 2))
    noise = rng.standard_normal((n, len(controls), 2)).view(np.complex128)[..., 0]
    p = z[controls]
    moved = mls_rigid(z, p, p + degree * noise)  # (n, N)
    results = np.repeat(points[None], n, axis=0)
    results[..., :2] = moved.view(np.float64).reshape(n, -1, 2)
    cuts = lengths.tolist()
    return [Sketch(sketch.width, sketch.height, split(deformed, cuts)) for deformed in results]


def mls_rigid(
    z: NDArray[np.complex128], p: NDArray[np.complex128], q: NDArray[np.complex128]
) -> NDArray[np.complex128]:
    """Return points z (N,) under each rigid moving least squares map that takes controls p (M,) to q (..., M); (..., N).

    In complex numbers, Schaefer's Eq. 8 is  f(z) = q* + a / |a| (z - p*),  a = sum_i w_i conj(p_i - p*) (q_i - q*),
    with w_i = 1 / |z - p_i|^2 and p*, q* the weighted means; one matrix product computes all sums.
    """
    origin = p[0]
    z, p, q = z - origin, p - origin, q - origin
    away = z - p[:, None]  # (M, N)
    squared = away.real**2 + away.imag**2
    extent = float(squared.max()) or 1.0
    weight = 1.0 / (squared + 1e-12 * extent)  # finite at the controls, which move to their targets
    weight /= weight.sum(axis=0)
    p_mean = p @ weight  # (N,)
    q_mean = q @ weight  # (..., N)
    a = (p.conj() * q) @ weight - p_mean.conj() * q_mean
    a += 1e-9 * extent  # no rotation if none is defined: with a single control, or controls that cancel
    return np.asarray(q_mean + a / np.abs(a) * (z - p_mean) + origin)


def _controls(
    first: NDArray[np.intp],
    last: NDArray[np.intp],
    turn: NDArray[np.float64],
    max_controls: int,
    rng: np.random.Generator,
) -> NDArray[np.intp]:
    """Return rows of control points: stroke ends, and on average one sharp turn per stroke; a random part if too many."""
    chosen = np.zeros(len(turn), dtype=bool)
    chosen[first] = chosen[last] = True
    n_turns = max(len(first), 2)
    if n_turns < len(turn):
        chosen[turn.argpartition(-n_turns)[-n_turns:]] = True
    controls = chosen.nonzero()[0]
    if len(controls) > max_controls:
        controls = rng.permutation(controls)[:max_controls]
    return controls


def variants(sketch: Sketch, rng: np.random.Generator, *, strength: float = 0.03) -> list[Sketch]:
    """Return the paper's twelve variants: 10, 30 and 50 % of the strokes removed, and three deformations of each."""
    reduced = [stroke_removal(sketch, fraction, rng) for fraction in REMOVED]
    return reduced + [
        deformed for source in reduced for deformed in mls_deformations(source, rng, 3, strength=strength)
    ]


def partial(sketch: Sketch, k: int) -> Sketch:
    """Return the first k strokes (at least one, at most all), as in live search."""
    return Sketch(sketch.width, sketch.height, sketch.strokes[: max(k, 1)])


def partial_ink(sketch: Sketch, fraction: float) -> Sketch:
    """Return the first `fraction` of the ink by length; the last stroke is cut where the pen would be."""
    step = segment_lengths(sketch)
    drawn = np.cumsum(step)
    goal = min(max(fraction, 0.0), 1.0) * drawn[-1]
    if goal >= drawn[-1]:
        return sketch
    row = int(np.searchsorted(drawn, goal, side="right"))  # the first point beyond the goal
    points = sketch.points()[: row + 1].copy()
    if step[row] > 0:
        part = (goal - (drawn[row] - step[row])) / step[row]
        points[row] = points[row - 1] + np.float32(part) * (points[row] - points[row - 1])
    starts = np.flatnonzero(starts_mask(sketch.lengths)[: row + 1])
    return Sketch(sketch.width, sketch.height, split(points, np.diff(np.append(starts, row + 1)).tolist()))

"""Generated drawings that show no thing: scribbles, writing, loose lines, dots, and a page with hardly a mark."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import pi

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.sketch.augment import mls_deform
from ml.sketch.jitter import jitter
from ml.sketch.scribble import scribbled
from ml.sketch.strokes import Sketch, sketch_from_xy
from ml.sketch.trace import trace

SIDE = 256  # canvas
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_PEN_FONTS = (cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, cv2.FONT_HERSHEY_DUPLEX)
Generator = np.random.Generator


def scribble(rng: Generator) -> Sketch:
    """Return strokes that turn at random, or rub to and fro."""
    if rng.random() < 0.5:
        n_strokes, n_points = int(rng.integers(1, 6)), int(rng.integers(20, 80))
        return scribbled(rng, n_strokes=n_strokes, n_points=n_points, step=float(rng.uniform(2, 6)))
    turns = int(rng.integers(4, 16))
    along = np.linspace(0, 1, turns * 8)
    across = np.sin(pi * turns * along + rng.uniform(0, pi)) * rng.uniform(0.7, 1.0, len(along))
    drift = rng.uniform(0.2, 1.5)
    xy = np.stack([drift * along, across], axis=1) * rng.uniform(60, 110)
    return _by_hand([SIDE / 2 + _turned(xy - xy.mean(axis=0), rng.uniform(0, pi))], rng)


def writing(rng: Generator) -> Sketch:
    """Return one to two words of one to seven letters or digits."""
    lines = [
        "".join(rng.choice(list(_LETTERS), int(rng.integers(1, 8)))) for _ in range(int(rng.integers(1, 3)))
    ]
    font = _PEN_FONTS[rng.integers(len(_PEN_FONTS))]
    page = np.full((40 + 90 * len(lines), 60 + 60 * max(map(len, lines)), 3), 255, np.uint8)
    for number, text in enumerate(lines):
        cv2.putText(page, text, (30, 80 + 90 * number), font, 2.0, (0, 0, 0), 3, cv2.LINE_AA)
    return jitter(mls_deform(trace(page), rng, strength=0.01), rng)


def loose_lines(rng: Generator) -> Sketch:
    """Return one to five straight lines or arcs that meet by chance."""
    strokes = []
    for _ in range(int(rng.integers(1, 6))):
        angle = rng.uniform(0, 2 * pi) + np.linspace(0, rng.choice([0.0, rng.uniform(-3, 3)]), 24)
        moves = np.stack([np.cos(angle), np.sin(angle)], axis=1) * rng.uniform(2, 8)
        strokes.append(rng.uniform(40, SIDE - 40, 2) + moves.cumsum(axis=0))
    return _by_hand(strokes, rng)


def dots(rng: Generator) -> Sketch:
    """Return one to twelve dots."""
    return sketch_from_xy(
        [rng.uniform(20, SIDE - 20, (1, 2)) for _ in range(int(rng.integers(1, 13)))], SIDE, SIDE
    )


def hardly_a_mark(rng: Generator) -> Sketch:
    """Return one short stroke, as of a pen that touched the page."""
    moves = rng.normal(0, rng.uniform(0.5, 3), (int(rng.integers(2, 8)), 2))
    return sketch_from_xy([rng.uniform(60, SIDE - 60, 2) + moves.cumsum(axis=0)], SIDE, SIDE)


KINDS: Mapping[str, Callable[[Generator], Sketch]] = {
    "scribble": scribble,
    "writing": writing,
    "loose lines": loose_lines,
    "dots": dots,
    "hardly a mark": hardly_a_mark,
}


def nonsense(kind: str, n: int, seed: int = 0) -> list[Sketch]:
    """Return n drawings of a kind; the same on every call with a seed."""
    number = list(KINDS).index(kind)
    return [KINDS[kind](np.random.default_rng([seed, number, index])) for index in range(n)]


def any_nonsense(rng: Generator) -> Sketch:
    """Return a drawing of a random kind."""
    return KINDS[tuple(KINDS)[rng.integers(len(KINDS))]](rng)


def _by_hand(strokes: list[NDArray[np.float64]], rng: Generator) -> Sketch:
    return jitter(sketch_from_xy(strokes, SIDE, SIDE), rng)


def _turned(xy: NDArray[np.float64], angle: float) -> NDArray[np.float64]:
    cos, sin = np.cos(angle), np.sin(angle)
    return np.asarray(xy @ np.array([[cos, sin], [-sin, cos]]))

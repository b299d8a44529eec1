"""Generated drawings in QuickDraw's layout whose categories a small network can tell apart."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from tests.support.layouts import write_lines

SHAPES = ("comb", "ring", "star", "zigzag")


def doodle(shape: str, seed: int) -> list[list[list[float]]]:
    """Return a drawing of a shape, different for each seed."""
    rng = np.random.default_rng([SHAPES.index(shape), seed])
    turn = np.linspace(0, 2 * np.pi, 25) + rng.uniform(0, 6)
    size = rng.uniform(0.7, 1.3, 2)
    if shape == "ring":
        strokes = [np.stack([np.cos(turn), np.sin(turn)], axis=1)]
    elif shape == "star":
        ends = np.stack([np.cos(turn[::5]), np.sin(turn[::5])], axis=1)
        strokes = [np.stack([end * 0.1, end]) for end in ends]
    elif shape == "zigzag":
        strokes = [np.stack([np.linspace(-1, 1, 9), np.tile([0.5, -0.5], 5)[:9]], axis=1)]
    else:
        strokes = [np.array([[-1.0, -0.6], [1, -0.6]])]
        strokes += [np.array([[x, -0.6], [x, 0.8]]) for x in np.linspace(-1, 1, 5)]
    noisy = [120 + 90 * (stroke * size + rng.normal(0, 0.04, stroke.shape)) for stroke in strokes]
    return [np.clip(stroke, 0, 255).T.round(1).tolist() for stroke in noisy]


def write_doodles(root: Path, n: int = 24, shapes: tuple[str, ...] = SHAPES) -> Path:
    """Write `n` drawings of each shape as `<shape>.ndjson`."""
    for shape in shapes:
        rows: list[dict[str, Any]] = [
            {"key_id": f"{shape}{k}", "word": shape, "drawing": doodle(shape, k)} for k in range(n)
        ]
        write_lines(root / f"{shape}.ndjson", rows)
    return root

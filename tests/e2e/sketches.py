"""Sketches as a visitor draws them: strokes in the unit square, y down."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Point = tuple[float, float]
Stroke = Sequence[Point]

CHAIR: list[Stroke] = [
    [(0.30, 0.10), (0.32, 0.52)],  # back
    [(0.30, 0.10), (0.66, 0.08)],
    [(0.66, 0.08), (0.67, 0.50)],
    [(0.36, 0.20), (0.62, 0.19)],
    [(0.36, 0.34), (0.63, 0.33)],
    [(0.32, 0.52), (0.67, 0.50), (0.76, 0.60), (0.26, 0.63), (0.32, 0.52)],  # seat
    [(0.26, 0.63), (0.25, 0.93)],  # legs
    [(0.76, 0.60), (0.77, 0.91)],
    [(0.36, 0.63), (0.36, 0.84)],
    [(0.66, 0.61), (0.66, 0.82)],
]
LAMP: list[Stroke] = [
    [(0.38, 0.10), (0.62, 0.10), (0.74, 0.34), (0.26, 0.34), (0.38, 0.10)],
    [(0.50, 0.34), (0.50, 0.88)],
    [(0.34, 0.90), (0.42, 0.86), (0.58, 0.86), (0.66, 0.90), (0.34, 0.90)],
]
LINE: Stroke = [(0.2, 0.3), (0.5, 0.35), (0.8, 0.3)]
LOWER_LINE: Stroke = [(0.2, 0.7), (0.5, 0.75), (0.8, 0.7)]
CROSS: list[Stroke] = [[(0.2, 0.2), (0.8, 0.8)], [(0.8, 0.2), (0.2, 0.8)]]
# What the site under test recognises; it sells no zebra.
NAMED: dict[str, list[Stroke]] = {"chair": CHAIR, "floor lamp": LAMP, "zebra": CROSS}


def payload(strokes: Sequence[Stroke], side: int = 1000) -> dict[str, Any]:
    """Return the JSON of a sketch."""
    points = [[[side * x, side * y] for x, y in stroke] for stroke in strokes]
    return {"width": side, "height": side, "strokes": points}

"""Rows that anonymous requests leave behind: shared sketches, gifts, crowd workers."""

from __future__ import annotations

import time
from typing import Any

from tools.hostile.row import Row, Target

_N_POINTS = 4_000  # some 60 KB


def _sketch(call: int) -> dict[str, Any]:
    """Return a sketch that is not stored yet."""
    first = [time.time_ns() % 100_000 / 1e3, call % 100]
    stroke = [first, *([n % 100, n // 100] for n in range(_N_POINTS))]
    return {"width": 100, "height": 100, "strokes": [stroke]}


def _share(target: Target, call: int) -> None:
    target.post_json("/api/v1/shares/", {"sketch": _sketch(call)})


def _gift(target: Target, call: int) -> None:
    target.post_json("/api/v1/sketches/", {"sketch": _sketch(call), "consent": True})


def _worker(target: Target, call: int) -> None:
    target.post_json("/api/v1/campaigns/1/join", {"consent": True})


ROWS = [Row("shares", 4, _share), Row("gifts", 4, _gift), Row("workers", 4, _worker)]

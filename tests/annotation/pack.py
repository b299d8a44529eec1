"""A folder of judged triplets in the layout of qmul-v1, with generated pictures."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests import factories


@pytest.fixture
def pack(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes a qmul-v1 folder: six photos, two sketches judged in three rounds."""

    def written(**changes: object) -> Path:
        root = tmp_path / "stools"
        rng = np.random.default_rng(1)
        for folder in ("images", "sketches"):
            (root / "train" / folder).mkdir(parents=True, exist_ok=True)
        for number in range(1, 7):
            (root / "train" / "images" / f"{number}.jpg").write_bytes(factories.picture(number))
            (root / "train" / "sketches" / f"{number}.png").write_bytes(drawing(number))
        pairs = list(combinations(range(4), 2))
        rounds = [[list(p if rng.random() < 0.7 else p[::-1]) for p in pairs] for _ in range(3)]
        triplets = [[pair for one in rounds for pair in one] if row < 2 else [] for row in range(6)]
        part = {
            "images": [f"{n}.jpg" for n in range(1, 7)],
            "sketches": [f"{n}.png" for n in range(1, 7)],
            "triplets": triplets,
        }
        part |= changes
        (root / "annotation").mkdir(exist_ok=True)
        (root / "annotation" / "stools_annotation.json").write_text(json.dumps({"train": part}))
        return root

    return written


def drawing(seed: int) -> bytes:
    """Return a PNG of black lines on white."""
    canvas = np.full((256, 256), 255, np.uint8)
    cv2.rectangle(canvas, (40 + 5 * seed, 60), (180, 200), 0, 3)
    cv2.line(canvas, (40 + 5 * seed, 60), (180, 200), 0, 3)
    return bytes(cv2.imencode(".png", canvas)[1])

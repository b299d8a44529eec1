"""A catalogue of any size: the demo's renders, repeated with jitter, as a folder of JPEGs and a feed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from django.conf import settings
from numpy.typing import NDArray
from PIL import Image

RENDERS = settings.BASE_DIR / "webapp" / "catalog" / "demo" / "data" / "photos"
CATEGORIES = 50


def renders_write(folder: Path, n: int, *, side_px: int, seed: int = 0) -> Path:
    """Write n pictures, each different, of `side_px` on the longer side, and return the feed that names them."""
    rng = np.random.default_rng(seed)
    feed = folder / "feed.jsonl"
    with feed.open("w") as rows:
        for number, picture in enumerate(_pictures(n, side_px, rng)):
            name = f"{number}.jpg"
            Image.fromarray(picture).save(folder / name, "JPEG", quality=88)
            row = {"sku": f"R{number}", "name": f"Render {number}", "photo": name}
            rows.write(json.dumps({**row, "category": f"shelf {number % CATEGORIES}"}) + "\n")
    return feed


def _pictures(n: int, side_px: int, rng: np.random.Generator) -> Iterator[NDArray[np.uint8]]:
    files = sorted(RENDERS.glob("*.webp"))
    for number in range(n):
        with Image.open(files[number % len(files)]) as render:
            yield _jittered(np.asarray(render.convert("RGB")), side_px, rng)


def _jittered(image: NDArray[np.uint8], side_px: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Turn, stretch, mirror and tint a picture, uint8 (H, W, 3), on its white ground."""
    height, width = image.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), rng.uniform(-8, 8), rng.uniform(0.8, 1.0))
    turn[0] *= rng.uniform(0.9, 1.1)
    turn *= side_px / max(height, width)
    size = (round(width * side_px / max(height, width)), round(height * side_px / max(height, width)))
    moved = cv2.warpAffine(
        image, turn, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=(255,) * 3
    )
    tinted = 255 - (255 - moved.astype(np.float32)) * rng.uniform(0.85, 1.0, 3)
    mirrored = tinted[:, ::-1] if rng.random() < 0.5 else tinted
    return np.ascontiguousarray(mirrored.round().clip(0, 255).astype(np.uint8))

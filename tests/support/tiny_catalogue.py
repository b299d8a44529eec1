"""A small catalogue folder with photos, drawings and doodles, free of rights."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import cv2
import numpy as np

WORDS = {"c3": "Tent", "c4": "Table", "c5": "Mug"}  # of the products' names, by category


def polygon(corners: int, turn: float, squash: float) -> list[list[list[float]]]:
    angle = turn + np.linspace(0, 2 * np.pi, corners + 1)
    xs, ys = 128 + 100 * np.cos(angle), 128 + 100 * squash * np.sin(angle)
    inner = [(0.5 * xs + 64).tolist(), (0.5 * ys + 64).tolist()]
    return [[xs.tolist(), ys.tolist()], inner]


def write_catalogue(folder: Path) -> Path:
    """Write 30 products in 3 categories, with photos, drawings, a QuickDraw map, and doodles of two QuickDraw names."""
    (folder / "photos").mkdir(parents=True)
    (folder / "doodles").mkdir()
    rng = np.random.default_rng(0)
    products, drawings, doodles = [], [], []
    for number in range(30):
        corners = 3 + number % 3
        drawing = polygon(corners, float(rng.uniform(0, 6)), float(rng.uniform(0.4, 1)))
        photo = np.full((96, 96, 3), 255, np.uint8)
        outline = np.stack(drawing[0], axis=1) * 96 / 256
        cv2.fillPoly(photo, [outline.astype(np.int32)], rng.integers(0, 200, 3).tolist())
        cv2.imwrite(str(folder / "photos" / f"p{number}.png"), photo)
        row = {
            "sku": f"p{number}",
            "name": f"{WORDS[f'c{corners}']} {number}",
            "category": f"c{corners}",
            "photo": f"photos/p{number}.png",
        }
        products.append(row)
        drawings.append({"key_id": f"p{number}", "word": row["category"], "view": "main", "drawing": drawing})
    for number in range(40):
        drawing = polygon(3 + number % 2, float(rng.uniform(0, 6)), 1.0)
        doodles.append(
            {"word": ["triangle", "square"][number % 2], "key_id": f"d{number}", "drawing": drawing}
        )
    (folder / "products.jsonl").write_text("".join(json.dumps(row) + "\n" for row in products))
    (folder / "quickdraw-map.json").write_text(json.dumps({"triangle": ["c3"], "square": ["p1", "c4"]}))
    with gzip.open(folder / "drawings.ndjson.gz", "wt") as file:
        file.writelines(json.dumps(row) + "\n" for row in drawings)
    for word in ("triangle", "square"):
        lines = [json.dumps(row) + "\n" for row in doodles if row["word"] == word]
        (folder / "doodles" / f"{word}.ndjson").write_text("".join(lines))
    return folder

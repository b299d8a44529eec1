"""Small generated datasets in the public layouts, with photos and sketches free of rights."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

N_TRAIN, N_TEST = 20, 4


def outline(seed: int, size: int = 64) -> NDArray[np.uint8]:
    """Return a dark polygon on white, uint8 (size, size), different for each seed."""
    rng = np.random.default_rng(seed)
    corners = rng.integers(size // 8, size - size // 8, (5, 2)).astype(np.int32)
    return np.asarray(cv2.polylines(np.full((size, size), 255, np.uint8), [corners], True, 0, 2), np.uint8)


def product(seed: int, size: int = 64) -> NDArray[np.uint8]:
    """Return a filled, coloured polygon on white, uint8 (size, size, 3), with the same outline."""
    rng = np.random.default_rng(seed)
    corners = rng.integers(size // 8, size - size // 8, (5, 2)).astype(np.int32)
    colour = tuple(map(int, rng.integers(0, 200, 3)))
    return np.asarray(cv2.fillPoly(np.full((size, size, 3), 255, np.uint8), [corners], colour), np.uint8)


def write(path: Path, image: NDArray[np.uint8]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), image)


def write_lines(path: Path, rows: list[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def drawing(seed: int) -> list[list[list[float]]]:
    """Return two strokes in QuickDraw's form."""
    points = np.random.default_rng(seed).integers(10, 240, (2, 2, 6))
    stroke: list[list[list[float]]] = points.tolist()
    return stroke


def write_qmul_v1(root: Path) -> Path:
    """Write 20 train and 4 test pairs; a train sketch has 3 votes on each of 2 pairs, a test sketch one on each."""
    annotation = {}
    for split, first, n, votes in (("train", 1, N_TRAIN, 3), ("test", 1 + N_TRAIN, N_TEST, 1)):
        for number in range(first, first + n):
            write(root / split / "images" / f"{number}.jpg", product(number))
            write(root / split / "edges" / f"{number}.png", outline(number))
            write(root / split / "sketches" / f"{number}.png", np.roll(outline(number), 3, axis=1))
        keys = range(first, first + n)
        # The third vote on the first pair contradicts the others.
        pairs = [[[i, (i + 1) % n], [i, (i + 2) % n]] * votes for i in range(n)]
        if votes > 1:
            pairs = [[[farther, nearer], *rest] for (nearer, farther), *rest in pairs]
        annotation[split] = {
            "images": [f"{key}.jpg" for key in keys],
            "sketches": [f"{key}.png" for key in keys],
            "triplets": pairs,
        }
    (root / "annotation").mkdir()
    (root / "annotation" / f"{root.name}_annotation.json").write_text(json.dumps(annotation))
    return root


def write_sketchy(root: Path) -> Path:
    """Write three categories of ten photos, each with a sketch."""
    for number in range(30):
        category = ("cat", "cup", "hat")[number // 10]
        write(root / "photo" / category / f"n_{number}.jpg", product(number))
        write(root / "sketch" / category / f"n_{number}-1.png", outline(number))
    return root


def write_snapshot(root: Path) -> Path:
    """Write five products (three train, one val, one test) with a sketch each, and a visitor's sketch without product."""
    splits = ["train", "train", "train", "val", "test"]
    products = [
        {"key": f"p{i}", "category": "hat", "split": split, "photo": f"photos/p{i}.jpg"}
        for i, split in enumerate(splits)
    ]
    for i in range(5):
        write(root / "photos" / f"p{i}.jpg", product(i))
    sketches: list[dict[str, Any]] = [
        {"key_id": f"s{i}", "word": "hat", "photo": f"p{i}", "drawing": drawing(i)} for i in range(5)
    ]
    sketches.append({"key_id": "s5", "word": "hat", "photo": None, "split": "train", "drawing": drawing(5)})
    triplets: list[dict[str, Any]] = [
        {
            "sketch": "s0",
            "positive": "p0",
            "negative": "p1",
            "split": "train",
            "votes": {"positive": 2, "negative": 1, "cant_tell": 1},
        },
        {"sketch": "s5", "positive": "p1", "negative": "p2", "split": "train"},
        {
            "sketch": "s4",
            "positive": "p4",
            "negative": "p0",
            "split": "test",
            "votes": {"positive": 3, "negative": 2},
        },
    ]
    write_lines(root / "products.jsonl", products)
    write_lines(root / "sketches.ndjson", sketches)
    write_lines(root / "triplets.jsonl", triplets)
    (root / "manifest.json").write_text(json.dumps({"format": "sketchfind-snapshot", "version": 1}))
    return root

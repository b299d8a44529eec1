"""Contact sheets: photo and line drawing of each product with its SKU and name, for visual inspection."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from .work import Task

_TILE = 168
_LABEL = 26
_COLUMNS = 8
_ROWS = 3


def write_sheets(tasks: list[Task], folder: Path) -> Iterator[Path]:
    """Write one sheet for every 24 products, ordered by category. Yield the files."""
    folder.mkdir(parents=True, exist_ok=True)
    ordered = sorted(tasks, key=lambda task: (task.product.category, task.product.sku))
    page = _COLUMNS * _ROWS
    for start in range(0, len(ordered), page):
        chosen = ordered[start : start + page]
        sheet = Image.new("RGB", (_COLUMNS * _TILE, _ROWS * (2 * _TILE + _LABEL)), "white")
        pen = ImageDraw.Draw(sheet)
        for place, task in enumerate(chosen):
            x, y = place % _COLUMNS * _TILE, place // _COLUMNS * (2 * _TILE + _LABEL)
            with Image.open(task.picture("main")) as photo:
                sheet.paste(photo.resize((_TILE, _TILE)), (x, y))
            drawings = json.loads(task.record.read_text())["drawings"]
            sheet.paste(Image.fromarray(_strokes(drawings["main"])), (x, y + _TILE))
            pen.text((x + 2, y + 2 * _TILE), task.product.sku[3:], fill="black")
            pen.text(
                (x + 2, y + 2 * _TILE + 11), f"{task.product.category}: {task.product.name}", fill="blue"
            )
        path = folder / f"sheet-{start // page + 1:02d}.png"
        sheet.save(path)
        yield path


def _strokes(drawing: list[Any]) -> NDArray[np.uint8]:
    picture = np.full((_TILE, _TILE), 255, np.uint8)
    for xs, ys in drawing:
        line = np.round(np.stack((xs, ys), axis=1) * _TILE / 256 * 16).astype(np.int32)
        cv2.polylines(picture, [line], False, 0, 1, cv2.LINE_AA, 4)
    return picture

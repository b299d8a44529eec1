"""Qualitative sheets as PNG: one query and its ten nearest photos per row, with the true photo framed.

A scorer with attention gets a second row per query: its maps over the sketch and over the photos.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from ml.datasets.frames import FrameSpec, framed
from ml.datasets.pairs import PairDataset
from ml.protocols.pairs import Measurement
from ml.protocols.scorer import AttentiveScorer, Scorer

SHOWN = 10
ROWS_PER_SHEET = 10
CELL_PX, GAP_PX, CAPTION_PX = 112, 8, 16
WHOLE = FrameSpec(size_px=CELL_PX, crop="none", squareness=0.0, margin=0.0)
GREEN, GREY, HEAT = (22, 163, 74), (90, 90, 90), np.array((220, 38, 38), dtype=np.float32)
Pixels = NDArray[np.uint8]


def write_sheets(
    folder: Path, scorer: Scorer, dataset: PairDataset, measured: Measurement, *, sheets: int = 12
) -> list[Path]:
    """Write at most `sheets` sheets, `sheet-01.png` and so on, and return the files; larger sets are thinned evenly."""
    n_queries = len(measured.sketch_rows)
    picked = np.unique(
        np.linspace(0, n_queries - 1, min(n_queries, sheets * ROWS_PER_SHEET)).round().astype(int)
    )
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for start in range(0, len(picked), ROWS_PER_SHEET):
        lines = [
            line
            for query in picked[start : start + ROWS_PER_SHEET]
            for line in _lines(scorer, dataset, measured, int(query))
        ]
        files.append(folder / f"sheet-{start // ROWS_PER_SHEET + 1:02d}.png")
        _stacked(lines).save(files[-1], optimize=True)
    return files


def _lines(scorer: Scorer, dataset: PairDataset, measured: Measurement, query: int) -> list[Image.Image]:
    """Return the one or two rows of a query."""
    sketch = measured.sketch_rows[query : query + 1]
    nearest = np.argsort(measured.distances[query], kind="stable")[:SHOWN]
    nearest = nearest[np.isfinite(measured.distances[query][nearest])]
    photos = measured.photo_rows[nearest]
    cells = [_rgb(framed(dataset, "sketch", sketch[0], WHOLE))]
    cells += [framed(dataset, "photo", row, WHOLE) for row in photos]
    true = [False, *(nearest == measured.true[query])]
    captions = [f"true photo: rank {measured.ranks[query]:g}"]
    lines = [_line(cells, true, captions)]
    if isinstance(scorer, AttentiveScorer):
        maps = scorer.attention(dataset, "sketch", sketch), scorer.attention(dataset, "photo", photos)
        if maps[0] is not None and maps[1] is not None:
            seen = [_rgb(framed(dataset, "sketch", sketch[0], scorer.frame))]
            seen += [framed(dataset, "photo", row, scorer.frame) for row in photos]
            heated = [_heated(image, heat) for image, heat in zip(seen, [*maps[0], *maps[1]], strict=True)]
            lines.append(_line(heated, true, []))
    return lines


def _line(cells: Sequence[Pixels], true: Sequence[bool], captions: Sequence[str]) -> Image.Image:
    step = CELL_PX + GAP_PX
    line = Image.new(
        "RGB", ((1 + SHOWN) * step + 2 * GAP_PX, step + (CAPTION_PX if captions else 0)), "white"
    )
    draw = ImageDraw.Draw(line)
    for column, (cell, framed_green) in enumerate(zip(cells, true, strict=True)):
        x = GAP_PX + column * step + (GAP_PX if column else 0)
        line.paste(Image.fromarray(cell), (x, GAP_PX // 2))
        if framed_green:
            draw.rectangle(
                (x - 3, GAP_PX // 2 - 3, x + CELL_PX + 2, GAP_PX // 2 + CELL_PX + 2), outline=GREEN, width=3
            )
    for column, caption in enumerate(captions):
        draw.text((GAP_PX + column * step, CELL_PX + GAP_PX // 2 + 1), caption, fill=GREY)
    return line


def _heated(image: Pixels, heat: NDArray[np.float32]) -> Pixels:
    """Overlay an image (S, S, 3) with its attention (h, w), strongest in red, scaled to a cell."""
    scaled = np.asarray(heat, dtype=np.float32) / max(float(heat.max()), 1e-9)
    size = (CELL_PX, CELL_PX)
    over = (
        np.asarray(Image.fromarray(scaled).resize(size, Image.Resampling.BICUBIC)).clip(0, 1)[..., None] * 0.7
    )
    under = np.asarray(Image.fromarray(image).resize(size, Image.Resampling.LANCZOS), dtype=np.float32)
    return np.asarray(under * (1 - over) + HEAT * over, dtype=np.uint8)


def _rgb(grey: Pixels) -> Pixels:
    return np.repeat(grey[..., None], 3, axis=2)


def _stacked(lines: Sequence[Image.Image]) -> Image.Image:
    sheet = Image.new("RGB", (lines[0].width, sum(line.height for line in lines)), "white")
    y = 0
    for line in lines:
        sheet.paste(line, (0, y))
        y += line.height
    return sheet
